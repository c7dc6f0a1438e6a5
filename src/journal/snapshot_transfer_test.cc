#include "journal/snapshot_transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// A snapshot as its pieces.
class Pieces {
 public:
  Pieces(Term term, Index index, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; ++at) {
      state_.push_back(static_cast<std::byte>(index * 31 + at));
    }
    chunk_.term = term;
    chunk_.index = index;
    chunk_.index_term = 1;
    chunk_.state_bytes = bytes;
    chunk_.content = snapshot_digest({}, state_);
  }
  [[nodiscard]] SnapshotChunk at(std::size_t offset, std::size_t bytes = 10) const {
    SnapshotChunk chunk = chunk_;
    chunk.offset = offset;
    chunk.bytes = base::Bytes(state_).subspan(offset, bytes);
    return chunk;
  }
  [[nodiscard]] Pieces in(Term term) const {
    Pieces other = *this;
    other.chunk_.term = term;
    return other;
  }

 private:
  std::vector<std::byte> state_;
  SnapshotChunk chunk_;
};

TEST(SnapshotReceiver, GoesOnFromWhatHasCome) {
  const Pieces pieces(3, 100, 30);
  SnapshotReceiver receiver;
  EXPECT_EQ(receiver.take(1, pieces.at(0)).offset, 10U);
  EXPECT_EQ(receiver.take(1, pieces.at(20)).offset, 10U) << "one before it is missing";
  EXPECT_EQ(receiver.take(1, pieces.at(0)).offset, 10U) << "it is there already";
  EXPECT_EQ(receiver.take(1, pieces.at(10)).offset, 20U);
  EXPECT_FALSE(receiver.complete());
  EXPECT_EQ(receiver.take(1, pieces.at(20)).offset, 30U);
  const auto complete = receiver.complete();
  ASSERT_TRUE(complete);
  EXPECT_EQ(complete->info.index, 100U);
  EXPECT_EQ(complete->state.size(), 30U);
  EXPECT_EQ(receiver.take(1, pieces.at(20)).offset, 30U) << "it is answered as taken";
}

// The lines before may still hold its beginning.
TEST(SnapshotReceiver, AnOlderSnapshotThatComesLateDoesNotReplaceTheNewerOne) {
  const Pieces older(3, 100, 30);
  const Pieces newer(3, 200, 30);
  SnapshotReceiver receiver;
  EXPECT_EQ(receiver.take(1, older.at(0)).offset, 10U);
  EXPECT_EQ(receiver.take(1, newer.at(0)).offset, 10U) << "a newer one takes its place";
  EXPECT_EQ(receiver.take(1, newer.at(10)).offset, 20U);
  const SnapshotReceived late = receiver.take(1, older.at(0));
  EXPECT_EQ(late.index, 100U);
  EXPECT_EQ(late.offset, 0U);
  EXPECT_EQ(receiver.take(1, newer.at(20)).offset, 30U);
  ASSERT_TRUE(receiver.has_complete());
  EXPECT_EQ(receiver.complete()->info.index, 200U);
}

TEST(SnapshotReceiver, OneOfADeposedLeaderDoesNotReplaceThatOfTheNext) {
  const Pieces deposed(3, 300, 30);
  const Pieces next(4, 200, 30);
  SnapshotReceiver receiver;
  EXPECT_EQ(receiver.take(1, deposed.at(0)).offset, 10U);
  EXPECT_EQ(receiver.take(2, next.at(0)).offset, 10U) << "whoever leads decides";
  EXPECT_EQ(receiver.take(1, deposed.at(0)).offset, 0U);
  EXPECT_EQ(receiver.take(2, next.at(10)).offset, 20U);
}

// Both send the same snapshot. If it were installed in the name of the one that is deposed, the
// core would refuse it.
TEST(SnapshotReceiver, ALatePieceOfTheSameSnapshotDoesNotGiveItBackToADeposedLeader) {
  const Pieces pieces(4, 100, 30);
  SnapshotReceiver receiver;
  EXPECT_EQ(receiver.take(1, pieces.in(3).at(0)).offset, 10U);
  EXPECT_EQ(receiver.take(2, pieces.at(10)).offset, 20U) << "it is gone on with";
  const SnapshotReceived late = receiver.take(1, pieces.in(3).at(20));
  EXPECT_EQ(late.term, 3U) << "as its sender knows it";
  const auto complete = receiver.complete();
  ASSERT_TRUE(complete);
  EXPECT_EQ(complete->from, 2U);
  EXPECT_EQ(complete->term, 4U);
}

TEST(SnapshotReceiver, WhatIsNotWhatItsDigestSaysBeginsAnew) {
  const Pieces pieces(3, 100, 20);
  SnapshotReceiver receiver;
  EXPECT_EQ(receiver.take(1, pieces.at(0)).offset, 10U);
  SnapshotChunk damaged = pieces.at(10);
  const std::vector<std::byte> other(10);
  damaged.bytes = other;
  const SnapshotReceived answer = receiver.take(1, damaged);
  EXPECT_TRUE(answer.is_damaged);
  EXPECT_EQ(answer.offset, 0U);
  EXPECT_FALSE(receiver.complete());
}

// Takes pieces and keeps none.
class SilentLinks final : public Links {
 public:
  bool send(NodeId, base::Bytes) override { return true; }
  bool send_bulk(NodeId, base::Bytes) override { return true; }
  [[nodiscard]] bool is_bulk_on_its_way(NodeId) const override { return false; }
};

TEST(SnapshotSender, TellsWhichSnapshotsItReadsUntilTheyHaveCome) {
  TemporaryFolder folder;
  LogFindings findings;
  const auto log = Log::open(
      folder.disk(), {.segment_bytes = 8192, .cache_bytes = 0, .spare_segments = 0}, findings);
  ASSERT_TRUE(log.ok());
  const std::vector<std::byte> state(100, std::byte{5});
  for (const Index index : {7U, 9U}) {
    SnapshotInfo info;
    info.index = index;
    info.term = 1;
    ASSERT_TRUE(store_snapshot(folder.disk(), info, state).ok());
  }
  SilentLinks links;
  MessageSender messages({}, links, *log.value());
  SnapshotSender sender(folder.disk(), messages, 64);
  EXPECT_THAT(sender.read(), ElementsAre());
  ASSERT_TRUE(sender.begin(2, {1, 7, 1}, 0).ok());
  ASSERT_TRUE(sender.begin(3, {1, 9, 1}, 0).ok());
  EXPECT_THAT(sender.read(), UnorderedElementsAre(7, 9));
  ASSERT_TRUE(sender.received(2, {1, 7, state.size()}, 1).ok());
  EXPECT_THAT(sender.read(), ElementsAre(9));
  sender.stop();
  EXPECT_THAT(sender.read(), ElementsAre());
}

}  // namespace
}  // namespace okiagari::journal

#include "journal/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "journal/identity.h"
#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::HasSubstr;

constexpr LogOptions kSmall{.segment_bytes = 4096, .cache_bytes = 1U << 20, .spare_segments = 0};

std::vector<std::byte> payload_of(Index index, std::size_t size = 100) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(index * 7 + i + 1);
  return bytes;
}

class LogTest : public testing::Test {
 protected:
  void open(const LogOptions& options = kSmall) {
    log_.reset();
    base::Result<std::unique_ptr<Log>> opened = Log::open(folder_.disk(), options, findings_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    log_ = std::move(opened.value());
  }
  void append(Index first, Index last, Term term = 1, std::size_t size = 100) {
    for (Index index = first; index <= last; ++index) {
      log_->append(index, term, EntryType::command, payload_of(index, size));
    }
  }
  void append_synced(Index first, Index last, Term term = 1, std::size_t size = 100) {
    for (Index index = first; index <= last; ++index) {
      append(index, index, term, size);
      ASSERT_TRUE(log_->sync().ok());
    }
  }
  void expect_entries(Index first, Index last, std::size_t size = 100) {
    ASSERT_EQ(log_->first_index(), first);
    ASSERT_EQ(log_->last_index(), last);
    for (Index index = first; index <= last; ++index) {
      const base::Result<Entry> entry = log_->read(index);
      ASSERT_TRUE(entry.ok()) << entry.error().message;
      EXPECT_TRUE(std::ranges::equal(entry.value().payload, payload_of(index, size))) << index;
      EXPECT_EQ(entry.value().chain, log_->chain_at(index));
    }
  }
  std::size_t segments() {
    const std::vector<std::string> names = folder_.disk().list().value();
    return static_cast<std::size_t>(std::ranges::count_if(
        names, [](const std::string& name) { return segment_number(name).has_value(); }));
  }

  TemporaryFolder folder_;
  LogFindings findings_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogTest, ANewLogIsEmpty) {
  open();
  EXPECT_EQ(log_->first_index(), 1U);
  EXPECT_EQ(log_->last_index(), 0U);
  EXPECT_EQ(log_->synced_index(), 0U);
  EXPECT_EQ(log_->term_at(0), 0U);
  EXPECT_EQ(log_->chain_at(0), base::Digest{});
  EXPECT_FALSE(log_->dirty());
  EXPECT_TRUE(log_->sync().ok());
  open();
  EXPECT_EQ(log_->last_index(), 0U);
  EXPECT_FALSE(findings_.torn_tail || findings_.below_watermark);
}

TEST_F(LogTest, WhatWasSyncedIsThereAfterReopening) {
  open();
  append_synced(1, 60);
  EXPECT_EQ(log_->synced_index(), 60U);
  expect_entries(1, 60);
  const base::Digest chain = log_->chain_at(60);
  open();
  EXPECT_EQ(log_->synced_index(), 60U);
  EXPECT_EQ(log_->chain_at(60), chain);
  expect_entries(1, 60);
  append_synced(61, 80);
  open();
  expect_entries(1, 80);
  EXPECT_GT(segments(), 5U);
}

TEST_F(LogTest, WhatWasAppendedButNotSyncedIsReadableAndNotDurable) {
  open();
  append_synced(1, 3);
  append(4, 5);
  EXPECT_TRUE(log_->dirty());
  EXPECT_EQ(log_->synced_index(), 3U);
  expect_entries(1, 5);
  open();
  expect_entries(1, 3);
  EXPECT_FALSE(findings_.torn_tail);
}

TEST_F(LogTest, TermsAndTypesAreKept) {
  open();
  log_->append(1, 1, EntryType::change, {});
  log_->append(2, 4, EntryType::barrier, payload_of(2, 8));
  log_->append(3, 4, EntryType::command, payload_of(3));
  ASSERT_TRUE(log_->sync().ok());
  for (int round = 0; round < 2; ++round, open()) {
    EXPECT_EQ(log_->term_at(1), 1U);
    EXPECT_EQ(log_->term_at(2), 4U);
    EXPECT_EQ(log_->term_at(4), 0U);
    EXPECT_EQ(log_->type_at(1), EntryType::change);
    EXPECT_EQ(log_->type_at(2), EntryType::barrier);
    EXPECT_EQ(log_->type_at(3), EntryType::command);
    EXPECT_TRUE(log_->read(1).value().payload.empty());
  }
}

TEST_F(LogTest, TheChainDependsOnEverythingBeforeAndOnNothingElse) {
  open();
  append_synced(1, 20);
  TemporaryFolder other;
  LogFindings findings;
  const LogOptions large{.segment_bytes = 1U << 16, .cache_bytes = 0, .spare_segments = 0};
  const auto log = std::move(Log::open(other.disk(), large, findings).value());
  for (Index index = 1; index <= 20; ++index) {
    log->append(index, 1, EntryType::command, payload_of(index));
  }
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(log->chain_at(20), log_->chain_at(20));
  log->append(20, 2, EntryType::command, payload_of(20));
  EXPECT_NE(log->chain_at(20), log_->chain_at(20));
  EXPECT_EQ(log->chain_at(19), log_->chain_at(19));
}

TEST_F(LogTest, AnOldEntryIsReadFromDiskOnceTheCacheIsFull) {
  LogOptions options = kSmall;
  options.cache_bytes = 500;
  open(options);
  append_synced(1, 100);
  expect_entries(1, 100);
  EXPECT_TRUE(std::ranges::equal(log_->read(37).value().payload, payload_of(37)));
  EXPECT_TRUE(std::ranges::equal(log_->read(3).value().payload, payload_of(3)));
}

TEST_F(LogTest, UnsyncedEntriesStayInMemoryWhateverTheCacheMayHold) {
  LogOptions options = kSmall;
  options.cache_bytes = 0;
  open(options);
  append(1, 200);
  expect_entries(1, 200);
  ASSERT_TRUE(log_->sync().ok());
  expect_entries(1, 200);
}

TEST_F(LogTest, AnEntryDamagedOnDiskIsNotHandedToAPeer) {
  LogOptions options = kSmall;
  options.cache_bytes = 0;
  open(options);
  append_synced(1, 4);
  folder_.flip(segment_name(1), 512 + 72 + 64 + 10);
  EXPECT_TRUE(log_->read(2).ok());
  const base::Result<Entry> entry = log_->read(1);
  ASSERT_FALSE(entry.ok());
  EXPECT_THAT(entry.error().message, testing::AllOf(HasSubstr(segment_name(1)),
                                                    HasSubstr("offset 584"), HasSubstr("rejoin")));
}

TEST_F(LogTest, ALowerIndexTruncates) {
  open();
  append_synced(1, 30);
  const base::Digest chain = log_->chain_at(10);
  for (Index index = 11; index <= 15; ++index) {
    log_->append(index, 2, EntryType::command, payload_of(index));
    EXPECT_EQ(log_->synced_index(), 10U);
  }
  EXPECT_EQ(log_->last_index(), 15U);
  EXPECT_EQ(log_->chain_at(10), chain);
  ASSERT_TRUE(log_->sync().ok());
  for (int round = 0; round < 2; ++round, open()) {
    expect_entries(1, 15);
    EXPECT_EQ(log_->term_at(10), 1U);
    EXPECT_EQ(log_->term_at(11), 2U);
    EXPECT_EQ(log_->synced_index(), 15U);
    EXPECT_FALSE(findings_.below_watermark);
  }
}

TEST_F(LogTest, TruncationAndNewEntriesMayShareOneSync) {
  open();
  append_synced(1, 5);
  append(6, 9);
  append(4, 12, 2);
  append(7, 8, 3);
  ASSERT_TRUE(log_->sync().ok());
  for (int round = 0; round < 2; ++round, open()) {
    expect_entries(1, 8);
    EXPECT_EQ(log_->term_at(3), 1U);
    EXPECT_EQ(log_->term_at(6), 2U);
    EXPECT_EQ(log_->term_at(8), 3U);
  }
}

TEST_F(LogTest, ATruncationBelowTheWatermarkIsNoLoss) {
  open();
  append_synced(1, 30);
  ASSERT_TRUE(log_->raise_watermark(30).ok());
  append_synced(5, 6, 2);
  open();
  EXPECT_FALSE(findings_.below_watermark);
  expect_entries(1, 6);
  EXPECT_EQ(log_->watermark(), 4U);
  ASSERT_TRUE(log_->raise_watermark(6).ok());
  EXPECT_EQ(log_->watermark(), 6U);
}

// The mark was of other entries with the same indexes.
TEST_F(LogTest, EntriesThatReplaceMarkedOnesAreNotMarkedYet) {
  open();
  append_synced(1, 4);
  ASSERT_TRUE(log_->raise_watermark(4).ok());
  append_synced(3, 4, 2);
  EXPECT_EQ(log_->watermark(), 2U);
  ASSERT_TRUE(log_->raise_watermark(4).ok());
  const std::vector<std::byte> torn = folder_.bytes(segment_name(1));
  log_.reset();
  folder_.replace(segment_name(1), base::Bytes(torn).first(512 + 5 * 512));
  ASSERT_TRUE(
      folder_.disk().allocate(folder_.disk().open(segment_name(1), false).value(), 4096).ok());
  open();
  EXPECT_TRUE(findings_.below_watermark);
}

TEST_F(LogTest, ASyncLargerThanASegmentIsSplit) {
  open();
  append(1, 40, 1, 900);
  append(41, 43, 1, 3300);
  ASSERT_TRUE(log_->sync().ok());
  open();
  ASSERT_EQ(log_->last_index(), 43U);
  EXPECT_TRUE(std::ranges::equal(log_->read(40).value().payload, payload_of(40, 900)));
  EXPECT_TRUE(std::ranges::equal(log_->read(43).value().payload, payload_of(43, 3300)));
}

TEST_F(LogTest, DroppedEntriesGoWithWholeSegments) {
  open();
  append_synced(1, 100);
  const std::size_t before = segments();
  const base::Digest chain = log_->chain_at(50);
  ASSERT_TRUE(log_->drop_up_to(50).ok());
  EXPECT_LT(segments(), before);
  const Index first = log_->first_index();
  EXPECT_GT(first, 40U);
  EXPECT_LE(first, 51U);
  for (int round = 0; round < 2; ++round, open()) {
    expect_entries(first, 100);
    EXPECT_EQ(log_->term_at(first - 1), 1U);
    EXPECT_EQ(log_->term_at(first - 2), 0U);
    EXPECT_EQ(log_->chain_at(50), chain);
  }
  ASSERT_TRUE(log_->drop_up_to(10).ok());
  EXPECT_EQ(log_->first_index(), first);
}

// The segment that begins with a truncation of entries of the one before it cannot be the first.
TEST_F(LogTest, ALogNeverBeginsInsideABranchThatWasGivenUp) {
  open();
  append_synced(1, 6);
  append_synced(5, 40, 2);
  for (Index dropped = 1; dropped <= 40; ++dropped) {
    ASSERT_TRUE(log_->drop_up_to(dropped).ok());
    ASSERT_LE(log_->first_index(), dropped + 1);
    open();
    expect_entries(log_->first_index(), 40);
  }
}

TEST_F(LogTest, ALogRestartsBehindASnapshot) {
  open();
  append_synced(1, 30);
  append(31, 33);
  base::Digest chain;
  chain.fill(std::byte{0x5A});
  ASSERT_TRUE(log_->restart_after(1000, 9, chain).ok());
  EXPECT_FALSE(log_->dirty());
  for (int round = 0; round < 2; ++round, open()) {
    EXPECT_EQ(log_->first_index(), 1001U);
    EXPECT_EQ(log_->last_index(), 1000U);
    EXPECT_EQ(log_->synced_index(), 1000U);
    EXPECT_EQ(log_->term_at(1000), 9U);
    EXPECT_EQ(log_->chain_at(1000), chain);
    EXPECT_EQ(segments(), 1U);
    EXPECT_EQ(log_->watermark(), 1000U);
    ASSERT_TRUE(log_->raise_watermark(1000).ok());
    EXPECT_FALSE(findings_.below_watermark);
  }
  append_synced(1001, 1040, 9);
  open();
  expect_entries(1001, 1040);
}

// A peer's snapshot may also lie behind the log.
TEST_F(LogTest, ALogMayRestartAtALowerIndex) {
  open();
  append_synced(1, 30);
  ASSERT_TRUE(log_->raise_watermark(30).ok());
  ASSERT_TRUE(log_->restart_after(20, 2, {}).ok());
  append_synced(21, 22, 2);
  open();
  expect_entries(21, 22);
  EXPECT_FALSE(findings_.below_watermark);
}

TEST_F(LogTest, OtherSegmentSizesMayFollow) {
  open();
  append_synced(1, 30);
  LogOptions larger = kSmall;
  larger.segment_bytes = 16384;
  open(larger);
  expect_entries(1, 30);
  append_synced(31, 90);
  append_synced(91, 91, 1, 12'000);
  open();
  EXPECT_TRUE(std::ranges::equal(log_->read(91).value().payload, payload_of(91, 12'000)));
}

TEST_F(LogTest, TheHelperKeepsSegmentsReadyAndRemovesOldOnes) {
  LogOptions options = kSmall;
  options.spare_segments = 2;
  options.reused_segments = 3;
  options.segment_bytes = 1U << 16;
  open(options);
  append_synced(1, 100, 1, 3000);
  ASSERT_TRUE(log_->drop_up_to(90).ok());
  append_synced(101, 200, 1, 3000);
  open(options);
  expect_entries(log_->first_index(), 200, 3000);
  EXPECT_GT(log_->first_index(), 50U);
  log_.reset();
  open();  // and without a helper the spares are used up
  append_synced(201, 300, 1, 3000);
  open();
  expect_entries(log_->first_index(), 300, 3000);
}

TEST_F(LogTest, DroppedSegmentsThatWaitedAreRemovedWhenTheLogIsOpened) {
  LogOptions options = kSmall;
  options.reused_segments = 3;
  const auto used = [this] {
    std::vector<std::string> names = folder_.disk().list().value();
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".used"); });
    return names.size();
  };
  open(options);
  append_synced(1, 100);
  ASSERT_TRUE(log_->drop_up_to(90).ok());
  EXPECT_EQ(used(), 3U);
  open(options);
  EXPECT_EQ(used(), 0U);
  expect_entries(log_->first_index(), 100);
  append_synced(101, 200);
  open(options);
  expect_entries(log_->first_index(), 200);
}

TEST_F(LogTest, BytesOnDiskGrowWithEachSync) {
  open();
  const std::uint64_t empty = log_->bytes_on_disk();
  append_synced(1, 1);
  EXPECT_EQ(log_->bytes_on_disk(), empty + 512);
  append_synced(2, 20);
  EXPECT_GT(log_->bytes_on_disk(), 20 * 100U);
}

}  // namespace
}  // namespace okiagari::journal

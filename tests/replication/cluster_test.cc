#include "tests/replication/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "journal/segment.h"

namespace okiagari::replication {
namespace {

using Kind = journal::ServerChange::Kind;

using journal::Role;

TEST(Cluster, ANewClusterElectsALeaderThatOpens) {
  Cluster cluster;
  cluster.start_all();
  const NodeId leader = cluster.elect();
  ASSERT_NE(leader, 0);
  EXPECT_EQ(cluster.replica(leader).view().role, Role::leader);
  EXPECT_EQ(cluster.machine(leader).open_term(), cluster.replica(leader).view().term);
  EXPECT_TRUE(cluster.machine(leader).applied().empty()) << "only commands are applied";
}

TEST(Cluster, AThousandBatchesReachAllInOrder) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(1000));
  EXPECT_TRUE(cluster.agree());
  for (NodeId node = 1; node <= 3; ++node) {
    ASSERT_EQ(cluster.machine(node).applied().size(), 1000U);
    EXPECT_TRUE(cluster.machine(node).applied()[7].batch.starts_with("batch 8."));
  }
}

TEST(Cluster, ADeadLeaderIsReplacedWithinMilliseconds) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId old = cluster.leader();
  cluster.kill(old);
  const std::uint64_t before_us = cluster.now_us();
  const NodeId next = cluster.elect();
  ASSERT_NE(next, 0);
  EXPECT_NE(next, old);
  EXPECT_LT(cluster.now_us() - before_us, 5000U);
  EXPECT_EQ(cluster.replica(next).view().counters.elections_by_reset, 1U);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.start(old);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.machine(old).applied().size(), 30U);
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, AllLosePowerAndComeBackWithEverything) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(200, 3000));
  for (NodeId node = 1; node <= 3; ++node) cluster.power_off(node);
  cluster.start_all();
  ASSERT_NE(cluster.elect(), 0) << cluster.error(1);
  ASSERT_TRUE(cluster.replicate(1));
  for (NodeId node = 1; node <= 3; ++node) {
    EXPECT_EQ(cluster.machine(node).applied().size(), 201U);
  }
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, AFrozenLeaderIsRelievedWhenBothOthersMissIt) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId old = cluster.leader();
  cluster.freeze(old);
  const std::uint64_t before_us = cluster.now_us();
  const NodeId next = cluster.elect();
  ASSERT_NE(next, 0);
  EXPECT_LT(cluster.now_us() - before_us, 200'000U);
  EXPECT_EQ(cluster.replica(next).view().counters.elections_by_silence, 1U);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.thaw(old);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.machine(old).times_lost(), 1U);
  EXPECT_EQ(cluster.machine(old).applied().size(), 30U);
  EXPECT_TRUE(cluster.agree());
}

// One follower hears nothing; the other does. Nobody is deposed.
TEST(Cluster, AFollowerThatAloneMissesTheLeaderDeposesNobody) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId leader = cluster.leader();
  const NodeId deaf = leader % 3 + 1;
  const Term term = cluster.replica(leader).view().term;
  cluster.block(leader, deaf);
  cluster.run_ms(3000);
  EXPECT_EQ(cluster.leader(), leader);
  EXPECT_EQ(cluster.replica(leader).view().term, term);
  EXPECT_EQ(cluster.replica(deaf).view().depositions, 0U);
  cluster.unblock(leader, deaf);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.replica(leader).view().term, term) << "nor when it is back";
}

// The leader's heartbeats come, and what is said to it about them, but no acknowledgement of
// entries.
TEST(Cluster, ALeaderThatCommitsNothingIsRelieved) {
  Cluster cluster;
  // Else the library lets it step down before, because it hears of nobody.
  cluster.options.timeouts.election_ms = 5000;
  cluster.start_all();
  ASSERT_NE(cluster.elect(20'000), 0);
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId sick = cluster.leader();
  const Index committed = cluster.replica(sick).view().commit_index;
  cluster.loses = [=](NodeId, NodeId to, const journal::PeerMessage& message) {
    const auto* result = std::get_if<journal::AppendEntriesResult>(&message);
    return to == sick && result != nullptr && result->last_index > committed;
  };
  const std::string batch = "one that is not acknowledged";
  ASSERT_EQ(cluster.replica(sick).submit(base::as_bytes(batch)), journal::SubmitResult::accepted);
  ASSERT_TRUE(
      cluster.run_until([&] { return cluster.leader() != 0 && cluster.leader() != sick; }, 2000));
  EXPECT_EQ(cluster.replica(cluster.leader()).view().counters.elections_by_no_progress, 1U);
}

TEST(Cluster, APlannedHandOverTakesNoTime) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  for (int i = 0; i < 10; ++i) {
    const NodeId old = cluster.leader();
    const NodeId target = old % 3 + 1;
    const std::uint64_t before_us = cluster.now_us();
    ASSERT_TRUE(cluster.replica(old).transfer(target).ok());
    EXPECT_FALSE(cluster.replica(old).can_submit());
    ASSERT_TRUE(cluster.run_until([&] { return cluster.leader() == target; }));
    EXPECT_LT(cluster.now_us() - before_us, 3000U);
    ASSERT_TRUE(cluster.replicate(10));
  }
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, AHandOverToOneThatCannotTakeOverIsRefusedOrGivenUp) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId leader = cluster.leader();
  const NodeId other = leader % 3 + 1;
  EXPECT_FALSE(cluster.replica(leader).transfer(leader).ok());
  EXPECT_FALSE(cluster.replica(leader).transfer(9).ok());
  EXPECT_FALSE(cluster.replica(other).transfer(0).ok()) << "it does not lead";
  cluster.freeze(other);
  ASSERT_TRUE(cluster.replicate(5));
  ASSERT_TRUE(cluster.replica(leader).transfer(other).ok());
  cluster.run_ms(500);
  EXPECT_EQ(cluster.replica(leader).view().counters.transfers_given_up, 1U);
  EXPECT_TRUE(cluster.replica(leader).can_submit());
}

TEST(Cluster, SubmitSaysWhyItRefuses) {
  Cluster cluster;
  cluster.start_all();
  const NodeId leader = cluster.elect();
  const NodeId other = leader % 3 + 1;
  const std::string batch = "a batch";
  const std::string huge(2 << 20, 'x');
  using journal::SubmitResult;
  EXPECT_EQ(cluster.replica(other).submit(base::as_bytes(batch)), SubmitResult::not_leader);
  EXPECT_EQ(cluster.replica(leader).submit(base::as_bytes(huge)), SubmitResult::too_large);
  for (std::uint32_t i = 0; i < cluster.options.max_entries_in_flight; ++i) {
    EXPECT_EQ(cluster.replica(leader).submit(base::as_bytes(batch)), SubmitResult::accepted);
  }
  EXPECT_FALSE(cluster.replica(leader).can_submit());
  EXPECT_EQ(cluster.replica(leader).submit(base::as_bytes(batch)), SubmitResult::busy);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.replica(leader).can_submit(); }));
}

TEST(Cluster, FollowersLearnOfACommitAtOnce) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(1));
  cluster.run_ms(5);
  const std::uint64_t before_us = cluster.now_us();
  ASSERT_TRUE(cluster.replicate(1));
  EXPECT_LT(cluster.now_us() - before_us, 1000U) << "not with the next heartbeat";
}

TEST(Cluster, OneThatLagsBehindTheLogGetsASnapshot) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 256 << 10;
  cluster.options.keep_log_bytes = 64 << 10;
  cluster.options.log.segment_bytes = 128 << 10;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId behind = cluster.leader() % 3 + 1;
  cluster.kill(behind);
  ASSERT_TRUE(cluster.replicate(2000, 1000));
  cluster.start(behind);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.replica(behind).view().counters.snapshots_installed, 1U);
  EXPECT_EQ(cluster.machine(behind).applied().size(), 2020U);
  EXPECT_TRUE(cluster.agree());
  EXPECT_GT(cluster.replica(behind).view().first_index, 1000U);
  cluster.kill(behind);
  cluster.start(behind);
  ASSERT_TRUE(cluster.replicate(10)) << cluster.error(behind);
  EXPECT_EQ(cluster.machine(behind).applied().size(), 2030U);
}

// All had the same log, so all three slowed down at the same entry, and nobody was left to answer.
TEST(Cluster, TheDayAllServersTookTheirSnapshotsAtOnce) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 256 << 10;
  cluster.options.keep_log_bytes = 64 << 10;
  cluster.start_all();
  std::map<journal::Index, int> taken;
  std::map<NodeId, journal::Index> last;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(cluster.replicate(10, 1000));
    for (NodeId node = 1; node <= 3; ++node) {
      const journal::Index index = cluster.replica(node).view().snapshot_index;
      if (index != std::exchange(last[node], index)) ++taken[index / 10];
    }
  }
  EXPECT_GE(taken.size(), 15U);
  for (const auto& [place, servers] : taken) EXPECT_EQ(servers, 1) << place;
}

TEST(Cluster, ASnapshotWhoseLinkBreaksIsGoneOnWith) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 1 << 20;
  cluster.options.keep_log_bytes = 64 << 10;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId behind = cluster.leader() % 3 + 1;
  cluster.kill(behind);
  ASSERT_TRUE(cluster.replicate(400, 10'000));
  cluster.start(behind);
  std::uint64_t chunks = 0;
  cluster.loses = [&](NodeId, NodeId, const journal::PeerMessage& message) {
    return std::holds_alternative<journal::SnapshotChunk>(message) && ++chunks % 3 == 0;
  };
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_GT(chunks, 10U);
  EXPECT_GE(cluster.replica(behind).view().counters.snapshots_installed, 1U);
  EXPECT_TRUE(cluster.agree());
}

// A piece of a snapshot with what it borrows.
struct KeptChunk {
  explicit KeptChunk(const journal::SnapshotChunk& from)
      : chunk(from),
        configuration(from.configuration.begin(), from.configuration.end()),
        bytes(from.bytes.begin(), from.bytes.end()) {}
  [[nodiscard]] journal::SnapshotChunk get() const {
    journal::SnapshotChunk borrowing = chunk;
    borrowing.configuration = configuration;
    borrowing.bytes = bytes;
    return borrowing;
  }

  journal::SnapshotChunk chunk;
  std::vector<std::byte> configuration;
  std::vector<std::byte> bytes;
};

// One of three gets a snapshot, and what was sent of it is kept.
class LateChunks : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.options.snapshot_after_bytes = 256 << 10;
    cluster_.options.keep_log_bytes = 64 << 10;
    cluster_.options.log.segment_bytes = 128 << 10;
    cluster_.start_all();
    ASSERT_TRUE(cluster_.replicate(10));
    sender_ = cluster_.leader();
    behind_ = sender_ % 3 + 1;
    cluster_.kill(behind_);
    ASSERT_TRUE(cluster_.replicate(2000, 1000));
    cluster_.loses = [this](NodeId, NodeId, const journal::PeerMessage& message) {
      const auto* chunk = std::get_if<journal::SnapshotChunk>(&message);
      if (chunk != nullptr) chunks_.emplace_back(*chunk);
      return false;
    };
    cluster_.start(behind_);
    ASSERT_TRUE(cluster_.replicate(10));
    ASSERT_EQ(installed(), 1U);
    ASSERT_GT(chunks_.size(), 5U);
  }
  [[nodiscard]] std::uint64_t installed() {
    return cluster_.replica(behind_).view().counters.snapshots_installed;
  }
  [[nodiscard]] journal::Sender of(NodeId node) const {
    return {cluster_.options.cluster, node, 1000U + node, false, false, false};
  }
  void all_come_again(NodeId to) {
    for (const KeptChunk& chunk : chunks_) cluster_.deliver(to, of(sender_), chunk.get());
    cluster_.run_ms(50);
  }

  Cluster cluster_;
  NodeId sender_ = 0;
  NodeId behind_ = 0;
  std::vector<KeptChunk> chunks_;
};

TEST_F(LateChunks, OfASnapshotThatWasInstalledChangeNothing) {
  ASSERT_TRUE(cluster_.replicate(100));
  const journal::Index applied = cluster_.replica(behind_).view().applied_index;
  all_come_again(behind_);
  EXPECT_EQ(installed(), 1U);
  EXPECT_GE(cluster_.replica(behind_).view().applied_index, applied);
  ASSERT_TRUE(cluster_.replicate(100));
  EXPECT_EQ(cluster_.leader(), sender_);
  EXPECT_TRUE(cluster_.agree());
}

TEST_F(LateChunks, OfALeaderThatIsNoneAnyMoreChangeNothing) {
  const journal::Term term = cluster_.replica(sender_).view().term;
  ASSERT_TRUE(cluster_.replica(sender_).transfer(behind_).ok());
  ASSERT_TRUE(cluster_.run_until([this] { return cluster_.leader() == behind_; }));
  const auto third = static_cast<NodeId>(6 - sender_ - behind_);
  ASSERT_TRUE(cluster_.replicate(100));
  std::uint64_t answers = 0;
  cluster_.loses = [&](NodeId, NodeId, const journal::PeerMessage& message) {
    answers += std::holds_alternative<journal::SnapshotReceived>(message) ? 1 : 0;
    return false;
  };
  for (const NodeId to : {behind_, third}) all_come_again(to);
  EXPECT_EQ(answers, 0U) << "they are not even kept";
  EXPECT_EQ(cluster_.leader(), behind_) << "it leads on";
  EXPECT_EQ(cluster_.replica(behind_).view().term, term + 1);
  EXPECT_EQ(installed(), 1U);
  EXPECT_EQ(cluster_.replica(third).view().counters.snapshots_installed, 0U);
  ASSERT_TRUE(cluster_.replicate(100));
  EXPECT_TRUE(cluster_.agree());
}

// A frame says of its sender what was so when it was sent.
TEST_F(LateChunks, TakeBackNothingThatTheLinkHasToldOfTheirSender) {
  journal::Sender before = of(behind_);
  before.is_barred_from_voting = true;
  before.is_disk_low = true;
  cluster_.deliver(sender_, before, chunks_.front().get());
  ASSERT_TRUE(cluster_.replica(sender_).transfer(behind_).ok());
  ASSERT_TRUE(cluster_.run_until([this] { return cluster_.leader() == behind_; }));
}

// On a slow line four pieces may take seconds; sent again they would stand behind themselves.
TEST(Cluster, WhatIsOnItsWayOfASnapshotIsNotSentAgain) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 1 << 20;
  cluster.options.keep_log_bytes = 64 << 10;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId behind = cluster.leader() % 3 + 1;
  cluster.kill(behind);
  ASSERT_TRUE(cluster.replicate(400, 10'000));
  std::uint64_t chunks = 0;
  cluster.loses = [&](NodeId, NodeId, const journal::PeerMessage& message) {
    if (!std::holds_alternative<journal::SnapshotChunk>(message)) return false;
    ++chunks;
    return true;
  };
  cluster.holds_chunks_back = true;
  cluster.start(behind);
  ASSERT_TRUE(cluster.run_until([&] { return chunks > 0; }));
  cluster.run_ms(2'000);
  EXPECT_EQ(chunks, 4U);
  // However often it is said: beyond ten seconds they are taken for lost.
  ASSERT_TRUE(cluster.run_until([&] { return chunks > 4; }, 15'000));
  cluster.holds_chunks_back = false;
  cluster.loses = nullptr;
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, AllComeBackFromTheirSnapshots) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 64 << 10;
  cluster.options.keep_log_bytes = 16 << 10;
  cluster.options.log.segment_bytes = 64 << 10;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(500, 1000));
  for (NodeId node = 1; node <= 3; ++node) {
    EXPECT_GT(cluster.replica(node).view().snapshot_index, 300U);
    EXPECT_GT(cluster.replica(node).view().first_index, 100U) << "old log is dropped";
  }
  for (NodeId node = 1; node <= 3; ++node) cluster.power_off(node);
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  for (NodeId node = 1; node <= 3; ++node) {
    EXPECT_EQ(cluster.machine(node).applied().size(), 510U);
  }
}

TEST(Cluster, ALeaderWithLittleDiskHandsOver) {
  Cluster cluster;
  cluster.options.min_free_bytes = 1 << 20;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId full = cluster.leader();
  cluster.disk(full).set_capacity(2 << 20);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.leader() != 0 && cluster.leader() != full; }));
  EXPECT_TRUE(cluster.replica(full).view().disk_low);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.disk(full).set_capacity(UINT64_MAX);
  cluster.run_ms(1000);
  EXPECT_FALSE(cluster.replica(full).view().disk_low);
}

TEST(Cluster, WithLittleDiskEverywhereSubmitsAreRefusedAndNothingElse) {
  Cluster cluster;
  cluster.options.min_free_bytes = 1 << 20;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  for (NodeId node = 1; node <= 3; ++node) cluster.disk(node).set_capacity(2 << 20);
  cluster.run_ms(3000);
  const NodeId leader = cluster.leader();
  ASSERT_NE(leader, 0);
  const std::string batch = "a batch";
  EXPECT_EQ(cluster.replica(leader).submit(base::as_bytes(batch)), journal::SubmitResult::disk_low);
  for (NodeId node = 1; node <= 3; ++node) cluster.disk(node).set_capacity(UINT64_MAX);
  cluster.run_ms(1000);
  ASSERT_TRUE(cluster.replicate(10));
}

// Without the pinned storage, the wiped server would help to elect somebody without the entries
// that it had acknowledged.
TEST(Cluster, AWipedServerUnderItsOldNumberIsRefused) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(100));
  const NodeId leader = cluster.leader();
  const NodeId wiped = leader % 3 + 1;
  cluster.kill(wiped);
  cluster.wipe(wiped, 5555, false);
  cluster.start(wiped);
  cluster.run_ms(3000);
  EXPECT_EQ(cluster.leader(), leader);
  EXPECT_GT(cluster.replica(leader).view().counters.frames_of_wrong_storage, 0U);
  cluster.kill(leader);
  cluster.run_ms(5000);
  EXPECT_EQ(cluster.leader(), 0) << "the third server alone, and nobody who counts";
}

TEST(Cluster, AWipedServerThatNeverVotesIsTakenBack) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(100));
  const NodeId first = cluster.leader();
  const NodeId wiped = first % 3 + 1;
  const NodeId third = wiped % 3 + 1;
  cluster.kill(wiped);
  cluster.wipe(wiped, 5555, true);
  cluster.start(wiped);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.machine(wiped).applied().size() == 100; }));
  EXPECT_EQ(cluster.leader(), third) << "the old leader could not go on with it";
  EXPECT_EQ(cluster.replica(wiped).view().role, Role::standby);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_TRUE(cluster.agree());
  // It stores and acknowledges, but never stands nor votes.
  cluster.kill(first);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.kill(third);
  cluster.run_ms(5000);
  EXPECT_EQ(cluster.leader(), 0);
  EXPECT_EQ(cluster.replica(wiped).view().elections_started, 0U);
  cluster.start(third);
  cluster.start(first);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, ALogBelowItsWatermarkComesBackAsOneThatNeverVotes) {
  Cluster cluster;
  cluster.options.log.segment_bytes = 64 << 10;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(100, 2000));
  cluster.run_ms(2000);
  const NodeId behind = cluster.leader() % 3 + 1;
  cluster.kill(behind);
  std::string newest;
  const std::vector<std::string> names = cluster.disk(behind).list().value();
  for (const std::string& name : names) {
    if (journal::segment_number(name)) newest = std::max(newest, name);
  }
  ASSERT_TRUE(cluster.disk(behind).lose_file(newest));
  cluster.start(behind);
  ASSERT_TRUE(cluster.is_running(behind)) << cluster.error(behind);
  EXPECT_TRUE(cluster.replica(behind).view().barred_from_voting);
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.machine(behind).applied().size(), 110U);
  EXPECT_TRUE(cluster.agree());
}

TEST(Cluster, LogsThatDifferAreFoundOut) {
  Cluster cluster;
  cluster.start(1);
  cluster.start(2);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.options.voters = {1, 2, 3, 4};
  cluster.start(3);
  cluster.run_ms(1000);
  EXPECT_FALSE(cluster.is_running(3));
  EXPECT_NE(cluster.error(3).find("differ at or before entry 1"), std::string::npos)
      << cluster.error(3);
}

TEST(Cluster, AFolderOfAnotherClusterOrNodeIsRefused) {
  Cluster cluster;
  cluster.options.cluster = 99;
  cluster.start(1);
  EXPECT_NE(cluster.error(1).find("belongs to node 1 of cluster"), std::string::npos);
}

TEST(Cluster, ChangesOfTheServersAreTakenOneAtATime) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(cluster.replica(cluster.leader()).change_servers({}).ok());
    EXPECT_FALSE(cluster.replica(cluster.leader()).change_servers({}).ok());
    ASSERT_TRUE(cluster.replicate(3));
  }
  const NodeId leader = cluster.leader();
  const NodeId leaves = leader % 3 + 1;
  const NodeId stays = leaves % 3 + 1;
  ASSERT_TRUE(cluster.replica(leader).change_servers({Kind::remove, {leaves}}).ok());
  cluster.run_ms(100);
  cluster.kill(leaves);
  ASSERT_TRUE(cluster.replicate(10));
  cluster.kill(stays);
  cluster.run_ms(2000);
  EXPECT_EQ(cluster.leader(), 0) << "both are needed now";
}

// A connection that breaks is taken for the leader's death by one who cannot reach anybody: it may
// not go on raising its term for as long as it is alone.
TEST(Cluster, OneThatIsAloneDoesNotRaiseItsTermForEver) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId leader = cluster.leader();
  const NodeId alone = leader % 3 + 1;
  for (NodeId node = 1; node <= 3; ++node) {
    cluster.block(node, alone);
    cluster.block(alone, node);
  }
  cluster.break_link(leader, alone);
  cluster.run_ms(500);
  const Term after_hurry = cluster.replica(alone).view().term;
  cluster.run_ms(20'000);
  EXPECT_EQ(cluster.replica(alone).view().term, after_hurry);
  EXPECT_EQ(cluster.leader(), leader);
}

TEST(Cluster, AnIdleClusterSleeps) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  cluster.run_ms(2000);
  const NodeId follower = cluster.leader() % 3 + 1;
  const std::uint64_t writes = cluster.disk(follower).counters().syncs;
  const std::uint64_t from_us = cluster.now_us();
  std::uint64_t wakes = 0;
  cluster.run_until([&] {
    ++wakes;
    return cluster.now_us() - from_us >= 1'000'000;
  });
  EXPECT_LT(wakes, 600U) << "50 heartbeats to each of two, and their answers";
  EXPECT_EQ(cluster.disk(follower).counters().syncs, writes);
}

}  // namespace
}  // namespace okiagari::replication

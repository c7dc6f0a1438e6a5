// Servers of different versions: what they tell each other, and a snapshot that one cannot read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/replication/cluster.h"

namespace okiagari::replication {
namespace {

using journal::FormatLevels;
using ::testing::Contains;
using ::testing::HasSubstr;

class FormatLevelsTest : public testing::Test {
 protected:
  void start(NodeId node, FormatLevels levels) {
    levels_[node] = levels;
    cluster_.options.levels = [this, node] { return levels_.at(node); };
    cluster_.options.on_levels = [this, node](NodeId from, const FormatLevels& told) {
      told_[node][from] = told;
    };
    cluster_.start(node);
  }
  // Node 3 lacks so much of the log that it needs a snapshot.
  void leave_behind_node_3() {
    cluster_.options.snapshot_after_bytes = 256 << 10;
    cluster_.options.keep_log_bytes = 64 << 10;
    start(1, {4, 4});
    start(2, {4, 4});
    ASSERT_NE(cluster_.elect(), 0);
    ASSERT_TRUE(cluster_.replicate(300, 8 << 10));
    ASSERT_GT(leader_view().first_index, 1U);
  }
  [[nodiscard]] journal::ReplicaView leader_view() {
    return cluster_.replica(cluster_.leader()).view();
  }
  [[nodiscard]] bool has_caught_up(NodeId node) {
    return cluster_.replica(node).view().applied_index == leader_view().commit_index;
  }

  Cluster cluster_;
  std::map<NodeId, FormatLevels> levels_;
  std::map<NodeId, std::map<NodeId, FormatLevels>> told_;
};

TEST_F(FormatLevelsTest, EveryServerHearsWhatEveryOtherOneUnderstands) {
  for (NodeId node = 1; node <= 3; ++node) start(node, {node, 4, 1});
  ASSERT_TRUE(cluster_.run_until(
      [&] { return told_[1].size() == 2 && told_[2].size() == 2 && told_[3].size() == 2; }));
  EXPECT_EQ(told_[1][3].commands, 3);
  EXPECT_EQ(told_[3][2].commands, 2);
  levels_[2].commands = 4;
  EXPECT_TRUE(cluster_.run_until([&] { return told_[1][2].commands == 4; })) << "it is told again";
}

TEST_F(FormatLevelsTest, ASnapshotGoesOnlyToAServerThatReadsIt) {
  leave_behind_node_3();
  start(3, {2, 3});
  cluster_.run_ms(5'000);
  EXPECT_FALSE(has_caught_up(3));
  EXPECT_EQ(leader_view().counters.snapshots_sent, 0U);
  EXPECT_THAT(leader_view().snapshots_kept_back, Contains(3));
  EXPECT_THAT(cluster_.notables(),
              Contains(HasSubstr("node 3 lacks so much of the log that it needs a snapshot, and "
                                 "reads none of level 4, only up to level 3")));
  EXPECT_TRUE(told_[3][cluster_.leader()].keeps_snapshot_back) << "it is told itself";
  const Index before = leader_view().commit_index;
  ASSERT_EQ(cluster_.replica(cluster_.leader()).submit(base::as_bytes("more")),
            journal::SubmitResult::accepted);
  EXPECT_TRUE(cluster_.run_until([&] { return leader_view().commit_index > before; }))
      << "the others go on";

  cluster_.kill(3);
  cluster_.run_ms(500);
  start(3, {4, 4});
  ASSERT_TRUE(cluster_.run_until([&] { return has_caught_up(3); }, 60'000));
  EXPECT_TRUE(leader_view().snapshots_kept_back.empty());
  EXPECT_EQ(cluster_.replica(3).view().counters.snapshots_installed, 1U);
}

TEST_F(FormatLevelsTest, AServerThatCannotApplyWhatIsInTheLogStops) {
  for (NodeId node = 1; node <= 3; ++node) start(node, {4, 4});
  const NodeId leader = cluster_.elect();
  ASSERT_NE(leader, 0);
  const NodeId older = leader % 3 + 1;
  for (NodeId node = 1; node <= 3; ++node) {
    if (node != older) cluster_.machine(node).refused.clear();
  }
  ASSERT_EQ(cluster_.replica(leader).submit(base::as_bytes("refused")),
            journal::SubmitResult::accepted);
  ASSERT_TRUE(cluster_.run_until([&] { return !cluster_.is_running(older); }));
  EXPECT_THAT(cluster_.error(older), HasSubstr("cannot be applied here"));
  EXPECT_TRUE(cluster_.replicate(10)) << "the others go on";
}

}  // namespace
}  // namespace okiagari::replication

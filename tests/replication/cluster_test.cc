#include "tests/replication/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace okiagari::replication {
namespace {

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

}  // namespace
}  // namespace okiagari::replication

#include "watch/cluster_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class ClusterDetectorTest : public testing::Test {
 protected:
  ClusterDetectorTest() {
    for (NodeId node = 1; node <= 3; ++node) cluster_.reachable(node, true, at(now_ms_));
  }
  void say(NodeId node, NodeId leader, std::uint64_t term, Sequence applied) {
    wire::NodeStatus status;
    status.node = node;
    status.leader = leader;
    status.open = node == leader ? 1 : 0;
    status.term = term;
    status.applied_sequence = applied;
    cluster_.status(status, at(now_ms_));
  }
  // All nodes that are listed say so every 50 ms for a while.
  void go_on(std::uint64_t for_ms, NodeId leader, std::uint64_t term,
             const std::vector<NodeId>& nodes = {1, 2, 3}) {
    for (const std::uint64_t end_ms = now_ms_ + for_ms; now_ms_ < end_ms; now_ms_ += 50) {
      for (const NodeId node : nodes) say(node, leader, term, applied_);
      cluster_.tick(at(now_ms_));
      if (moves_) ++applied_;
    }
  }
  static NodeFacts facts_of(NodeId node, std::uint64_t sequence, const std::string& hashes) {
    NodeFacts facts;
    facts.node = node;
    facts.verdict = "fine";
    facts.checkpoints.push_back({sequence, hashes});
    return facts;
  }
  static NodeFacts links_of(NodeId node, std::vector<NodeFacts::Peer> peers) {
    NodeFacts facts;
    facts.node = node;
    facts.verdict = "fine";
    facts.peers = std::move(peers);
    return facts;
  }

  Told told_;
  Reporter reporter_{"test", told_.sink()};
  ClusterDetector cluster_{{1, 2, 3}, {}, reporter_};
  std::uint64_t now_ms_ = 1'000;
  Sequence applied_ = 100;
  bool moves_ = true;
};

TEST_F(ClusterDetectorTest, ClusterThatWorksIsNoNews) {
  go_on(5'000, 1, 3);
  EXPECT_THAT(told_.all, IsEmpty());
  EXPECT_EQ(cluster_.leader(), 1);
  EXPECT_EQ(cluster_.term(), 3u);
}

TEST_F(ClusterDetectorTest, AnotherLeaderIsToldWithTheTimeWithoutOne) {
  go_on(500, 1, 3);
  cluster_.reachable(1, false, at(now_ms_));
  now_ms_ += 20;
  go_on(500, 2, 4, {2, 3});
  ASSERT_THAT(told_.signals(), ElementsAre(signal::leader_changed));
  EXPECT_GT(told_.all[0].value, 0);
  EXPECT_LT(told_.all[0].value, 200);
}

TEST_F(ClusterDetectorTest, NoLeaderAndNoMajorityAreToldOnceEach) {
  go_on(500, 1, 3);
  cluster_.reachable(1, false, at(now_ms_));
  cluster_.reachable(2, false, at(now_ms_));
  go_on(3'000, 0, 3, {3});
  EXPECT_THAT(told_.signals(), ElementsAre(signal::no_leader, signal::quorum_lost));
}

TEST_F(ClusterDetectorTest, TwoThatSayTheyLeadForLongerThanAHandOverAreTold) {
  go_on(500, 1, 3);
  for (int i = 0; i < 10; ++i, now_ms_ += 50) {
    say(1, 1, 3, ++applied_);
    say(2, 2, 4, applied_);
    say(3, 2, 4, applied_);
    cluster_.tick(at(now_ms_));
  }
  EXPECT_THAT(told_.signals(), Contains(signal::two_leaders));
  EXPECT_EQ(cluster_.leader(), 2) << "the one of the higher term";
}

TEST_F(ClusterDetectorTest, ReplicaThatFallsBehindIsToldInTimeNotInCommands) {
  go_on(500, 1, 3);
  const Sequence stuck = applied_;
  for (int i = 0; i < 40; ++i, now_ms_ += 50) {
    say(1, 1, 3, ++applied_);
    say(2, 1, 3, applied_);
    say(3, 1, 3, stuck);
    cluster_.tick(at(now_ms_));
  }
  EXPECT_THAT(told_.entities_of(signal::replica_lags), ElementsAre("node-3"));
}

TEST_F(ClusterDetectorTest, QuietMarketIsNotBehind) {
  moves_ = false;
  go_on(10'000, 1, 3);
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(ClusterDetectorTest, LeaderThatSpeaksButAppliesNothingWhileOrdersWaitIsFound) {
  moves_ = false;
  go_on(3'000, 1, 3);
  EXPECT_THAT(told_.all, IsEmpty()) << "nobody waits";
  cluster_.orders_waiting(now_ms_);
  go_on(3'000, 1, 3);
  EXPECT_THAT(told_.entities_of(signal::no_progress), ElementsAre("node-1"));
}

TEST_F(ClusterDetectorTest, ManyNewTermsAreAStorm) {
  for (std::uint64_t term = 3; term < 10; ++term) go_on(300, 0, term);
  EXPECT_THAT(told_.signals(), Contains(signal::election_storm));
}

TEST_F(ClusterDetectorTest, ReplicaWithAnotherStateThanTheMajorityIsNamed) {
  cluster_.facts(facts_of(1, 50, "a"), at(now_ms_));
  cluster_.facts(facts_of(2, 50, "b"), at(now_ms_));
  told_.all.clear();
  cluster_.facts(facts_of(3, 50, "a"), at(now_ms_));
  EXPECT_THAT(told_.all, IsEmpty()) << "said when it was first seen";
  cluster_.facts(facts_of(1, 60, "c"), at(now_ms_));
  cluster_.facts(facts_of(3, 60, "c"), at(now_ms_));
  EXPECT_THAT(told_.all, IsEmpty());
  cluster_.facts(facts_of(2, 60, "d"), at(now_ms_));
  EXPECT_THAT(told_.entities_of(signal::replica_diverged), ElementsAre("node-2"));
}

TEST_F(ClusterDetectorTest, CheckpointsOfOtherSequencesAreNotCompared) {
  cluster_.facts(facts_of(1, 50, "a"), at(now_ms_));
  cluster_.facts(facts_of(2, 51, "b"), at(now_ms_));
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(ClusterDetectorTest, LinkThatIsCutInOneDirectionIsFoundByWhatBothEndsTell) {
  for (int i = 0; i < 20; ++i, now_ms_ += 100) {
    cluster_.facts(links_of(1, {{2, true, 20}, {3, true, 20}}), at(now_ms_));
    cluster_.facts(links_of(2, {{1, true, 5'000}, {3, true, 20}}), at(now_ms_));
    cluster_.facts(links_of(3, {{1, true, 20}, {2, true, 20}}), at(now_ms_));
    cluster_.tick(at(now_ms_));
  }
  EXPECT_THAT(told_.entities_of(signal::link_one_way), ElementsAre("link node-1 node-2"));
}

TEST_F(ClusterDetectorTest, FollowersThatHaveNothingToSayToEachOtherAreNotCutOff) {
  for (int i = 0; i < 20; ++i, now_ms_ += 100) {
    cluster_.facts(links_of(2, {{1, true, 20}, {3, true, 60'000}}), at(now_ms_));
    cluster_.facts(links_of(3, {{1, true, 20}, {2, true, 60'000}}), at(now_ms_));
    cluster_.tick(at(now_ms_));
  }
  EXPECT_THAT(told_.signals(), Not(Contains(signal::link_one_way)));
}

TEST(NodeFactsTest, ReportThatIsNoneIsRefused) {
  EXPECT_FALSE(parse_node_facts("").ok());
  EXPECT_FALSE(parse_node_facts("[]").ok());
  EXPECT_FALSE(parse_node_facts("{}").ok());
  const auto facts = parse_node_facts(
      R"({"node":2,"verdict":"fine","links":[{"node":1,"connected":true,"heard_ms_ago":7},4],
          "checkpoints":[{"sequence":9,"state_hash":"a","scrub_hash":"b","chain":"c"}]})");
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts.value().peers.at(0).heard_ms_ago, 7u);
  EXPECT_EQ(facts.value().checkpoints.at(0).hashes, "a b c");
}

}  // namespace
}  // namespace okiagari::watch

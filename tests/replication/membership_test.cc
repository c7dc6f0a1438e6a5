// Servers that come, go and are replaced, on simulated disks: one situation in each test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/cluster.h"

namespace okiagari::replication {
namespace {

using journal::ChangeOutcome;
using journal::Server;
using journal::ServerChange;
using journal::ServerRole;
using journal::StorageId;
using Kind = ServerChange::Kind;

Server server(NodeId node, StorageId storage) {
  return {node, ServerRole::standby, storage, "at=somewhere"};
}

// Asked of whoever leads until it is logged and committed there.
bool change(Cluster& cluster, const ServerChange& wanted) {
  return cluster.run_until(
      [&] {
        const NodeId leader = cluster.leader();
        if (leader == 0) return false;
        const auto asked = cluster.replica(leader).change_servers(wanted);
        return asked.ok() && asked.value() == ChangeOutcome::unchanged;
      },
      20'000);
}

bool add_voter(Cluster& cluster, NodeId node, StorageId storage) {
  cluster.format_joining(node, storage);
  cluster.start(node);
  return change(cluster, {Kind::add, server(node, storage)}) &&
         change(cluster, {Kind::promote, {node}});
}

bool votes(Cluster& cluster, NodeId node) {
  return is_voter(cluster.replica(cluster.leader()).servers(), node);
}

TEST(Membership, AServerThatJoinsWaitsUntilTheLogNamesIt) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  cluster.format_joining(4, 0xA4);
  cluster.start(4);
  cluster.run_ms(2'000);
  EXPECT_EQ(cluster.replica(4).view().last_index, 0U);
  EXPECT_EQ(cluster.replica(4).view().role, journal::Role::standby);
  EXPECT_EQ(cluster.replica(cluster.leader()).view().voters, 3);
}

TEST(Membership, AStandbyGetsEverythingAndIsNotCounted) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  cluster.format_joining(4, 0xA4);
  cluster.start(4);
  ASSERT_TRUE(change(cluster, {Kind::add, server(4, 0xA4)}));
  ASSERT_TRUE(cluster.replicate(50));
  EXPECT_EQ(cluster.machine(4).applied().size(), 60U);
  EXPECT_FALSE(votes(cluster, 4));
  const NodeId leader = cluster.leader();
  for (NodeId node = 1; node <= 3; ++node) {
    if (node != leader) cluster.kill(node);
  }
  cluster.run_ms(2'000);
  EXPECT_EQ(cluster.leader(), 0) << "one voter and a standby are no majority of three";
}

TEST(Membership, AServerThatCaughtUpVotesAndMayLead) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(100));
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(add_voter(cluster, 5, 0xA5));
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(cluster.replica(cluster.leader()).transfer(5).ok());
  ASSERT_TRUE(cluster.run_until([&] { return cluster.leader() == 5; }));
  cluster.kill(1);
  cluster.kill(2);
  EXPECT_TRUE(cluster.replicate(10)) << "three of five";
  EXPECT_TRUE(cluster.agree());
}

TEST(Membership, OneThatLagsIsNotMadeAVoter) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(500));
  cluster.format_joining(4, 0xA4);
  ASSERT_TRUE(change(cluster, {Kind::add, server(4, 0xA4)})) << "it need not be there for that";
  const auto refused = cluster.replica(cluster.leader()).change_servers({Kind::promote, {4}});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("node 4 is not connected"));
  cluster.start(4);
  EXPECT_TRUE(change(cluster, {Kind::promote, {4}}));
  EXPECT_TRUE(votes(cluster, 4));
}

TEST(Membership, ANewServerBeginsWithASnapshotWhenTheLogIsGone) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 64U << 10;
  cluster.options.keep_log_bytes = 0;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(1'000, 1'000));
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.replica(4).view().counters.snapshots_installed, 1U);
  EXPECT_EQ(cluster.machine(4).applied().size(), 1'010U);
}

TEST(Membership, TheLeaderThatGoesHandsOverFirst) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(cluster.replicate(1));
  const NodeId leader = cluster.leader();
  const auto asked = cluster.replica(leader).change_servers({Kind::remove, {leader}});
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(asked.value(), ChangeOutcome::handing_over);
  ASSERT_TRUE(
      cluster.run_until([&] { return cluster.leader() != leader && cluster.leader() != 0; }));
  EXPECT_TRUE(change(cluster, {Kind::remove, {leader}}));
  cluster.run_ms(100);
  EXPECT_TRUE(cluster.replica(leader).view().removed);
  cluster.kill(leader);
  EXPECT_TRUE(cluster.replicate(10));
}

TEST(Membership, OneThatWasRemovedIsToldSo) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId leaves = cluster.leader() % 3 + 1;
  ASSERT_TRUE(change(cluster, {Kind::remove, {leaves}}));
  EXPECT_TRUE(cluster.run_until([&] { return cluster.replica(leaves).view().removed; }));
}

TEST(Membership, OneThatWasAwayWhenItWasRemovedIsToldWhenItComesBack) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId leaves = cluster.leader() % 3 + 1;
  cluster.kill(leaves);
  cluster.run_ms(500);
  ASSERT_TRUE(change(cluster, {Kind::remove, {leaves}}));
  cluster.start(leaves);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.replica(leaves).view().removed; }));
  const Term term = cluster.replica(cluster.leader()).view().term;
  cluster.run_ms(5'000);
  EXPECT_EQ(cluster.replica(cluster.leader()).view().term, term) << "it unseats nobody";
}

TEST(Membership, ANumberIsUsedOnceInAClustersLife) {
  Cluster cluster;
  cluster.options.snapshot_after_bytes = 64U << 10;
  cluster.options.keep_log_bytes = 0;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(change(cluster, {Kind::remove, {4}}));
  cluster.run_ms(100);
  cluster.kill(4);
  ASSERT_TRUE(cluster.replicate(1'000, 1'000)) << "its removal is in no log any more";
  for (NodeId node = 1; node <= 3; ++node) cluster.kill(node);
  for (NodeId node = 1; node <= 3; ++node) cluster.start(node);
  ASSERT_TRUE(cluster.replicate(1));
  const auto again = cluster.replica(cluster.leader()).change_servers({Kind::add, server(4, 0xB4)});
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message, ::testing::HasSubstr("The next free one is 5"));
  EXPECT_TRUE(add_voter(cluster, 5, 0xA5));
}

// The day the nineteenth replacement of a series did not end.
TEST(Membership, AHundredServersAreReplacedOneAfterTheOther) {
  Cluster cluster;
  cluster.start_all();
  for (NodeId next = 4; next <= 103; ++next) {
    ASSERT_TRUE(cluster.replicate(3)) << next;
    ASSERT_TRUE(add_voter(cluster, next, 0xA000U + next)) << next;
    const auto leaves = static_cast<NodeId>(next - 3);
    ASSERT_TRUE(change(cluster, {Kind::remove, {leaves}})) << next;
    cluster.run_ms(100);
    EXPECT_TRUE(cluster.replica(leaves).view().removed) << leaves;
    cluster.kill(leaves);
  }
  ASSERT_TRUE(cluster.replicate(10));
  for (NodeId node = 101; node <= 103; ++node) {
    EXPECT_EQ(cluster.machine(node).applied().size(), 310U) << node;
  }
}

// The day all servers of the beginning had been replaced while one was away.
TEST(Membership, OneThatWasAwayWhileAllOthersWereReplacedIsLedOn) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  cluster.kill(1);
  ASSERT_NE(cluster.elect(), 0);
  for (const NodeId old : {NodeId{2}, NodeId{3}}) {
    const auto next = static_cast<NodeId>(old + 2);
    ASSERT_TRUE(add_voter(cluster, next, 0xA0U + next));
    ASSERT_TRUE(change(cluster, {Kind::remove, {old}})) << old;
    cluster.kill(old);
    ASSERT_NE(cluster.elect(), 0);
  }
  cluster.start(1);
  EXPECT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.machine(1).applied().size(), 20U);
  // And it votes for one that it did not know when it was last here.
  cluster.kill(cluster.leader());
  EXPECT_TRUE(cluster.replicate(10));
}

TEST(Membership, OneServerBecomesThreeAndOneAgain) {
  Cluster cluster(1);
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(add_voter(cluster, 2, 0xA2));
  ASSERT_TRUE(add_voter(cluster, 3, 0xA3));
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(change(cluster, {Kind::remove, {1}}));
  cluster.run_ms(200);
  cluster.kill(1);
  ASSERT_TRUE(change(cluster, {Kind::remove, {2}}));
  cluster.run_ms(200);
  cluster.kill(2);
  EXPECT_TRUE(cluster.replicate(10));
  EXPECT_EQ(cluster.leader(), 3);
  EXPECT_EQ(cluster.machine(3).applied().size(), 30U);
}

TEST(Membership, AllThatWasLoggedIsThereAfterARestartOfAll) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(change(cluster, {Kind::remove, {1}}));
  cluster.run_ms(100);
  cluster.kill(1);
  for (const NodeId node : {NodeId{2}, NodeId{3}, NodeId{4}}) cluster.power_off(node);
  for (const NodeId node : {NodeId{2}, NodeId{3}, NodeId{4}}) cluster.start(node);
  ASSERT_TRUE(cluster.replicate(10));
  const auto& servers = cluster.replica(cluster.leader()).servers();
  EXPECT_EQ(servers.size(), 3U);
  const Server* added = find(servers, 4);
  ASSERT_NE(added, nullptr);
  EXPECT_EQ(added->storage, 0xA4U);
  EXPECT_EQ(added->address, "at=somewhere");
}

// The day a new server died in its first second and was elected with the vote of a server that had
// been wiped meanwhile: it had not met that one before, and an acknowledged entry was gone.
TEST(Membership, ANewServerMeetsTheOthersAtOnce) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  cluster.run_ms(10);
  const NodeId wiped = cluster.leader() == 1 ? 2 : 1;
  for (NodeId node = 1; node <= 4; ++node) cluster.kill(node);
  cluster.wipe(wiped, 7777, false);
  cluster.start(4);
  cluster.start(wiped);
  cluster.run_ms(2'000);
  EXPECT_GT(cluster.replica(4).view().counters.frames_of_wrong_storage, 0U);
}

// The day nobody was elected, because the vote of a server was needed that had not heard of having
// one.
TEST(Membership, AServerThatWasMadeAVoterVotesBeforeItKnows) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  cluster.format_joining(4, 0xA4);
  cluster.start(4);
  ASSERT_TRUE(change(cluster, {Kind::add, server(4, 0xA4)}));
  cluster.run_ms(100);
  const NodeId leader = cluster.leader();
  cluster.block(leader, 4);
  ASSERT_TRUE(cluster.replica(leader).change_servers({Kind::promote, {4}}).ok());
  cluster.run_ms(100);
  ASSERT_EQ(cluster.replica(4).view().role, journal::Role::standby);
  cluster.kill(leader);
  EXPECT_TRUE(cluster.replicate(10)) << "three of four are there";
}

// The day a server that was about to be added ended itself: its number was that of a server before,
// and a wiped one, which heard only afterwards that this one had been removed, took it for it.
TEST(Membership, ANewServerWithAUsedNumberIsNotItsPredecessorToAServerThatLostEverything) {
  Cluster cluster;
  cluster.start_all();
  ASSERT_TRUE(cluster.replicate(10));
  ASSERT_TRUE(add_voter(cluster, 4, 0xA4));
  ASSERT_TRUE(change(cluster, {Kind::remove, {1}}));
  cluster.run_ms(100);
  cluster.kill(1);
  ASSERT_TRUE(cluster.replicate(10));
  const NodeId wiped = cluster.leader() == 2 ? 3 : 2;
  cluster.kill(wiped);
  cluster.wipe(wiped, 5555, true);
  cluster.format_joining(1, 0xB1);
  for (NodeId other = 2; other <= 4; ++other) cluster.block(other, wiped);
  cluster.start(1);
  cluster.start(wiped);
  cluster.run_ms(500);
  for (NodeId other = 2; other <= 4; ++other) cluster.unblock(other, wiped);
  ASSERT_TRUE(cluster.run_until([&] { return cluster.machine(wiped).applied().size() == 20; }));
  cluster.run_ms(500);
  EXPECT_FALSE(cluster.replica(1).view().removed);
}

}  // namespace
}  // namespace okiagari::replication

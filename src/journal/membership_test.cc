#include "journal/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace okiagari::journal {
namespace {

using Kind = ServerChange::Kind;
using ::testing::HasSubstr;

constexpr NodeId kLeader = 1;
const Standing kWell{.is_reachable = true};
const Standing kAway{};

class Cluster {
 public:
  explicit Cluster(Configuration present) : present_(std::move(present)) {}

  Cluster& stands(NodeId node, const Standing& standing) {
    standings_[node] = standing;
    return *this;
  }
  base::Result<Configuration> after(Kind kind, Server server) const {
    return configuration_after(present_, {kind, std::move(server)}, kLeader, [this](NodeId node) {
      const auto found = standings_.find(node);
      return found == standings_.end() ? kWell : found->second;
    });
  }
  std::string refusal(Kind kind, Server server) const {
    const auto found = after(kind, std::move(server));
    return found ? "" : found.error().message;
  }

 private:
  Configuration present_;
  std::map<NodeId, Standing> standings_;
};

Server new_server(NodeId node) { return {node, ServerRole::voter, 0xA0U + node, "at=there"}; }

Cluster three() { return Cluster(voters_only({1, 2, 3})); }
Cluster three_and_a_standby() {
  Configuration servers = voters_only({1, 2, 3});
  servers.push_back({4, ServerRole::standby, 0xA4, "at=there"});
  return Cluster(servers);
}

TEST(Membership, ANewServerComesWithoutAVote) {
  const auto after = three().after(Kind::add, new_server(4));
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(voters_in(after.value()), 3U);
  const Server* added = find(after.value(), 4);
  ASSERT_NE(added, nullptr);
  EXPECT_EQ(added->role, ServerRole::standby);
  EXPECT_EQ(added->storage, 0xA4U);
  EXPECT_EQ(added->address, "at=there");
}

// The day the nineteenth of a series of replacements did not end, because its server had a number
// that another one had had.
TEST(Membership, ANumberIsUsedOnceInAClustersLife) {
  Configuration servers = three().after(Kind::add, new_server(4)).value();
  EXPECT_EQ(highest_number(servers), 4);
  servers = Cluster(servers).after(Kind::remove, {4}).value();
  servers = Cluster(servers).after(Kind::remove, {2}).value();
  EXPECT_EQ(highest_number(servers), 4);
  for (const NodeId used : {NodeId{2}, NodeId{4}}) {
    EXPECT_THAT(Cluster(servers).refusal(Kind::add, new_server(used)),
                HasSubstr("is used up: a server's number is used once in a cluster's life. The "
                          "next free one is 5"));
  }
  EXPECT_TRUE(is_refused_for_good(servers, {Kind::add, new_server(4)}));
  EXPECT_FALSE(is_refused_for_good(servers, {Kind::add, new_server(5)}));
  EXPECT_FALSE(is_refused_for_good(servers, {Kind::remove, {1}}));
  EXPECT_TRUE(Cluster(servers).after(Kind::add, new_server(5)).ok());
  EXPECT_TRUE(Cluster(servers).after(Kind::add, new_server(4 + kNumbersSkippedMax)).ok());
  EXPECT_THAT(Cluster(servers).refusal(Kind::add, new_server(5 + kNumbersSkippedMax)),
              HasSubstr("the next free one is 5"));
}

TEST(Membership, WhichNumbersWereUsedIsLoggedWithTheServers) {
  Configuration servers = three().after(Kind::add, new_server(4)).value();
  servers = Cluster(servers).after(Kind::remove, {4}).value();
  const auto read = decode_configuration(encode_configuration(servers));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(highest_number(*read), 4);
  servers = Cluster(*read).after(Kind::remove, {1}).value();
  EXPECT_EQ(highest_number(servers), 4) << "the first in the list has gone";
  servers[1].numbers_used_to = 9;
  EXPECT_FALSE(decode_configuration(encode_configuration(servers)).has_value());
  servers[1].numbers_used_to = 0;
  servers[0].numbers_used_to = 3;
  EXPECT_FALSE(decode_configuration(encode_configuration(servers)).has_value());
}

TEST(Membership, TheSameChangeAgainChangesNothing) {
  const Configuration servers = three().after(Kind::add, new_server(4)).value();
  EXPECT_EQ(Cluster(servers).after(Kind::add, new_server(4)).value(), servers);
  EXPECT_EQ(three().after(Kind::promote, {2}).value(), voters_only({1, 2, 3}));
  EXPECT_EQ(three().after(Kind::remove, {9}).value(), voters_only({1, 2, 3}));
}

TEST(Membership, ANumberThatIsTakenIsNotGivenToAnotherStorage) {
  EXPECT_THAT(three().refusal(Kind::add, new_server(2)), HasSubstr("there is a node 2"));
  Server other = new_server(4);
  other.storage = 0xFF;
  EXPECT_THAT(three_and_a_standby().refusal(Kind::add, other), HasSubstr("there is a node 4"));
}

TEST(Membership, AServerWithoutAStorageIdentityIsNotAdded) {
  EXPECT_THAT(three().refusal(Kind::add, {4}), HasSubstr("storage"));
  EXPECT_THAT(three().refusal(Kind::add, {0, ServerRole::voter, 1, ""}), HasSubstr("at least 1"));
}

TEST(Membership, AnAddressThatCannotBeLoggedIsRefused) {
  Server server = new_server(4);
  server.address = "a\nb";
  EXPECT_THAT(three().refusal(Kind::add, server), HasSubstr("cannot be logged"));
  server.address = std::string(kServerAddressBytesMax + 1, 'x');
  EXPECT_THAT(three().refusal(Kind::add, server), HasSubstr("cannot be logged"));
}

TEST(Membership, AServerThatHasCaughtUpMayVote) {
  Cluster cluster = three_and_a_standby();
  cluster.stands(4, {.is_reachable = true, .missing_entries = kMissingEntriesMax});
  const auto after = cluster.after(Kind::promote, {4});
  ASSERT_TRUE(after.ok());
  EXPECT_TRUE(is_voter(after.value(), 4));
}

TEST(Membership, AServerThatLagsIsAwayLowOnDiskOrHasLostThingsMayNotVote) {
  const auto refusal = [](const Standing& standing) {
    return three_and_a_standby().stands(4, standing).refusal(Kind::promote, {4});
  };
  EXPECT_THAT(refusal({.is_reachable = true, .missing_entries = kMissingEntriesMax + 1}),
              HasSubstr("has not caught up"));
  EXPECT_THAT(refusal(kAway), HasSubstr("not connected"));
  EXPECT_THAT(refusal({.is_reachable = true, .never_votes = true}), HasSubstr("never votes"));
  EXPECT_THAT(refusal({.is_reachable = true, .is_disk_low = true}), HasSubstr("low on disk"));
  EXPECT_THAT(three().refusal(Kind::promote, {4}), HasSubstr("add it first"));
}

TEST(Membership, ADeadServerMayBeRemovedButNoLivingOneBesideADeadOne) {
  Cluster cluster = three();
  cluster.stands(3, kAway);
  const auto after = cluster.after(Kind::remove, {3});
  ASSERT_TRUE(after.ok());
  Configuration left = voters_only({1, 2});
  keep_highest_number(left, 3);
  EXPECT_EQ(after.value(), left);
  EXPECT_THAT(cluster.refusal(Kind::remove, {2}), HasSubstr("only 1 of the 2 voters"));
}

TEST(Membership, AVoterMoreMustNotMakeTheMajorityOneThatIsNotThere) {
  Configuration servers = voters_only({1, 2});
  servers.push_back({4, ServerRole::standby, 0xA4, ""});
  Cluster cluster(servers);
  cluster.stands(2, {.is_reachable = true, .never_votes = true});
  EXPECT_TRUE(cluster.after(Kind::promote, {4}).ok());
  servers = voters_only({1, 2, 3});
  servers.push_back({4, ServerRole::standby, 0xA4, ""});
  Cluster wider(servers);
  wider.stands(2, kAway).stands(3, kAway);
  EXPECT_THAT(wider.refusal(Kind::promote, {4}), HasSubstr("only 2 of the 4 voters"));
}

TEST(Membership, TheLastVoterStays) {
  EXPECT_THAT(Cluster(voters_only({1})).refusal(Kind::remove, {1}), HasSubstr("the only voter"));
}

TEST(Membership, AClusterHasAnEnd) {
  Configuration servers;
  for (NodeId node = 1; node <= kServersMax; ++node) servers.push_back({node});
  EXPECT_THAT(Cluster(servers).refusal(Kind::add, new_server(kServersMax + 1)),
              HasSubstr("at most"));
}

}  // namespace
}  // namespace okiagari::journal

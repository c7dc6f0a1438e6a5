// Goal: servers that reach each other by two networks lose one of them, and members do not notice
// an election. Method: a market of real processes on two addresses of the loopback; a network is
// cut with a packet filter, in a network namespace of the benchmark's own, under load that the
// history checker judges.
#include <gmock/gmock.h>
#include <signal.h>

#include "drill/own_world.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class TwoNetworksMarketTest : public TestMarket {
 protected:
  [[nodiscard]] deployment::DeploymentOptions two_networks() const {
    deployment::DeploymentOptions both = options();
    both.two_networks = true;
    return both;
  }
  // Every server sends to every other one over that network.
  [[nodiscard]] bool all_send_over(std::string_view network) const {
    const auto found = reports();
    if (found.size() != market_->file().nodes.size()) return false;
    for (const json::object& report : found) {
      const json::array& links = report.at("links").as_array();
      if (links.size() + 1 != found.size()) return false;
      for (const json::value& link : links) {
        const json::value* used = link.as_object().if_contains("network");
        if (used == nullptr || used->as_string() != network) return false;
      }
    }
    return true;
  }
  // Every server reaches every other one, and could go over to the other network.
  [[nodiscard]] bool all_have_spares() const {
    const auto found = reports();
    if (found.size() != market_->file().nodes.size()) return false;
    for (const json::object& report : found) {
      const json::array& links = report.at("links").as_array();
      if (links.size() + 1 != found.size()) return false;
      for (const json::value& link : links) {
        if (!link.at("connected").as_bool() || !link.at("spare").as_bool()) return false;
      }
    }
    return true;
  }
  static bool can_cut() {
    drill::Needs needs;
    needs.packet_filter = true;
    return drill::lacks(needs).empty();
  }
  // What the benchmark says of each promise, by its name.
  void expect_promises(const Ending& bench, const std::vector<std::string>& promises) {
    const std::size_t begin = bench.output.find('{');
    ASSERT_NE(begin, std::string::npos) << bench.output;
    const json::value report = json::parse(bench.output.substr(begin));
    for (const std::string& promise : promises) {
      bool is_there = false;
      for (const json::value& check : report.at("checks").as_array()) {
        if (check.at("name").as_string() != promise) continue;
        is_there = true;
        EXPECT_TRUE(check.at("holds").as_bool()) << promise << "\n" << bench.output;
      }
      EXPECT_TRUE(is_there) << promise << "\n" << bench.output;
    }
  }
};

TEST_F(TwoNetworksMarketTest, NetworkAIsUsedAndBIsThereToSpare) {
  start(two_networks());
  EXPECT_TRUE(wait_until([this] { return all_send_over("A"); }));
  EXPECT_TRUE(wait_until([this] { return all_agree(); }));
  std::ifstream file(market_->folder_of_node(1) + "/node.toml");
  const std::string settings(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(settings, HasSubstr("peers_b = \"127.0.0.2:"));
  const Ending status = run({"status", "--data", folder_});
  EXPECT_EQ(status.status, 0) << status.output;
  EXPECT_THAT(status.output, HasSubstr("links over network A"));
  EXPECT_THAT(status.output, HasSubstr("links without a second network to go over to"));
}

TEST_F(TwoNetworksMarketTest, AServerThatJoinsIsReachedByBothNetworks) {
  start(two_networks());
  const auto added = market_->add_node();
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_THAT(added.value().address, HasSubstr(" peers_b=127.0.0.2:"));
  const Ending add = run({"member", "add", "--data", folder_, "--address",
                          net::to_string(market_->place_of(4)->gateways)});
  ASSERT_EQ(add.status, 0) << add.output;
  EXPECT_TRUE(wait_until([this] { return all_agree() && all_send_over("A"); }));
}

TEST_F(TwoNetworksMarketTest, ADeadLeaderIsFollowedAsWithOneNetwork) {
  start(two_networks());
  const NodeId first = market_->find_leader(5'000);
  ASSERT_NE(first, 0);
  market_->signal_node(first, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !market_->status(first).has_value(); }));
  const NodeId second = market_->find_leader(5'000);
  ASSERT_NE(second, 0);
  EXPECT_NE(second, first);
  EXPECT_TRUE(wait_until([this] { return all_agree() && all_have_spares(); }))
      << "whichever network each uses";
}

TEST_F(TwoNetworksMarketTest, TheNetworkInUseIsCutUnderLoadAndTheLeaderStays) {
  if (!can_cut()) GTEST_SKIP() << "a network is cut with nft, by root";
  const Ending bench = run({"bench", "failover", "--mode", "cut", "--kills", "4", "--rate", "1000",
                            "--interval-ms", "1200", "--folder", folder_ + "/bench", "--json"});
  expect_promises(
      bench, {"lost", "doubled", "reordered", "contradicted", "unknown", "cold verification holds",
              "elections without need", "times that the leader went over to the other network"});
}

TEST_F(TwoNetworksMarketTest, ANetworkThatFlapsBeginsNoStormOfElections) {
  if (!can_cut()) GTEST_SKIP() << "a network is cut with nft, by root";
  const Ending bench = run({"bench", "failover", "--mode", "flap", "--seconds", "15", "--rate",
                            "1000", "--folder", folder_ + "/bench", "--json"});
  expect_promises(
      bench, {"lost", "doubled", "reordered", "contradicted", "unknown", "cold verification holds",
              "at most 2 elections", "times that the leader went over to the other network"});
}

}  // namespace
}  // namespace okiagari

// Servers that come and go in a market of real processes, by `okiagari member` and under load.
#include <gmock/gmock.h>
#include <signal.h>

#include "deployment/link_folder.h"
#include "net/link_identity.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class MemberTest : public TestMarket {
 protected:
  void TearDown() override {
    TestMarket::TearDown();
    net::use_link_identity(nullptr);
  }
  void start_secured() {
    deployment::DeploymentOptions secured = options();
    secured.tls = true;
    start(secured);
  }
  Ending add(NodeId node, const char* patience_s) {
    return run({"member", "add", "--data", folder_, "--address", net::to_string(gateways_of(node)),
                "--patience-s", patience_s});
  }
  [[nodiscard]] net::Endpoint gateways_of(NodeId node) const {
    return market_->place_of(node)->gateways;
  }
  // Who votes, as the leader says.
  [[nodiscard]] std::vector<NodeId> voters() const {
    std::vector<NodeId> found;
    for (const json::object& report : reports()) {
      if (!report.at("open").as_bool()) continue;
      for (const json::value& server : report.at("servers").as_array()) {
        if (server.at("votes").as_bool()) found.push_back(server.at("node").to_number<NodeId>());
      }
    }
    return found;
  }
};

TEST_F(MemberTest, AServerComesByItsAddressAndAnotherGoes) {
  start(options());
  const auto added = market_->add_node();
  ASSERT_TRUE(added.ok()) << added.error().message;
  ASSERT_EQ(added.value().node, 4);
  const std::string address = net::to_string(gateways_of(4));
  const Ending add = run({"member", "add", "--data", folder_, "--address", address});
  ASSERT_EQ(add.status, 0) << add.output;
  EXPECT_THAT(add.output, HasSubstr("node 4 votes"));
  EXPECT_EQ(voters(), (std::vector<NodeId>{1, 2, 3, 4}));
  EXPECT_TRUE(wait_until([this] { return all_agree(); }));

  const NodeId leader = market_->find_leader(5'000);
  const Ending list = run({"member", "list", "--data", folder_});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.output, HasSubstr(fmt::format("node {:<3} votes    leads", leader)));

  // The command waits for a supervisor to put the node aside, which this test is.
  const Ending remove = run({"member", "remove", std::to_string(leader), "--data", folder_});
  ASSERT_EQ(remove.status, 0) << remove.output;
  EXPECT_TRUE(wait_until([&] { return market_->place_of(leader) == nullptr; }));
  EXPECT_EQ(voters().size(), 3U);
  EXPECT_TRUE(wait_until([this] { return all_agree(); }));
  EXPECT_TRUE(market_->given_up().empty());
}

TEST_F(MemberTest, AStandbyHasEverythingAndNoVote) {
  start(options());
  ASSERT_TRUE(market_->add_node().ok());
  const Ending add = run({"member", "add", "--data", folder_, "--address",
                          net::to_string(gateways_of(4)), "--standby"});
  ASSERT_EQ(add.status, 0) << add.output;
  EXPECT_EQ(voters(), (std::vector<NodeId>{1, 2, 3}));
  EXPECT_TRUE(wait_until([this] { return all_agree(); }));
  const Ending list = run({"member", "list", "--data", folder_});
  EXPECT_THAT(list.output, HasSubstr(fmt::format("node {:<3} standby", 4)));
}

TEST_F(MemberTest, AServerThatWasRemovedEndsWithACodeOfItsOwn) {
  std::string told;
  deployment::DeploymentOptions asked = options();
  asked.tell = [&told](const std::string& line) { told += line + '\n'; };
  start(asked);
  // Who was never met cannot be told.
  ASSERT_TRUE(wait_until([this] { return all_agree(); }));
  const NodeId leader = market_->find_leader(5'000);
  const NodeId goes = leader % 3 + 1;
  const Ending remove = run(
      {"member", "remove", std::to_string(goes), "--node", net::to_string(gateways_of(leader))});
  ASSERT_EQ(remove.status, 0) << remove.output;
  EXPECT_TRUE(wait_until([&] { return !market_->is_node_running(goes); }));
  EXPECT_THAT(told, HasSubstr(fmt::format("node {} was removed from its cluster", goes)));
}

TEST_F(MemberTest, AChangeThatWouldLeaveNoMajorityIsRefusedInWords) {
  start(options());
  const NodeId leader = market_->find_leader(5'000);
  const NodeId dead = leader % 3 + 1;
  const NodeId alive = dead % 3 + 1;
  market_->stop_node(dead);
  const Ending remove =
      run({"member", "remove", std::to_string(alive), "--data", folder_, "--patience-s", "1"});
  EXPECT_EQ(remove.status, 3);
  EXPECT_THAT(remove.output, HasSubstr("only 1 of the 2 voters"));
  EXPECT_EQ(voters().size(), 3U);
}

TEST_F(MemberTest, ANumberThatAServerHadIsNotGivenToAnotherOne) {
  start(options());
  ASSERT_TRUE(market_->add_node().ok());
  const std::string address = net::to_string(gateways_of(4));
  ASSERT_EQ(add(4, "60").status, 0);
  ASSERT_EQ(run({"member", "remove", "4", "--data", folder_}).status, 0);
  ASSERT_TRUE(wait_until([&] { return market_->place_of(4) == nullptr; }));

  const std::string again = folder_ + "/again";
  const std::string config = folder_ + "/removed-node-4/node.toml";
  const Ending made = run({"node", "--data", again, "--config", config, "--format", "--join"});
  ASSERT_EQ(made.status, 0) << made.output;
  auto process = base::ChildProcess::start(
      {OKIAGARI_PROGRAM, "node", "--data", again, "--config", config}, folder_ + "/again.log");
  ASSERT_TRUE(process.ok());
  const Ending refused = run({"member", "add", "--data", folder_, "--address", address});
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.output, HasSubstr("number 4 is used up"));
  EXPECT_THAT(refused.output, HasSubstr("The next free one is 5"));
  process.value().send_signal(SIGKILL);
  process.value().await_end();

  ASSERT_TRUE(market_->add_node().ok());
  EXPECT_NE(market_->place_of(5), nullptr) << "its supervisor takes the next one";
  EXPECT_EQ(add(5, "60").status, 0);
}

TEST_F(MemberTest, WithLinksOfTlsAServerComesWithACertificateOfTheMarketsOwn) {
  start_secured();
  ASSERT_TRUE(market_->add_node().ok());
  const Ending added = add(4, "60");
  EXPECT_EQ(added.status, 0) << added.output;
  EXPECT_EQ(voters(), (std::vector<NodeId>{1, 2, 3, 4}));
  EXPECT_TRUE(wait_until([this] { return all_agree(); }));
}

TEST_F(MemberTest, AServerWithTheCertificateOfAnotherOneIsNotAdded) {
  start_secured();
  ASSERT_TRUE(market_->add_node().ok());
  const auto of_another = deployment::link_files(folder_, "node-3");
  const auto its_own = deployment::link_files(folder_, "node-4");
  market_->stop_node(4);
  for (const auto& [from, to] : {std::pair{of_another.certificate, its_own.certificate},
                                 std::pair{of_another.key, its_own.key}}) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
  ASSERT_TRUE(market_->start_node(4).ok());
  const Ending refused = add(4, "20");
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.output, HasSubstr("says it is node 4 and has the certificate of somebody"));
  EXPECT_THAT(refused.output, HasSubstr("okiagari certificate issue node-4 --data"));
  EXPECT_EQ(voters().size(), 3U);
}

TEST_F(MemberTest, AServerWithoutACertificateIsToldHowToGetOne) {
  start_secured();
  ASSERT_TRUE(market_->add_node().ok());
  market_->stop_node(4);
  const std::string path = market_->place_of(4)->folder + "/node.toml";
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  file.close();
  const std::size_t begin = text.find("[tls]");
  ASSERT_NE(begin, std::string::npos);
  std::ofstream(path) << text.substr(0, begin);
  ASSERT_TRUE(market_->start_node(4).ok());
  const Ending refused = add(4, "2");
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.output, HasSubstr("okiagari certificate issue node-NUMBER --data"));
  EXPECT_EQ(voters().size(), 3U);
}

TEST_F(MemberTest, ServersAreReplacedUnderLoadAndNobodyLosesAnything) {
  const Ending bench =
      run({"bench", "failover", "--mode", "replace", "--kills", "3", "--rate", "1000",
           "--interval-ms", "300", "--folder", folder_ + "/bench", "--json"});
  const std::size_t begin = bench.output.find('{');
  ASSERT_NE(begin, std::string::npos) << bench.output;
  const json::value report = json::parse(bench.output.substr(begin));
  std::size_t found = 0;
  for (const json::value& check : report.at("checks").as_array()) {
    const std::string name(check.at("name").as_string());
    const bool is_promise = name == "lost" || name == "doubled" || name == "reordered" ||
                            name == "contradicted" || name == "unknown" ||
                            name == "cold verification holds" || name == "every change was made";
    if (!is_promise) continue;
    ++found;
    EXPECT_TRUE(check.at("holds").as_bool()) << name;
  }
  EXPECT_EQ(found, 7U) << bench.output;
}

}  // namespace
}  // namespace okiagari

// Goal: a node that cannot go on says so by the exit code that docs/operating.md gives to the
// cause, and is not started again where only a person can help. Method: real processes on folders
// that are wrong on purpose.
#include "node/exit_code.h"

#include <fmt/format.h>
#include <signal.h>

#include <fstream>

#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

using node::ExitCode;

class ExitCodeTest : public TestMarket {
 protected:
  [[nodiscard]] std::vector<std::string> node_words(NodeId node) const {
    const std::string folder = market_->folder_of_node(node);
    return {"node", "--data", folder, "--config", folder + "/node.toml"};
  }
  void expect_end(const Ending& ending, ExitCode code, const std::string& words) {
    EXPECT_EQ(ending.status, node::exit_status(code)) << ending.output;
    EXPECT_NE(ending.output.find(words), std::string::npos) << ending.output;
  }
};

TEST_F(ExitCodeTest, NodeThatIsToldToStopEndsWell) {
  prepare(options());
  expect_end(run(node_words(1), SIGTERM,
                 [](const std::string& output) {
                   return output.find("runs: peers") != std::string::npos;
                 }),
             ExitCode::success, "stopped");
}

TEST_F(ExitCodeTest, MisspeltKeyIsWrongUse) {
  prepare(options());
  std::ofstream(market_->folder_of_node(1) + "/node.toml", std::ios::app)
      << "[timeouts]\nhartbeat_ms = 20\n";
  expect_end(run(node_words(1)), ExitCode::usage, "did you mean 'heartbeat_ms'?");
}

TEST_F(ExitCodeTest, FolderThatWasNeverFormattedIsNotMadeByTheWay) {
  prepare(options());
  std::vector<std::string> words = node_words(1);
  words[2] = folder_ + "/elsewhere";
  expect_end(run(words), ExitCode::cannot_start, "--format");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere/journal"));
}

TEST_F(ExitCodeTest, FolderIsFormattedOnceOnly) {
  prepare(options());
  std::vector<std::string> words = node_words(1);
  words.emplace_back("--format");
  expect_end(run(words), ExitCode::cannot_start, "already belongs to a server");
}

TEST_F(ExitCodeTest, SecondProcessOnOneFolderIsRefused) {
  start(options());
  expect_end(run(node_words(1)), ExitCode::cannot_start, "");
}

TEST_F(ExitCodeTest, PortOfAnotherProgramIsNamed) {
  prepare(options());
  net::Loop loop;
  auto listener = net::Listener::open(loop, market_->file().nodes[0].gateways,
                                      [](const auto& connection) { connection->close(); });
  ASSERT_TRUE(listener.ok());
  expect_end(run(node_words(1)), ExitCode::cannot_start,
             net::to_string(market_->file().nodes[0].gateways));
}

TEST_F(ExitCodeTest, DamagedJournalIsRefusedNamedAndNotStartedAgain) {
  start(options());
  ASSERT_TRUE(wait_until([&] { return all_agree(); }));
  const std::string folder = market_->folder_of_node(1) + "/journal";
  market_ = nullptr;
  // A byte in the first group of records, with later groups behind it.
  std::fstream file(folder + "/log-0000000000000001",
                    std::ios::in | std::ios::out | std::ios::binary);
  ASSERT_TRUE(file.seekp(512 + 100).put('\x5a').flush());
  std::vector<std::string> told;
  deployment::DeploymentOptions again = options();
  again.tell = [&](const std::string& line) { told.push_back(line); };
  start(again);
  ASSERT_TRUE(wait_until([&] { return !market_->given_up().empty(); }));
  EXPECT_NE(market_->given_up()[0].find("exit code 4"), std::string::npos)
      << market_->given_up()[0];
  EXPECT_NE(market_->find_leader(5'000), 0) << "two of three go on";
}

TEST_F(ExitCodeTest, StatusOfAHealthyMarketHoldsAndOfAHaltedOneDoesNot) {
  start(options());
  ASSERT_TRUE(wait_until([&] { return all_agree(); }));
  expect_end(run({"status", "--data", folder_}), ExitCode::success, "hashes agree");
  expect_end(run({"status", "--data", folder_}), ExitCode::success, "takes log-ins");
  market_->signal_gateway(2, SIGKILL);
  expect_end(run({"status", "--data", folder_}), ExitCode::does_not_hold,
             "gateways that take connections");
  expect_end(run({"transfer", "--data", folder_}), ExitCode::success, "leads, after node");
  expect_end(run({"transfer", "--data", folder_, "--to", "9"}), ExitCode::cannot_start,
             "there is no node 9 in this cluster");
  market_->stop();
  const Ending halted = run({"status", "--data", folder_, "--json"});
  expect_end(halted, ExitCode::does_not_hold, "\"holds\":false");
  expect_end(run({"status", "--data", folder_ + "/none"}), ExitCode::usage, "okiagari up --data");
}

}  // namespace
}  // namespace okiagari

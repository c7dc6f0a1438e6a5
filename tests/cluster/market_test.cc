// Goal: a market of real processes goes on after what the title of each test says, with the same
// state on all nodes. Method: `okiagari up`'s own supervision, with faults by signals.
#include <fmt/format.h>
#include <signal.h>

#include "salvage/verify.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

std::uint64_t number(const boost::json::object& report, const char* key) {
  return report.at(key).to_number<std::uint64_t>();
}

TEST_F(TestMarket, LeaderIsKilledAnotherLeadsAndTheDeadOneComesBack) {
  start(options());
  const NodeId first = market_->find_leader(5'000);
  ASSERT_NE(first, 0);
  market_->signal_node(first, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !market_->status(first).has_value(); }));
  const NodeId second = market_->find_leader(5'000);
  ASSERT_NE(second, 0);
  ASSERT_NE(second, first);
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
  EXPECT_EQ(market_->status(second)->open, 1) << "who comes back does not depose the leader";
}

TEST_F(TestMarket, LeaderIsFrozenAnotherLeadsAndTheThawedOneFollows) {
  start(options());
  const NodeId first = market_->find_leader(5'000);
  ASSERT_NE(first, 0);
  market_->signal_node(first, SIGSTOP);
  ASSERT_TRUE(wait_until([&] {
    const NodeId now = market_->find_leader(0);
    return now != 0 && now != first;
  }));
  market_->signal_node(first, SIGCONT);
  ASSERT_TRUE(wait_until([&] {
    const auto status = market_->status(first);
    return status && status->open == 0 && status->leader != 0 && status->leader != first;
  }));
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

TEST_F(TestMarket, LeaderThatIsToldToStopHandsOverFirst) {
  start(options());
  const NodeId first = market_->find_leader(5'000);
  const std::uint64_t term = market_->status(first)->term;
  market_->stop_node(first);
  const NodeId second = market_->find_leader(5'000);
  ASSERT_NE(second, 0);
  EXPECT_EQ(market_->status(second)->term, term + 1)
      << "one election, and nobody waited for a timer";
  ASSERT_TRUE(market_->start_node(first).ok());
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

TEST_F(TestMarket, KilledGatewayComesBack) {
  start(options());
  const pid_t before = market_->file().gateways[0].pid;
  market_->signal_gateway(1, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return market_->file().gateways[0].pid != before; }));
  const auto stored = deployment::DeploymentFile::load(folder_);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored.value().gateways[0].pid, market_->file().gateways[0].pid);
  EXPECT_EQ(stored.value().gateways[0].restarts, 1u);
}

TEST_F(TestMarket, AllServersLosePowerAtOnceAndTheMarketGoesOnFromItsFolder) {
  start(options());
  ASSERT_TRUE(wait_until([&] { return all_agree(); }));
  const std::uint64_t sequence = number(reports()[0], "sequence");
  ASSERT_GT(sequence, 0u);
  for (NodeId node = 1; node <= 3; ++node) market_->hold_node(node, true);
  for (NodeId node = 1; node <= 3; ++node) market_->signal_node(node, SIGKILL);
  market_ = nullptr;
  start(options());
  ASSERT_TRUE(wait_until([&] { return all_agree(); }));
  EXPECT_GE(number(reports()[0], "sequence"), sequence);
}

TEST_F(TestMarket, NodesStartFromTheirSnapshotsAndColdFoldersHoldTogether) {
  deployment::DeploymentOptions small = options();
  small.sessions = 150;
  small.instruments = deployment::made_up_instruments(150);
  small.node_settings =
      "[journal]\nsegment_mib = 1\nsnapshot_after_mib = 1\nkeep_log_mib = 0\nmin_free_mib = 1\n";
  start(small);
  const auto commands = deployment::reference_commands(market_->file(), small.funds);
  ASSERT_TRUE(deployment::load_reference_data(
                  market_->file(), commands, 60'000, [&] { market_->supervise(); },
                  [](const std::string&) {})
                  .ok());
  ASSERT_TRUE(wait_until([&] {
    const auto found = reports();
    return found.size() == 3 && number(found[0], "snapshot_index") > 0 &&
           number(found[1], "snapshot_index") > 0 && number(found[2], "snapshot_index") > 0;
  })) << "each node takes its own snapshots";
  for (NodeId node = 1; node <= 3; ++node) market_->signal_node(node, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return market_->file().nodes[2].restarts == 1; }));
  EXPECT_TRUE(wait_until([&] { return market_->find_leader(0) != 0 && all_agree(); }));
  EXPECT_TRUE(market_->given_up().empty());
  market_->stop();
  auto verification = salvage::verify_folders({folder_}, [](const std::string&) {});
  ASSERT_TRUE(verification.ok()) << verification.error().message;
  EXPECT_TRUE(verification.value().report.holds()) << verification.value().report.to_table();

  // The oldest: the log may not reach back to it any more, so that only its digest tells.
  const std::string journal = market_->folder_of_node(1) + "/journal";
  std::string snapshot;
  for (const auto& entry : std::filesystem::directory_iterator(journal)) {
    const std::string path = entry.path().string();
    if (!entry.path().filename().string().starts_with("snapshot-")) continue;
    if (snapshot.empty() || path < snapshot) snapshot = path;
  }
  std::fstream file(snapshot, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(1'000);
  const int byte = file.get();
  ASSERT_TRUE(file.seekp(1'000).put(static_cast<char>(byte ^ 0x55)).flush()) << snapshot;
  verification = salvage::verify_folders({folder_}, [](const std::string&) {});
  ASSERT_FALSE(verification.ok()) << "a damaged snapshot was taken";
  const std::string& words = verification.error().message;
  EXPECT_NE(words.find(snapshot + ": damaged at offset"), std::string::npos) << words;
  EXPECT_NE(words.find("its peers send it a snapshot"), std::string::npos) << words;
}

}  // namespace
}  // namespace okiagari

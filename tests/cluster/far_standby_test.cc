// Goal: a server without a vote, in another network 20 ms away, has everything and costs nobody
// anything. Method: three voters in a network of this test's own, under load that the history
// checker judges, and a standby in a second one; between the two lies a line that holds every
// packet for 20 ms (drill/far_network.h).
#include <gmock/gmock.h>
#include <signal.h>

#include "check/load.h"
#include "check/verdict_report.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "drill/far_network.h"
#include "drill/own_world.h"
#include "journal/identity.h"
#include "journal/posix_disk.h"
#include "net/http_client.h"
#include "net/metrics_text.h"
#include "node/node.h"
#include "salvage/verify.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr std::uint32_t kDelayMs = 20;
constexpr NodeId kFar = 4;
constexpr std::uint32_t kRate = 1'000;
constexpr std::uint64_t kLimitMs = 60'000;
// As little log as may be, so that who was away needs a snapshot.
constexpr const char* kShortLog =
    "[journal]\nsegment_mib = 1\nsnapshot_after_mib = 1\nkeep_log_mib = 0\nmin_free_mib = 1\n";

class FarStandbyTest : public TestMarket {
 protected:
  void SetUp() override {
    TestMarket::SetUp();
    std::string missing;
    for (const std::string& lack : drill::FarNetwork::lacks()) missing += "\n" + lack;
    if (!missing.empty()) GTEST_SKIP() << "a network far away needs" << missing;
    static const base::Status own_world = drill::enter_own_world();
    if (!own_world) GTEST_SKIP() << "no network of its own: " << own_world.error().message;
    auto far = drill::FarNetwork::make(kDelayMs);
    ASSERT_TRUE(far.ok()) << far.error().message;
    far_ = std::move(far.value());
  }
  void TearDown() override {
    load_ = nullptr;
    TestMarket::TearDown();
    far_ = nullptr;
  }

  // Three voters under load, and a standby that is a server of theirs.
  void start_with_standby(const std::string& node_settings = "") {
    deployment::DeploymentOptions near = options();
    near.host = drill::kNearHost;
    near.node_settings = node_settings;
    start(near);
    if (HasFatalFailure()) return;
    const auto added = market_->add_node({drill::kFarHost, far_->enter()});
    ASSERT_TRUE(added.ok()) << added.error().message;
    ASSERT_EQ(added.value().node, kFar);
    load_ = std::make_unique<check::Load>(loop_, history_,
                                          deployment::market_addresses(market_->file(), 8),
                                          check::LoadOptions{.messages_per_second = kRate});
    load_->while_waiting = [this] { market_->supervise(); };
    const base::Status connected = load_->connect(kLimitMs);
    ASSERT_TRUE(connected.ok()) << connected.error().message;
    const Ending add = member({"add", "--address", far_address(), "--standby"});
    ASSERT_EQ(add.status, 0) << add.output;
    ASSERT_TRUE(trade_until([this] { return of_page(kFar, "okiagari_sequence") > 0; }));
  }

  void turn() {
    load_->turn();
    market_->supervise();
  }
  [[nodiscard]] bool trade_until(const std::function<bool()>& condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kLimitMs;
    while (!condition()) {
      if (net::Loop::now_ms() >= end_ms) return false;
      turn();
    }
    return true;
  }
  // `okiagari member` while trading goes on.
  Ending member(std::vector<std::string> words) {
    words.insert(words.begin(), {OKIAGARI_PROGRAM, "member"});
    words.insert(words.end(), {"--data", folder_});
    const std::string path = folder_ + "/member-output";
    std::filesystem::remove(path);
    auto child = base::ChildProcess::start(words, path);
    EXPECT_TRUE(child.ok());
    EXPECT_TRUE(trade_until([&] { return child.value().has_ended(); }));
    std::ifstream file(path);
    return {child.value().exit_status(), {std::istreambuf_iterator<char>(file), {}}};
  }

  [[nodiscard]] std::string far_address() const {
    return net::to_string(market_->place_of(kFar)->gateways);
  }
  // What a server shows of itself, fetched while trading goes on; empty when it does not answer.
  [[nodiscard]] net::MetricsText page_of(NodeId node) {
    net::HttpClient client(loop_);
    net::HttpCall call;
    call.to = *market_->place_of(node)->http;
    call.target = "/metrics";
    call.headers = {{"Accept", "application/openmetrics-text; version=1.0.0"}};
    std::optional<std::string> body;
    client.fetch(call, [&](base::Result<net::HttpResponse> answer) {
      body = answer ? answer.value().body : std::string();
    });
    while (!body) turn();
    const auto page = net::parse_metrics(*body, net::MetricsFormat::openmetrics);
    return page ? page.value() : net::MetricsText{};
  }
  // -1 when it says nothing of it.
  [[nodiscard]] double of_page(NodeId node, std::string_view sample,
                               net::MetricLabels labels = {}) {
    return page_of(node).value(sample, labels).value_or(-1);
  }

  struct Positions {
    double committed = -1;
    double last = -1;
    double far = -1;  // how far the leader knows the standby's log
  };
  [[nodiscard]] Positions as_the_leader_says(NodeId leader) {
    const net::MetricsText page = page_of(leader);
    Positions found;
    found.committed = page.value("okiagari_log_index", {{"kind", "committed"}}).value_or(-1);
    found.last = page.value("okiagari_log_index", {{"kind", "last"}}).value_or(-1);
    found.far =
        page.value("okiagari_peer_match_index", {{"peer", std::to_string(kFar)}}).value_or(-1);
    return found;
  }

  // Not before it has really stopped: a signal takes its time.
  void freeze(NodeId node) {
    market_->signal_node(node, SIGSTOP);
    const std::string path = fmt::format("/proc/{}/stat", market_->place_of(node)->pid);
    ASSERT_TRUE(trade_until([&] {
      std::ifstream file(path);
      const std::string text(std::istreambuf_iterator<char>(file), {});
      return text.find(") T ") != std::string::npos;
    }));
  }
  void thaw(NodeId node) { market_->signal_node(node, SIGCONT); }
  [[nodiscard]] static NodeId near_follower(NodeId leader) { return leader % 3 + 1; }

  // Brings the market to rest, stops it, and judges what disks and members say; what members say
  // only when the journals, which are what it is judged by, begin with the market.
  void expect_that_nothing_is_found(bool has_whole_logs = true) {
    load_->set_feeds(deployment::market_addresses(market_->file(), 8).feeds);
    EXPECT_TRUE(load_->settle(kLimitMs));
    EXPECT_TRUE(wait_until([this] { return all_agree(); }, kLimitMs));
    load_->read_again(kLimitMs);
    market_->stop();
    const auto verification = salvage::verify_folders({folder_}, [](const std::string&) {});
    ASSERT_TRUE(verification.ok()) << verification.error().message;
    EXPECT_TRUE(verification.value().report.holds());
    EXPECT_EQ(verification.value().nodes.size(), 4U);
    if (has_whole_logs) judge();
  }
  void judge() {
    check::Evidence evidence;
    evidence.history = &history_;
    evidence.troubles = market_->given_up();
    deployment::read_journals(market_->file().nodes, evidence);
    EXPECT_EQ(evidence.nodes(), 4U);
    const check::Verdict verdict = check::judge(evidence);
    EXPECT_EQ(check::words_of(verdict.findings), "");
    EXPECT_GT(verdict.figures.orders_acknowledged, 0U);
  }

  std::unique_ptr<drill::FarNetwork> far_;
  net::Loop loop_;
  check::History history_;
  std::unique_ptr<check::Load> load_;
};

TEST_F(FarStandbyTest, ItFollowsAndHowFarBehindItIsIsSeen) {
  constexpr int kSamples = 20;
  start_with_standby();
  if (HasFatalFailure()) return;
  const NodeId leader = market_->find_leader(5'000);
  int samples = 0;
  double most_behind = 0;
  double sequence = 0;
  ASSERT_TRUE(trade_until([&] {
    const net::MetricsText page = page_of(kFar);
    const auto age_s = page.value("okiagari_applied_age_seconds");
    const auto now = page.value("okiagari_sequence");
    if (!age_s || !now || *now <= sequence) return false;
    sequence = *now;
    // What has travelled is at least as old as the line is long.
    EXPECT_GE(*age_s, kDelayMs / 1'000.0);
    const Positions positions = as_the_leader_says(leader);
    most_behind = std::max(most_behind, positions.committed - positions.far);
    return ++samples == kSamples;
  }));
  EXPECT_GT(most_behind, 0) << "of what is under way to it, the leader shows some";
  EXPECT_THAT(member({"list"}).output, HasSubstr(fmt::format("node {:<3} standby", kFar)));
  EXPECT_EQ(of_page(kFar, "okiagari_role", {{"okiagari_role", "standby"}}), 1);
  expect_that_nothing_is_found();
}

// Of three voters two are left, which is a majority, and of four servers two, which is none.
TEST_F(FarStandbyTest, NobodyWaitsForItNotEvenWhenAVoterIsFrozenToo) {
  constexpr std::uint64_t kAcknowledged = 2'000;
  start_with_standby();
  if (HasFatalFailure()) return;
  const NodeId leader = market_->find_leader(5'000);
  const NodeId voter = near_follower(leader);
  freeze(kFar);
  freeze(voter);
  if (HasFatalFailure()) return;
  const Positions before = as_the_leader_says(leader);
  const std::uint64_t acknowledged = load_->acknowledged();
  EXPECT_TRUE(trade_until([&] { return load_->acknowledged() >= acknowledged + kAcknowledged; }));
  const Positions after = as_the_leader_says(leader);
  EXPECT_GT(after.committed, before.last) << "what came since is committed without it";
  EXPECT_GT(after.committed, after.far);
  EXPECT_THAT(member({"list"}).output,
              testing::ContainsRegex(fmt::format("node {}   standby  [1-9][0-9]* entries", kFar)));
  thaw(voter);
  thaw(kFar);
  expect_that_nothing_is_found();
}

TEST_F(FarStandbyTest, AfterALongAbsenceItIsCaughtUpByASnapshot) {
  start_with_standby(kShortLog);
  if (HasFatalFailure()) return;
  market_->hold_node(kFar, true);
  market_->signal_node(kFar, SIGKILL);
  ASSERT_TRUE(trade_until([this] { return !market_->is_node_running(kFar); }));
  const NodeId leader = market_->find_leader(5'000);
  const double last = as_the_leader_says(leader).last;
  ASSERT_TRUE(trade_until([&] {
    return of_page(leader, "okiagari_log_index", {{"kind", "first"}}) > last + 1;
  })) << "what it would need next is not in the log any more";
  ASSERT_TRUE(market_->start_node(kFar).ok());
  EXPECT_TRUE(trade_until([this] {
    const net::MetricsText page = page_of(kFar);
    return page.value("okiagari_snapshots_total", {{"what", "installed"}}).value_or(0) >= 1 &&
           page.value("okiagari_history_complete").value_or(0) == 1;
  }));
  expect_that_nothing_is_found(false);
}

TEST_F(FarStandbyTest, WhenTheLeaderDiesItFollowsTheNextOneAndHasVotedForNobody) {
  start_with_standby();
  if (HasFatalFailure()) return;
  const NodeId first = market_->find_leader(5'000);
  const double term = of_page(first, "okiagari_term");
  market_->hold_node(first, true);
  market_->signal_node(first, SIGKILL);
  ASSERT_TRUE(trade_until([&] {
    const net::MetricsText page = page_of(kFar);
    const double leader = page.value("okiagari_leader").value_or(0);
    return leader != 0 && leader != first && page.value("okiagari_term").value_or(0) > term;
  }));
  const net::MetricsText page = page_of(kFar);
  const double sequence = page.value("okiagari_sequence").value_or(0);
  EXPECT_TRUE(trade_until([&] { return of_page(kFar, "okiagari_sequence") > sequence; }));
  for (const json::object& report : reports()) {
    if (report.at("node").to_number<NodeId>() != kFar) continue;
    EXPECT_EQ(report.at("elections_started").to_number<int>(), 0);
  }

  market_->stop_node(kFar);
  {
    auto disk =
        journal::PosixDisk::open_folder(node::journal_folder(market_->folder_of_node(kFar)), false);
    ASSERT_TRUE(disk.ok()) << disk.error().message;
    const auto ballot = journal::BallotFile::open(*disk.value());
    ASSERT_TRUE(ballot.ok()) << ballot.error().message;
    EXPECT_GT(static_cast<double>(ballot.value().current().term), term);
    EXPECT_EQ(ballot.value().current().voted_for, 0);
  }
  ASSERT_TRUE(market_->start_node(kFar).ok());
  ASSERT_TRUE(market_->start_node(first).ok());
  expect_that_nothing_is_found();
}

TEST_F(FarStandbyTest, WithTheVotersGoneItIsASurvivorThatLacksNothing) {
  start_with_standby();
  if (HasFatalFailure()) return;
  const std::uint64_t acknowledged = load_->acknowledged();
  ASSERT_TRUE(trade_until([&] { return load_->acknowledged() >= acknowledged + 500; }));
  expect_that_nothing_is_found();
  const Ending looked =
      run({"promote", "look", market_->folder_of_node(kFar), "--json", "--witness",
           folder_ + "/gateway-1", "--witness", folder_ + "/gateway-2"});
  ASSERT_EQ(looked.status, 0) << looked.output;
  EXPECT_THAT(looked.output, HasSubstr("0 orders, 0 replacements, 0 cancels, 0 trades"));
}

TEST_F(FarStandbyTest, MadeAVoterItCounts) {
  constexpr double kEntries = 50;
  start_with_standby();
  if (HasFatalFailure()) return;
  const Ending add = member({"add", "--address", far_address()});
  ASSERT_EQ(add.status, 0) << add.output;
  EXPECT_THAT(add.output, HasSubstr(fmt::format("node {} votes", kFar)));
  const NodeId leader = market_->find_leader(5'000);
  ASSERT_NE(leader, kFar);
  const NodeId voter = near_follower(leader);
  freeze(voter);
  if (HasFatalFailure()) return;
  // Three of four are a majority: without it, what comes from now on is not committed.
  const Positions begin = as_the_leader_says(leader);
  EXPECT_TRUE(trade_until([&] {
    const Positions now = as_the_leader_says(leader);
    if (now.committed > begin.last) {
      EXPECT_LE(now.committed, now.far);
    }
    return now.committed >= begin.last + kEntries;
  }));
  thaw(voter);
  expect_that_nothing_is_found();
}

}  // namespace
}  // namespace okiagari

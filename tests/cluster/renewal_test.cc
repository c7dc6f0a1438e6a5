// Goal: the servers of a market are renewed one after the other while members trade, and nothing
// that an older one does not know comes into the log before the last of them. Method: a market of
// real processes whose servers are held to an older level of formats, as an operator holds them,
// under load that the history checker judges; the hold is taken from one after the other. A server
// that is held says that it knows no more than that level, refuses to go on where more is in force,
// and differs from an older program in nothing else that the others could see.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/whole_file.h"
#include "check/load.h"
#include "check/verdict_report.h"
#include "client/order_entry.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "net/loop.h"
#include "node/exit_code.h"
#include "tests/cluster/test_market.h"
#include "wire/format_level.h"
#include "wire/ouch_venue.h"

namespace okiagari {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr std::size_t kLoaded = 4;
constexpr auto kHold = "[market]\nformat_level = 2\n";
constexpr std::uint64_t kPatienceMs = 60'000;

// What one member hears of its orders.
class Listener final : public client::OrderEntrySession::Listener {
 public:
  void on_accepted(std::uint64_t, const wire::ouch::Accepted&) override { ++accepted; }
  void on_rejected(std::uint64_t, const wire::ouch::Rejected& told) override {
    ++rejected;
    reason = told.reason;
  }
  void on_refusal(const wire::ouch::LocalRefusal& refusal) override { refused = refusal.reason; }
  int accepted = 0;
  int rejected = 0;
  std::uint16_t reason = 0;
  std::uint16_t refused = 0;
};

class RenewalTest : public TestMarket {
 protected:
  void TearDown() override {
    session_.reset();
    load_.reset();
    TestMarket::TearDown();
  }
  void start_held() {
    deployment::DeploymentOptions held = options();
    held.node_settings = kHold;
    start_under_load(held);
  }
  void start_under_load(deployment::DeploymentOptions market) {
    market.sessions = kLoaded;
    start(market);
    load_.emplace(loop_, history_, deployment::market_addresses(market_->file(), kLoaded),
                  check::LoadOptions{.seed = 1, .messages_per_second = 1'000});
    load_->while_waiting = [this] { market_->supervise(); };
    const base::Status connected = load_->connect(kPatienceMs);
    ASSERT_TRUE(connected.ok()) << connected.error().message;
    // The canary's instrument is nobody else's, and its sessions are not judged.
    const deployment::SessionAccess& access = market_->file().canary.sessions.at(0);
    client::SoupAccess canary{access.name, access.token, {}, 0, 0};
    for (const auto& gateway : market_->file().gateways) canary.servers.push_back(gateway.members);
    session_.emplace(loop_, listener_, canary);
    ASSERT_TRUE(trade_until([&] { return session_->is_ready(); }));
  }
  // Under load meanwhile.
  [[nodiscard]] bool trade_until(const std::function<bool()>& done) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
    while (!done()) {
      if (net::Loop::now_ms() >= end_ms) return false;
      load_->turn();
      session_->tick(net::Loop::now_ms());
      session_->flush();
      market_->supervise();
    }
    return true;
  }
  [[nodiscard]] bool trade_on(std::uint64_t messages = 2'000) {
    const std::uint64_t before = load_->acknowledged();
    return trade_until([&] { return load_->acknowledged() >= before + messages; });
  }
  void set_hold(NodeId node, bool is_held) {
    const std::string path = market_->place_of(node)->folder + "/node.toml";
    auto text = base::read_whole_file(path);
    ASSERT_TRUE(text.ok());
    std::string settings = text.value();
    const std::size_t at = settings.find(kHold);
    if (is_held && at == std::string::npos) settings += std::string("\n") + kHold;
    if (!is_held && at != std::string::npos) settings.erase(at, std::string_view(kHold).size());
    ASSERT_TRUE(base::write_whole_file(path, settings).ok());
  }
  // Stopped in order, given what a newer program says of itself, started again.
  void renew(NodeId node) {
    market_->stop_node(node);
    set_hold(node, false);
    ASSERT_TRUE(market_->start_node(node).ok());
    ASSERT_TRUE(trade_until([&] { return level_of(node) != 0; })) << "node " << node;
    ASSERT_TRUE(trade_on());
  }
  void hand_over_to(NodeId node) {
    if (market_->find_leader(kPatienceMs) == node) return;
    (void)run({"transfer", "--data", folder_, "--to", std::to_string(node)});
    ASSERT_TRUE(trade_until([&] { return market_->find_leader(0) == node; })) << "node " << node;
  }
  // Everything is in it from the first server to the new commands and the judgement.
  void renew_all(const std::vector<NodeId>& order);
  [[nodiscard]] static NodeId next_to(NodeId node, int places) {
    return static_cast<NodeId>((node - 1 + places) % 3 + 1);
  }
  // In force, as that node says; 0 when it does not answer.
  [[nodiscard]] std::uint64_t level_of(NodeId node) const {
    for (const auto& report : reports()) {
      if (report.at("node") == node) return report.at("format_level").to_number<std::uint64_t>();
    }
    return 0;
  }
  [[nodiscard]] bool all_are_at(std::uint64_t level) const {
    for (NodeId node = 1; node <= 3; ++node) {
      if (level_of(node) != level) return false;
    }
    return true;
  }
  client::OrderTicket ticket() const {
    client::OrderTicket ticket;
    ticket.symbol = wire::alpha<8>(market_->file().canary.instrument.symbol);
    ticket.quantity = 1;
    ticket.price_e4 = market_->file().canary.instrument.tick_e4;
    return ticket;
  }
  client::OrderTicket dated() const {
    client::OrderTicket order = ticket();
    order.time = client::OrderTicket::Time::good_till_date;
    order.last_day = 20991231;
    return order;
  }
  client::OrderTicket stop() const {
    client::OrderTicket order = ticket();
    order.trigger_e4 = 100 * std::uint64_t{order.price_e4};
    order.price_e4 = order.trigger_e4;
    return order;
  }
  client::OrderTicket trailing_stop() const {
    client::OrderTicket order = ticket();
    order.distance_e4 = order.price_e4;
    return order;
  }
  void expect_refused(const client::OrderTicket& order) {
    listener_.refused = 0;
    ASSERT_NE(session_->enter(order), 0U);
    EXPECT_TRUE(trade_until([&] { return listener_.refused != 0; }));
    EXPECT_EQ(listener_.refused, static_cast<int>(wire::ouch::RejectCode::not_yet_taken));
  }
  void expect_taken(const client::OrderTicket& order) {
    const int before = listener_.accepted;
    ASSERT_NE(session_->enter(order), 0U);
    EXPECT_TRUE(trade_until([&] { return listener_.accepted > before; }));
  }
  // By the market itself: nothing was traded that it could follow.
  void expect_judged(const client::OrderTicket& order) {
    const int before = listener_.rejected;
    ASSERT_NE(session_->enter(order), 0U);
    EXPECT_TRUE(trade_until([&] { return listener_.rejected > before; }));
    EXPECT_EQ(listener_.reason,
              static_cast<int>(wire::ouch::code_of(venue::Reason::nothing_to_follow)));
  }
  Ending end_day() {
    const std::string act = folder_ + "/day_end.json";
    const auto key = [&](int person) {
      return fmt::format("{}/keys/operator-{}.key", folder_, person);
    };
    const Ending made = run({"calendar", "end-day", "--date", "2026-11-26", "--out", act, "--key",
                             key(1), "--key", key(2), "--data", folder_});
    EXPECT_EQ(made.status, 0) << made.output;
    return run({"calendar", "submit", act, "--data", folder_});
  }
  void expect_nothing_lost() {
    (void)load_->settle(kPatienceMs);
    load_->read_again(kPatienceMs);
    market_->stop();
    check::Evidence evidence = deployment::evidence_of_run(market_->file(), history_);
    const check::Verdict verdict = check::judge(evidence);
    EXPECT_EQ(check::words_of(verdict.findings), "");
    EXPECT_GT(verdict.figures.orders_acknowledged, 0U);
  }

  net::Loop loop_;
  check::History history_;
  Listener listener_;
  std::optional<check::Load> load_;
  std::optional<client::OrderEntrySession> session_;
};

void RenewalTest::renew_all(const std::vector<NodeId>& order) {
  ASSERT_TRUE(trade_on());
  EXPECT_TRUE(all_are_at(2));
  renew(order[0]);
  renew(order[1]);
  // One that knows more than another must lead for this.
  const NodeId leader = market_->find_leader(kPatienceMs);
  hand_over_to(order[1]);
  EXPECT_TRUE(all_are_at(2)) << "node " << order[2] << " is not renewed";
  const std::string status = run({"status", "--data", folder_}).output;
  EXPECT_THAT(status, ContainsRegex("format level in force +2 "));
  EXPECT_THAT(status, ContainsRegex("lowest that a node understands +2 "));
  expect_refused(dated());
  expect_refused(stop());
  expect_refused(trailing_stop());
  const Ending refused = end_day();
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.output,
              HasSubstr(fmt::format("server {} understands format level 2, this needs 4: renew it "
                                    "first",
                                    order[2])));
  hand_over_to(leader);
  ASSERT_TRUE(trade_on());

  renew(order[2]);
  ASSERT_TRUE(trade_until([&] { return all_are_at(wire::kNewestFormatLevel); }));
  ASSERT_TRUE(trade_on());
  expect_taken(dated());
  expect_taken(stop());
  expect_judged(trailing_stop());
  const Ending ended = end_day();
  EXPECT_EQ(ended.status, 0) << ended.output;
  ASSERT_TRUE(trade_on());
  EXPECT_TRUE(market_->given_up().empty());
  expect_nothing_lost();
}

TEST_F(RenewalTest, TheLeaderIsRenewedFirstAndOnlyAfterTheLastTheNewCommandsAreTaken) {
  start_held();
  const NodeId leader = market_->find_leader(kPatienceMs);
  ASSERT_NE(leader, 0);
  renew_all({leader, next_to(leader, 1), next_to(leader, 2)});
}

TEST_F(RenewalTest, TheLeaderIsRenewedLastAndOnlyThenTheNewCommandsAreTaken) {
  start_held();
  const NodeId leader = market_->find_leader(kPatienceMs);
  ASSERT_NE(leader, 0);
  renew_all({next_to(leader, 1), next_to(leader, 2), leader});
}

TEST_F(RenewalTest, AServerThatKnowsLessThanTheLogStopsAndSaysWhatToInstall) {
  start(options());
  ASSERT_TRUE(wait_until([&] { return all_are_at(wire::kNewestFormatLevel) && all_agree(); }));
  market_->stop_node(3);
  set_hold(3, true);
  ASSERT_TRUE(market_->start_node(3).ok());
  ASSERT_TRUE(wait_until([&] { return !market_->given_up().empty(); }));
  EXPECT_THAT(market_->given_up()[0],
              HasSubstr(fmt::format("node 3 ended with exit code {}",
                                    node::exit_status(node::ExitCode::too_old))));
  EXPECT_THAT(market_->given_up()[0], HasSubstr("this server understands level 2"));
  set_hold(3, false);
  ASSERT_TRUE(market_->start_node(3).ok());
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

// With OKIAGARI_OLDER_PROGRAM, the path of a program of an earlier version, its servers and
// gateways are renewed to this one. Without it there is no such test.
class RenewalFromTest : public RenewalTest, public testing::WithParamInterface<std::string> {
 protected:
  // What its processes are started from, from now on.
  void install(const std::string& program) const {
    const std::string place = installed();
    std::filesystem::copy_file(program, place + ".new");
    std::filesystem::rename(place + ".new", place);
  }
  [[nodiscard]] std::string installed() const { return folder_ + "/okiagari"; }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RenewalFromTest);

std::vector<std::string> older_programs() {
  const char* const program = std::getenv("OKIAGARI_OLDER_PROGRAM");
  return program == nullptr ? std::vector<std::string>() : std::vector<std::string>{program};
}
INSTANTIATE_TEST_SUITE_P(OlderProgram, RenewalFromTest, testing::ValuesIn(older_programs()));

TEST_P(RenewalFromTest, ItsServersThenItsGatewaysAndWhatIsNewIsTaken) {
  install(GetParam());
  deployment::DeploymentOptions older = options();
  older.program = installed();
  start_under_load(older);
  const std::uint64_t before = level_of(1);
  ASSERT_LT(before, wire::kNewestFormatLevel) << "the program is not older";
  ASSERT_TRUE(trade_on());

  install(OKIAGARI_PROGRAM);
  const NodeId leader = market_->find_leader(kPatienceMs);
  ASSERT_NE(leader, 0);
  for (const NodeId node : {next_to(leader, 1), next_to(leader, 2), leader}) {
    EXPECT_TRUE(all_are_at(before)) << "before node " << node;
    renew(node);
  }
  ASSERT_TRUE(trade_until([&] { return all_are_at(wire::kNewestFormatLevel); }));
  ASSERT_TRUE(trade_on());
  for (const deployment::GatewayPlace& gateway : market_->file().gateways) {
    market_->signal_gateway(gateway.gateway, SIGTERM);
    ASSERT_TRUE(trade_on());
  }
  ASSERT_TRUE(trade_until([&] { return session_->is_ready(); }));
  expect_judged(trailing_stop());
  ASSERT_TRUE(trade_on());
  EXPECT_TRUE(market_->given_up().empty());
  expect_nothing_lost();
}

}  // namespace
}  // namespace okiagari

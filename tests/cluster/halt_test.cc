// Goal: a halt works by every path: by the cluster, by a file with the cluster alive, and by a file
// when every server is dead; and nothing lifts it but two people. Method: real processes, the
// command as an operator types it, and a member that trades.
#include <signal.h>

#include "client/order_entry.h"
#include "net/loop.h"
#include "tests/cluster/test_market.h"
#include "wire/ouch.h"

namespace okiagari {
namespace {

namespace ouch = wire::ouch;

// A member of the first gateway: what it was told last.
class Trader final : public client::OrderEntrySession::Listener {
 public:
  Trader(net::Loop& loop, const deployment::DeploymentFile& market, std::size_t session)
      : entry_(loop, *this,
               {.name = market.sessions[session].name,
                .token = market.sessions[session].token,
                .servers = {market.gateways[0].members}}) {}

  void on_accepted(std::uint64_t, const ouch::Accepted&) override { ++accepted; }
  void on_canceled(std::uint64_t, const ouch::Canceled&) override { ++canceled; }
  void on_rejected(std::uint64_t, const ouch::Rejected& message) override {
    ++rejected;
    reason = message.reason;
  }
  void on_trading_state(std::uint64_t, const ouch::TradingState& message) override {
    states.push_back(message);
  }
  void on_refusal(const ouch::LocalRefusal& message) override {
    ++refused;
    reason = message.reason;
  }
  void on_gateway_halt(const ouch::GatewayHalt& message) override { halts.push_back(message); }

  [[nodiscard]] std::size_t answers() const { return accepted + canceled + rejected + refused; }
  client::OrderEntrySession& entry() { return entry_; }

  std::size_t accepted = 0;
  std::size_t canceled = 0;
  std::size_t rejected = 0;
  std::size_t refused = 0;
  std::uint16_t reason = 0;
  std::vector<ouch::TradingState> states;
  std::vector<ouch::GatewayHalt> halts;

 private:
  client::OrderEntrySession entry_;
};

class HaltTest : public TestMarket {
 protected:
  void start_market() {
    deployment::DeploymentOptions made = options();
    made.gateways = 1;
    made.sessions = 2;
    made.instruments = deployment::made_up_instruments(2);
    start(made);
    trader_ = std::make_unique<Trader>(loop_, market_->file(), 0);
    ASSERT_TRUE(until([&] { return trader_->entry().is_ready(); }));
  }
  void TearDown() override {
    trader_ = nullptr;
    TestMarket::TearDown();
  }
  bool until(const std::function<bool()>& condition) {
    return wait_until([&] {
      trader_->entry().tick(net::Loop::now_ms());
      trader_->entry().flush();
      (void)loop_.poll();
      return condition();
    });
  }
  enum class Fate : std::uint8_t { accepted, rejected, refused, nothing };
  Fate enter(std::string_view symbol = "OKI0001") {
    const std::size_t accepted = trader_->accepted;
    const std::size_t rejected = trader_->rejected;
    const std::size_t before = trader_->answers();
    client::OrderTicket ticket;
    ticket.symbol = wire::alpha<8>(symbol);
    ticket.quantity = 10;
    ticket.price_e4 = 10'000;
    EXPECT_TRUE(until([&] { return trader_->entry().is_ready(); }));
    last_order_ = trader_->entry().enter(ticket);
    EXPECT_NE(last_order_, 0u);
    if (!until([&] { return trader_->answers() > before; })) return Fate::nothing;
    if (trader_->accepted > accepted) return Fate::accepted;
    return trader_->rejected > rejected ? Fate::rejected : Fate::refused;
  }
  bool cancel(std::uint32_t order) {
    const std::size_t before = trader_->canceled;
    EXPECT_TRUE(trader_->entry().cancel(order));
    return until([&] { return trader_->canceled > before; });
  }
  Ending halt(std::vector<std::string> words) {
    words.insert(words.begin(), "halt");
    for (const char* word : {"--data", folder_.c_str()}) words.emplace_back(word);
    return run(words);
  }
  [[nodiscard]] std::string key(int person) const {
    return fmt::format("{}/keys/operator-{}.key", folder_, person);
  }
  [[nodiscard]] std::string desk_key() const { return folder_ + "/keys/desk.key"; }
  [[nodiscard]] std::string gateway() const { return market_->file().gateways[0].folder; }
  // The number of the only halt in force at the gateway.
  [[nodiscard]] std::string number_in_force() const {
    std::ifstream file(gateway() + "/halt_state.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return std::to_string(
        boost::json::parse(text).at("halts").at(0).at("number").to_number<std::uint64_t>());
  }

  static constexpr auto kHaltOrder = static_cast<std::uint16_t>(ouch::RejectCode::halt_order);
  const std::string kProof = std::string(64, 'a');
  net::Loop loop_;
  std::unique_ptr<Trader> trader_;
  std::uint32_t last_order_ = 0;
};

TEST_F(HaltTest, WithEveryServerDeadASignedFileStopsNewOrders) {
  start_market();
  ASSERT_EQ(enter(), Fate::accepted);
  ASSERT_EQ(
      halt({"--market", "--reason", "drill", "--key", key(1), "--file", folder_ + "/stop"}).status,
      0);
  for (NodeId node = 1; node <= 3; ++node) {
    market_->hold_node(node, true);
    market_->signal_node(node, SIGKILL);
  }
  ASSERT_TRUE(wait_until([&] {
    for (NodeId node = 1; node <= 3; ++node) {
      if (market_->is_node_running(node)) return false;
    }
    return true;
  }));
  const Ending ending = halt({"--file", folder_ + "/stop", "--gateway-data", gateway()});
  EXPECT_EQ(ending.status, 0) << ending.output;
  EXPECT_NE(ending.output.find("in_effect"), std::string::npos) << ending.output;
  EXPECT_EQ(enter(), Fate::refused);
  EXPECT_EQ(trader_->reason, kHaltOrder);
  ASSERT_EQ(trader_->halts.size(), 1u);
  EXPECT_EQ(trader_->halts[0].action, 'H');
}

TEST_F(HaltTest, AFileStopsNewOrdersOfALivingMarketAndTwoPeopleLiftIt) {
  start_market();
  ASSERT_EQ(enter(), Fate::accepted);
  const std::uint32_t resting = last_order_;
  ASSERT_EQ(
      halt({"--market", "--reason", "drill", "--key", desk_key(), "--gateway-data", gateway()})
          .status,
      0);
  EXPECT_EQ(enter(), Fate::refused);
  EXPECT_TRUE(cancel(resting));

  market_->signal_gateway(1, SIGKILL);
  ASSERT_TRUE(until([&] { return !trader_->entry().is_ready(); }));
  ASSERT_TRUE(until([&] { return trader_->entry().is_ready(); }));
  EXPECT_EQ(enter(), Fate::refused);

  const auto lift = [&](std::vector<std::string> keys) {
    std::vector<std::string> words = {"lift",           "--market", "--reason", "drill",
                                      "--proof",        kProof,     "--lifts",  number_in_force(),
                                      "--gateway-data", gateway()};
    for (const std::string& one : keys) {
      words.emplace_back("--key");
      words.push_back(one);
    }
    return halt(words);
  };
  for (const std::vector<std::string>& keys :
       {std::vector<std::string>{key(1)}, {key(1), key(1)}, {key(1), desk_key()}}) {
    const Ending ending = lift(keys);
    EXPECT_EQ(ending.status, 1) << ending.output;
    EXPECT_NE(ending.output.find("second_person_missing"), std::string::npos) << ending.output;
    EXPECT_EQ(enter(), Fate::refused);
  }
  const Ending ending = lift({key(1), key(2)});
  EXPECT_EQ(ending.status, 0) << ending.output;
  EXPECT_EQ(enter(), Fate::accepted);
}

TEST_F(HaltTest, AFileThatIsForgedReplayedExpiredOrAnotherMarketsIsRefusedByName) {
  start_market();
  const auto hand = [&](const std::string& name, const std::string& verdict) {
    const Ending ending = halt({"--file", folder_ + "/" + name, "--gateway-data", gateway()});
    EXPECT_EQ(ending.status, 1) << ending.output;
    EXPECT_NE(ending.output.find(verdict), std::string::npos) << name << ": " << ending.output;
  };
  const auto make = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> words = {"--market", "--reason",          "drill", "--key", key(1),
                                      "--file",   folder_ + "/" + name};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = halt(words);
    EXPECT_EQ(ending.status, 0) << ending.output;
  };
  make("forged", {});
  std::ifstream file(folder_ + "/forged");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.replace(text.find("drill"), 5, "shrug");
  std::ofstream(folder_ + "/forged") << text;
  hand("forged", "signature_wrong");
  make("expired", {"--valid-s", "0", "--number", "5"});
  const std::uint64_t made_s = net::Loop::wall_ns() / 1'000'000'000;
  ASSERT_TRUE(until([&] { return net::Loop::wall_ns() / 1'000'000'000 > made_s + 1; }));
  hand("expired", "expired");
  make("another", {"--cluster", "12345"});
  hand("another", "wrong_cluster");
  EXPECT_EQ(enter(), Fate::accepted);

  make("stop", {"--number", "10"});
  EXPECT_EQ(halt({"--file", folder_ + "/stop", "--gateway-data", gateway()}).status, 0);
  EXPECT_EQ(halt({"lift", "--market", "--reason", "drill", "--proof", kProof, "--lifts", "10",
                  "--number", "11", "--key", key(3), "--key", key(4), "--gateway-data", gateway()})
                .status,
            0);
  hand("stop", "old_number");
  EXPECT_EQ(enter(), Fate::accepted);
}

TEST_F(HaltTest, ByTheClusterOnePersonStopsAndTwoStartOnDifferentMachines) {
  start_market();
  ASSERT_EQ(enter(), Fate::accepted);
  const Ending preview = halt({"--instrument", "OKI0001", "--preview"});
  EXPECT_EQ(preview.status, 0) << preview.output;
  EXPECT_NE(preview.output.find("1 instruments, 1 resting orders"), std::string::npos)
      << preview.output;
  EXPECT_NE(preview.output.find("member 1 M001: 1 resting orders"), std::string::npos)
      << preview.output;

  const Ending stop =
      halt({"--instrument", "OKI0001", "--reason", "drill", "--code", "T1", "--key", key(1)});
  EXPECT_EQ(stop.status, 0) << stop.output;
  EXPECT_NE(stop.output.find("in effect at sequence"), std::string::npos) << stop.output;
  EXPECT_EQ(enter(), Fate::rejected);
  EXPECT_EQ(enter("OKI0002"), Fate::accepted);
  ASSERT_EQ(trader_->states.size(), 1u);
  EXPECT_EQ(trader_->states[0].state, '1');
  EXPECT_EQ(wire::trimmed(trader_->states[0].symbol), "OKI0001");

  const std::string act = folder_ + "/act";
  EXPECT_EQ(halt({"lift", "--instrument", "OKI0001", "--propose", act}).status, 0);
  EXPECT_EQ(halt({"sign", act, "--key", key(2)}).status, 0);
  const Ending alone = halt({"submit", act});
  EXPECT_EQ(alone.status, 1) << alone.output;
  EXPECT_NE(alone.output.find("approval missing"), std::string::npos) << alone.output;
  EXPECT_EQ(enter(), Fate::rejected);
  EXPECT_EQ(halt({"sign", act, "--key", key(2)}).status, 3) << "one person signs once";
  EXPECT_EQ(halt({"sign", act, "--key", key(3)}).status, 0);
  EXPECT_EQ(halt({"submit", act}).status, 0);
  EXPECT_EQ(enter(), Fate::accepted);
  const Ending again = halt({"submit", act});
  EXPECT_NE(again.output.find("stale control number"), std::string::npos) << again.output;
}

}  // namespace
}  // namespace okiagari

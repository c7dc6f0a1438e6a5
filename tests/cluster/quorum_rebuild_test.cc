// Goal: two of three servers are gone for good, with their disks, and the market goes on from the
// third: with nothing lost that anybody was told when the third had it, and with a list of exactly
// what was lost when it had not. Method: a market of real processes under the checker's load; every
// step by the command that a person would type; judged by the history checker, from the old log and
// the new one behind it.
#include "salvage/quorum_rebuild.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <map>
#include <optional>
#include <set>

#include "check/agreed_log.h"
#include "check/load.h"
#include "check/market_model.h"
#include "check/session_history.h"
#include "check/verdict.h"
#include "check/verdict_report.h"
#include "client/key_file.h"
#include "deployment/free_ports.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "gateway/told_events.h"
#include "salvage/verify.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"
#include "venue/venue.h"

namespace okiagari {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::size_t kSessions = 4;
constexpr std::uint64_t kWaitMs = 30'000;

template <typename Command>
std::vector<std::byte> bytes_of(Command command) {
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  const base::Bytes bytes = base::object_bytes(command);
  return {bytes.begin(), bytes.end()};
}

class QuorumRebuildTest : public TestMarket {
 protected:
  void begin() {
    deployment::DeploymentOptions options = this->options();
    options.sessions = kSessions;
    options.node_settings = "[journal]\nsegment_mib = 4\nmin_free_mib = 1\n";
    start(options);
    check::MarketAddresses addresses = deployment::market_addresses(market_->file(), kSessions);
    load_.emplace(loop_, history_, std::move(addresses), check::LoadOptions{.seed = 11});
    load_->while_waiting = [this] { market_->supervise(); };
    const base::Status connected = load_->connect(kWaitMs);
    ASSERT_TRUE(connected.ok()) << connected.error().message;
  }
  void submit(const std::vector<std::vector<std::byte>>& commands) {
    const base::Status status = deployment::load_reference_data(
        market_->file(), commands, kWaitMs, [this] { market_->supervise(); },
        [](const std::string&) {});
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  [[nodiscard]] bool trade_until(const std::function<bool()>& condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kWaitMs;
    while (!condition()) {
      if (net::Loop::now_ms() >= end_ms) return false;
      load_->turn();
      market_->supervise();
    }
    return true;
  }
  [[nodiscard]] bool trade(std::uint64_t more_orders) {
    const std::uint64_t wanted = load_->acknowledged() + more_orders;
    return trade_until([&] { return load_->acknowledged() >= wanted; });
  }
  // With their disks.
  void lose(NodeId node) {
    market_->hold_node(node, true);
    market_->signal_node(node, SIGKILL);
    EXPECT_TRUE(wait_until([&] { return !market_->is_node_running(node); }));
    fs::remove_all(market_->folder_of_node(node));
  }
  [[nodiscard]] std::vector<std::string> witnesses() const {
    std::vector<std::string> words;
    for (const deployment::GatewayPlace& place : market_->file().gateways) {
      words.insert(words.end(), {"--witness", place.folder});
    }
    return words;
  }
  [[nodiscard]] Ending promote(std::vector<std::string> words) {
    words.insert(words.begin(), "promote");
    return run(words);
  }
  [[nodiscard]] std::string key_of(int person) const {
    return fmt::format("{}/keys/operator-{}.key", folder_, person);
  }
  [[nodiscard]] std::string act() const { return folder_ + "/act.json"; }
  void propose(NodeId survivor) {
    std::vector<std::string> words = {"propose", market_->folder_of_node(survivor), "--out", act()};
    for (const std::string& word : witnesses()) words.push_back(word);
    const Ending ending = promote(words);
    ASSERT_EQ(ending.status, 0) << ending.output;
  }
  void sign(int person) {
    const Ending ending = promote({"sign", act(), "--data", folder_, "--key", key_of(person)});
    ASSERT_EQ(ending.status, 0) << ending.output;
  }
  void stop_everything() {
    market_->stop();
    market_ = nullptr;
  }
  void start_again() {
    deployment::DeploymentOptions options = this->options();
    options.sessions = kSessions;
    options.node_settings = "[journal]\nsegment_mib = 4\nmin_free_mib = 1\n";
    start(options);
  }
  void open_market() {
    venue::SetInstrumentState open{};
    open.control_number = 1;
    open.state = venue::InstrumentState::full;
    auto bytes = bytes_of(open);
    const base::Digest digest = venue::approval_digest(bytes);
    std::memcpy(&open, bytes.data(), sizeof open);
    for (std::uint8_t id = 1; id <= 2; ++id) {
      open.approvals[id - 1u].operator_id = id;
      open.approvals[id - 1u].signature =
          base::sign(digest, client::load_key(key_of(id), "").value().secret_key);
    }
    submit({bytes_of(open)});
  }
  // Whether a member was told in its sequence that an order is refused; `seen` moves on.
  [[nodiscard]] bool has_rejection_since(std::size_t& seen) const {
    for (; seen < history_.size(); ++seen) {
      const check::HistoryRecord record = history_[seen];
      const bool is_answer = record.event == check::HistoryEvent::answered && !record.bytes.empty();
      if (is_answer && static_cast<char>(record.bytes[0]) == check::kOuchRejected) return true;
    }
    return false;
  }
  [[nodiscard]] std::uint64_t held_nodes() const {
    const auto found = reports();
    return static_cast<std::uint64_t>(std::count_if(
        found.begin(), found.end(), [](const auto& one) { return one.at("held").as_bool(); }));
  }
  void expect_old_node_is_fenced(const std::string& kept, NodeId node, std::uint64_t old_cluster);
  void expect_old_gateway_is_fenced(std::uint64_t old_cluster);
  void judge(const std::string& kept, NodeId survivor);

  net::Loop loop_;
  check::History history_;
  std::optional<check::Load> load_;
};

// It comes back with its disk and its addresses changed for free ones, and finds the new cluster at
// its old peers' addresses.
void QuorumRebuildTest::expect_old_node_is_fenced(const std::string& kept, NodeId node,
                                                  std::uint64_t old_cluster) {
  deployment::DeploymentFile old = market_->file();
  old.cluster = old_cluster;
  const auto ports = deployment::find_free_ports(0, 4);
  ASSERT_TRUE(ports.ok());
  deployment::NodePlace* place = old.find_node(node);
  place->peers.port = ports.value()[0];
  place->gateways.port = ports.value()[1];
  place->feed.port = ports.value()[2];
  if (place->http) place->http->port = ports.value()[3];
  place->feed_line.reset();
  place->feed_requests.reset();
  place->feed_images.reset();
  const std::string config = folder_ + "/old-node.toml";
  std::ofstream(config) << deployment::node_settings_text(old, node)
                        << "\n[journal]\nsegment_mib = 4\nmin_free_mib = 1\n";
  const std::string output = folder_ + "/old-node.log";
  auto child = base::ChildProcess::start(
      {OKIAGARI_PROGRAM, "node", "--data", kept, "--config", config}, output);
  ASSERT_TRUE(child.ok());
  const auto log_of = [](const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  // A new node names the stranger whom it sent away; the old one knows no leader and takes nothing.
  const NodeId other = node == 1 ? 2 : 1;
  EXPECT_TRUE(wait_until([&] {
    return log_of(market_->folder_of_node(other) + "/output.log")
               .find(fmt::format("cluster {:016x}", old_cluster)) != std::string::npos;
  })) << log_of(market_->folder_of_node(other) + "/output.log");
  const auto answers = deployment::ask_nodes({place->gateways}, 2'000);
  ASSERT_TRUE(answers[0].report.has_value()) << log_of(output);
  const auto report = boost::json::parse(*answers[0].report).as_object();
  EXPECT_FALSE(report.at("open").as_bool());
  EXPECT_EQ(report.at("leader").to_number<int>(), 0);
}

void QuorumRebuildTest::expect_old_gateway_is_fenced(std::uint64_t old_cluster) {
  deployment::DeploymentFile old = market_->file();
  old.cluster = old_cluster;
  old.gateways[0].members.port = 0;
  if (old.gateways[0].http) old.gateways[0].http->port = 0;
  const std::string config = folder_ + "/old-gateway.toml";
  std::ofstream(config) << deployment::gateway_settings_text(old, 1, folder_ + "/credentials.toml");
  const Ending ending = run({"gateway", "--data", old.gateways[0].folder, "--config", config});
  EXPECT_NE(ending.status, 0);
  EXPECT_THAT(ending.output, HasSubstr("this gateway has left cluster"));
}

void QuorumRebuildTest::judge(const std::string& kept, NodeId survivor) {
  check::Evidence evidence;
  evidence.troubles = market_->given_up();
  deployment::read_journals(market_->file().nodes, evidence);
  auto journal = check::read_journal(kept + "/journal", survivor);
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  evidence.survivor = std::move(journal.value());
  evidence.history = &history_;
  const check::Verdict verdict = check::judge(evidence);
  EXPECT_EQ(verdict.findings.total(), 0u) << check::words_of(verdict.findings);
  EXPECT_GT(verdict.figures.orders_acknowledged, 2'000u);
}

TEST_F(QuorumRebuildTest, TwoOfThreeServersAreGoneForGoodAndNothingIsLostThatTheThirdHad) {
  begin();
  ASSERT_TRUE(trade(1'000));
  const std::uint64_t old_cluster = market_->file().cluster;
  // Whoever leads has all that was acknowledged.
  const NodeId survivor = market_->find_leader(5'000);
  ASSERT_NE(survivor, 0);
  for (NodeId node = 1; node <= 3; ++node) {
    if (node != survivor) lose(node);
  }
  // Alone it gives up its office, and then takes nothing however much is sent.
  ASSERT_TRUE(trade_until([&] { return market_->status(survivor)->open == 0; }));
  const std::uint64_t acknowledged = load_->acknowledged();
  const std::uint64_t sent = load_->sent();
  ASSERT_TRUE(trade_until([&] { return load_->sent() > sent + 200; }));
  EXPECT_EQ(load_->acknowledged(), acknowledged);

  std::vector<std::string> words = {"look", market_->folder_of_node(survivor), "--json"};
  for (const std::string& word : witnesses()) words.push_back(word);
  const Ending looked = promote(words);
  ASSERT_EQ(looked.status, 0) << looked.output;
  EXPECT_THAT(looked.output, HasSubstr("0 orders, 0 replacements, 0 cancels, 0 trades"));

  propose(survivor);
  sign(1);
  EXPECT_THAT(promote({"sign", act(), "--data", folder_, "--key", key_of(1)}).output,
              HasSubstr("has signed already"));
  fs::copy_file(act(), folder_ + "/one-signature.json");
  stop_everything();
  Ending refused = promote({"rebuild", folder_ + "/one-signature.json", "--data", folder_});
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("1 of the two people"));
  sign(2);
  const Ending rebuilt = promote({"rebuild", act(), "--data", folder_});
  ASSERT_EQ(rebuilt.status, 0) << rebuilt.output;

  start_again();
  EXPECT_NE(market_->file().cluster, old_cluster);
  ASSERT_TRUE(wait_until([&] { return held_nodes() == 3; }));
  refused = promote({"found", folder_ + "/one-signature.json", "--data", folder_});
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("approval missing"));
  EXPECT_EQ(held_nodes(), 3u);
  const std::string kept =
      fmt::format("{}.of-cluster-{:016x}", market_->folder_of_node(survivor), old_cluster);
  expect_old_node_is_fenced(kept, survivor, old_cluster);
  expect_old_gateway_is_fenced(old_cluster);

  // Members come back, hear what the survivor had beyond what it knew to be committed, and are told
  // that it does not trade yet. That nothing is taken meanwhile is what the checker's model says.
  std::size_t seen = history_.size();
  ASSERT_TRUE(trade_until([&] { return has_rejection_since(seen); }));
  const Ending founded = promote({"found", act(), "--data", folder_});
  ASSERT_EQ(founded.status, 0) << founded.output;
  ASSERT_TRUE(wait_until([&] { return held_nodes() == 0; }));
  open_market();
  ASSERT_TRUE(trade(1'000));
  ASSERT_TRUE(load_->settle(kWaitMs));
  load_->read_again(kWaitMs);
  market_->stop();
  judge(kept, survivor);

  const auto verification = salvage::verify_folders({folder_}, [](const std::string&) {});
  ASSERT_TRUE(verification.ok()) << verification.error().message;
  EXPECT_TRUE(verification.value().report.holds()) << verification.value().report.to_table();
  EXPECT_EQ(verification.value().former.size(), 1u);
}

using OrderNames = std::set<std::pair<std::uint16_t, std::uint32_t>>;

OrderNames acknowledged_in(const std::vector<check::OuchAnswer>& answers, std::uint16_t session) {
  OrderNames names;
  for (const check::OuchAnswer& answer : answers) {
    const bool is_ack = answer.type == check::kOuchAccepted || answer.type == check::kOuchReplaced;
    if (is_ack) names.emplace(session, answer.user_reference);
  }
  return names;
}

TEST_F(QuorumRebuildTest, TheSurvivorWasBehindAndTheListNamesExactlyTheOrdersThatAreLost) {
  begin();
  ASSERT_TRUE(trade(500));
  const NodeId leader = market_->find_leader(5'000);
  ASSERT_NE(leader, 0);
  const NodeId survivor = leader == 1 ? 2 : 1;
  market_->hold_node(survivor, true);
  market_->signal_node(survivor, SIGSTOP);
  ASSERT_TRUE(trade(500));
  for (NodeId node = 1; node <= 3; ++node) {
    if (node != survivor) lose(node);
  }
  market_->signal_node(survivor, SIGKILL);
  // Everything that left the servers arrives; then the gateways write down what they told.
  ASSERT_TRUE(trade_until([&] {
    return std::all_of(market_->file().gateways.begin(), market_->file().gateways.end(),
                       [](const deployment::GatewayPlace& place) {
                         return !gateway::told_events_paths(place.folder).empty();
                       });
  }));
  const std::string folder = market_->folder_of_node(survivor);
  std::vector<std::string> gateways;
  for (const deployment::GatewayPlace& place : market_->file().gateways)
    gateways.push_back(place.folder);
  market_->stop();

  // What the checker finds lost: told to a member, and not what the survivor's log gives.
  auto journal = check::read_journal(folder + "/journal", survivor);
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  check::Findings findings;
  const check::AgreedLog log = check::agree_on_log({journal.value()}, 1, nullptr, findings);
  check::MarketModel model({});
  for (const check::AgreedEntry& entry : log.entries) {
    std::vector<check::Disposition> dispositions;
    model.apply(entry.batch, dispositions);
  }
  const check::SortedHistory sorted = check::sort_history(history_);
  OrderNames lost;
  for (const auto& [id, session] : sorted.sessions) {
    std::vector<check::OuchAnswer> told;
    for (const check::Answered& answered : session.live) told.push_back(answered.answer);
    const OrderNames known = acknowledged_in(model.answers(id), id);
    for (const auto& name : acknowledged_in(told, id)) {
      if (!known.contains(name)) lost.insert(name);
    }
  }
  EXPECT_GT(lost.size(), 100u) << "the survivor was not behind";

  const auto found = salvage::look_at_survivors({folder}, gateways, [](const std::string&) {});
  ASSERT_TRUE(found.ok()) << found.error().message;
  const salvage::LossList& losses = found.value().losses;
  OrderNames named;
  for (const salvage::LostMessage& message : losses.named) {
    const bool is_order = message.kind == salvage::LostMessage::Kind::order ||
                          message.kind == salvage::LostMessage::Kind::replacement;
    if (is_order) named.emplace(message.session, message.user_reference);
  }
  EXPECT_EQ(named, lost);
  EXPECT_EQ(losses.unnamed, 0u);
  EXPECT_EQ(losses.gateways, 2u);
  EXPECT_TRUE(losses.troubles.empty());

  // The lost are in the act, and whoever signs sees them.
  const auto act = salvage::propose_rebuild(found.value(), {1, 2, 3});
  ASSERT_TRUE(act.ok()) << act.error().message;
  EXPECT_EQ(act.value().losses, losses.lines());
}

TEST_F(QuorumRebuildTest, AMajorityThatIsThereIsNotRebuilt) {
  begin();
  ASSERT_TRUE(trade(50));
  stop_everything();
  const auto found = salvage::look_at_survivors({folder_ + "/node-1", folder_ + "/node-2"}, {},
                                                [](const std::string&) {});
  ASSERT_TRUE(found.ok()) << found.error().message;
  const auto act = salvage::propose_rebuild(found.value(), {1, 2, 3});
  ASSERT_FALSE(act.ok());
  EXPECT_THAT(act.error().message, HasSubstr("a majority. Start them"));
}

}  // namespace
}  // namespace okiagari

#include "node/market_server.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <span>

#include "client/operator_link.h"
#include "journal/posix_disk.h"
#include "journal/solo_replica.h"
#include "net/metrics_text.h"
#include "node/node_metrics.h"
#include "test_places.h"
#include "venue/batch_reader.h"
#include "venue/batch_writer.h"

namespace okiagari::node {
namespace {

constexpr journal::ClusterId kCluster = 77;
constexpr GatewayId kGateway = 3;

template <typename Command>
Command make(SessionId session = 0, GatewayId gateway = 0) {
  Command command{};
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  command.header.session = session;
  command.header.gateway = gateway;
  return command;
}

NodeConfig test_config() {
  NodeConfig config;
  config.cluster = kCluster;
  config.node = 1;
  config.servers.resize(1);
  config.servers[0].node = 1;
  config.recent_events_mib = 1;
  config.pending_mib = 8;
  config.limits.books.max_live_orders = 100'000;
  config.limits.max_accounts = 64;
  config.limits.max_sessions = 64;
  config.limits.max_positions = 1'024;
  return config;
}

// What one market needs at least: an instrument, a member, an account with money and lots, a
// session.
base::ByteWriter reference_data() {
  base::ByteWriter commands;
  auto instrument = make<venue::AddInstrument>();
  instrument.instrument = 1;
  std::memcpy(instrument.symbol.data(), "ALPHA   ", 8);
  instrument.tick_e4 = 100;
  instrument.money_per_tick_lot = 1;
  instrument.low_limit = 1;
  instrument.high_limit = 1'000'000;
  instrument.state = venue::InstrumentState::full;
  commands.object(instrument);
  auto member = make<venue::AddMember>();
  member.member = 1;
  std::memcpy(member.firm.data(), "FIRM", 4);
  commands.object(member);
  auto account = make<venue::AddAccount>();
  account.account = 1;
  account.member = 1;
  commands.object(account);
  auto session = make<venue::AddSession>();
  session.added_session = 1;
  session.member = 1;
  session.default_account = 1;
  commands.object(session);
  for (const InstrumentId asset : {InstrumentId{0}, InstrumentId{1}}) {
    auto funds = make<venue::AdjustFunds>();
    funds.account = 1;
    funds.asset = asset;
    funds.transfer_number = 1u + asset;
    funds.amount_low = 1'000'000'000'000;
    commands.object(funds);
  }
  return commands;
}

// One replica that is a whole cluster.
class Server {
 public:
  explicit Server(net::Loop& loop, const NodeConfig& config = test_config()) : config_(config) {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-server-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    auto opened = MarketServer::open(loop, config_, folder_);
    EXPECT_TRUE(opened.ok());
    market = std::move(opened.value());
    replica = std::make_unique<journal::SoloReplica>(*market);
    EXPECT_TRUE(market->attach(*replica).ok());
  }
  // The process ends and starts again, with this snapshot in its journal.
  void restart_from(base::Bytes snapshot, net::Loop& loop) {
    replica = nullptr;
    market = nullptr;
    market = std::move(MarketServer::open(loop, config_, folder_).value());
    EXPECT_TRUE(market->load_snapshot(snapshot, 1).ok());
    replica = std::make_unique<journal::SoloReplica>(*market);
    EXPECT_TRUE(market->attach(*replica).ok());
  }
  ~Server() {
    market = nullptr;
    std::filesystem::remove_all(folder_);
  }

  // What it shows of itself.
  [[nodiscard]] net::MetricsText metrics() const {
    auto disk = journal::PosixDisk::open_folder(folder_, false);
    EXPECT_TRUE(disk.ok());
    net::MetricsWriter writer(net::MetricsFormat::openmetrics);
    write_node_metrics(writer, {config_, *market, *disk.value()}, replica->view());
    auto page = net::parse_metrics(writer.finish(), net::MetricsFormat::openmetrics);
    EXPECT_TRUE(page.ok());
    return page.value();
  }

  std::unique_ptr<MarketServer> market;
  std::unique_ptr<journal::SoloReplica> replica;

 private:
  NodeConfig config_;
  std::string folder_;
};

// A gateway's side of the link, which notes what it is told.
class TestGateway {
 public:
  TestGateway(net::Loop& loop, const net::Endpoint& node, GatewayId id = kGateway) : id_(id) {
    net::connect(loop, node, [this](auto connection, const std::string&) {
      connection_ = std::move(connection);
      connection_->start([this](base::Bytes bytes) { return receive(bytes); },
                         [this](const std::string&) { ended = true; }, 16u << 20);
      wire::Hello hello{};
      hello.cluster = kCluster;
      hello.gateway = id_;
      hello.features = wire::kTakesRefusals;
      send(wire::LinkFrameType::hello, hello);
    });
  }
  ~TestGateway() {
    if (connection_) connection_->close();
  }

  template <typename Body>
  void send(wire::LinkFrameType type, const Body& body) {
    base::ByteWriter frame;
    wire::append_link_frame(frame, type, body);
    connection_->send(frame.view());
    connection_->flush();
  }
  void submit(base::Bytes commands) {
    base::ByteWriter frame;
    wire::append_link_frame(frame, wire::LinkFrameType::submit, commands);
    connection_->send(frame.view());
    connection_->flush();
  }
  [[nodiscard]] std::size_t count(venue::EventType type) const {
    std::size_t count = 0;
    for (const venue::EventHeader& event : events) count += event.type == type ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::size_t queued_bytes() const { return connection_->queued_bytes(); }

  bool ended = false;
  std::size_t statuses = 0;
  wire::NodeStatus status{};
  std::size_t caught_up = 0;
  std::uint64_t refused_oldest = 0;
  std::uint64_t through = 0;
  std::vector<venue::EventHeader> events;
  std::vector<std::uint32_t> history;  // session numbers
  std::vector<wire::HistoryEnd> history_ends;
  std::vector<std::string> refusals;

 private:
  std::size_t receive(base::Bytes bytes) {
    std::size_t consumed = 0;
    wire::LinkFrame frame;
    while (wire::decode_link(bytes.subspan(consumed), frame) == wire::LinkFault::none) {
      handle(frame);
      consumed += frame.size_bytes;
    }
    return consumed;
  }
  void handle(const wire::LinkFrame& frame) {
    switch (frame.type) {
      case wire::LinkFrameType::node_status:
        ++statuses;
        status = wire::fixed_part<wire::NodeStatus>(frame);
        break;
      case wire::LinkFrameType::events: {
        through = wire::fixed_part<wire::EventsPrefix>(frame).through_event;
        wire::EventReader reader(wire::after_fixed_part<wire::EventsPrefix>(frame));
        while (const venue::EventHeader* event = reader.next()) {
          events.push_back(*event);
          EXPECT_LE(+event->event_number, through);
        }
        EXPECT_TRUE(reader.ok());
        break;
      }
      case wire::LinkFrameType::caught_up:
        ++caught_up;
        break;
      case wire::LinkFrameType::subscribe_refused:
        refused_oldest = wire::fixed_part<wire::SubscribeRefused>(frame).oldest_event;
        break;
      case wire::LinkFrameType::history: {
        wire::EventReader reader(wire::after_fixed_part<wire::HistoryPrefix>(frame));
        while (const venue::EventHeader* event = reader.next()) {
          history.push_back(event->session_number);
        }
        break;
      }
      case wire::LinkFrameType::submit_refused:
        refusals.emplace_back(base::as_text(wire::after_fixed_part<wire::SubmitRefused>(frame)));
        break;
      case wire::LinkFrameType::history_end:
        history_ends.push_back(wire::fixed_part<wire::HistoryEnd>(frame));
        break;
      default:
        FAIL() << "frame of type " << static_cast<int>(frame.type);
    }
  }

  GatewayId id_;
  std::shared_ptr<net::Connection> connection_;
};

class MarketServerTest : public testing::Test {
 protected:
  void SetUp() override { server_ = std::make_unique<Server>(loop_); }

  template <typename Condition>
  bool run_until(Condition condition, std::uint64_t limit_ms = 5'000) {
    const std::uint64_t end_ms = net::Loop::now_ms() + limit_ms;
    while (!condition() && net::Loop::now_ms() < end_ms) turn(*server_);
    return condition();
  }
  void turn(Server& server) {
    loop_.turn(net::Loop::now_ms() + 1);
    ASSERT_TRUE(server.market->end_turn(net::Loop::now_ms()).ok());
  }
  void apply(base::Bytes commands) {
    venue::BatchWriter batch;
    wire::CommandReader reader(commands);
    while (const venue::CommandHeader* command = reader.next()) {
      batch.add_raw({reinterpret_cast<const std::byte*>(command), command->size_bytes});
    }
    server_->replica->replicate(batch.finish(time_ns_ += 1'000));
    ASSERT_TRUE(server_->market->end_turn(net::Loop::now_ms()).ok());
  }
  void open_market() {
    server_->replica->lead(2);
    apply(reference_data().view());
    auto login = make<venue::Login>(1, kGateway);
    login.nonce = 5;
    apply(base::object_bytes(login));
  }
  // The session's next order: buys and sells in turn, so that some trade.
  venue::NewOrder next_order() {
    auto order = make<venue::NewOrder>(1, kGateway);
    order.header.epoch = 1;
    order.header.stream_number = ++stream_number_;
    order.user_reference = stream_number_;
    order.quantity = 1 + stream_number_ % 7;
    order.price_e4 = 10'000;
    order.instrument = 1;
    order.side = stream_number_ % 3 == 0 ? Side::sell : Side::buy;
    return order;
  }
  base::ByteWriter orders(int count) {
    base::ByteWriter commands;
    for (int i = 0; i < count; ++i) commands.object(next_order());
    return commands;
  }
  void add_operators() {
    for (std::uint16_t id = 1; id <= 2; ++id) {
      auto add = make<venue::AddOperator>();
      add.operator_id = id;
      add.public_key = base::key_pair_from_seed({std::byte(id)}).public_key;
      apply(base::object_bytes(add));
    }
  }
  template <typename Command>
  void apply_approved(Command command) {
    command.control_number = ++control_number_;
    const base::Digest act = venue::approval_digest(base::object_bytes(command));
    for (std::uint16_t id = 1; id <= 2; ++id) {
      venue::Approval& approval = command.approvals[id - 1];
      approval.operator_id = id;
      approval.signature = base::sign(venue::approved_digest(act, 0),
                                      base::key_pair_from_seed({std::byte(id)}).secret_key);
    }
    apply(base::object_bytes(command));
  }
  void set_state(venue::InstrumentState state) {
    auto change = make<venue::SetInstrumentState>();
    change.scope = venue::Scope::instrument;
    change.target = 1;
    change.state = state;
    apply_approved(change);
  }
  // Commands of that type in the log.
  [[nodiscard]] std::size_t logged(venue::CommandType type) const {
    std::size_t count = 0;
    for (const auto& batch : server_->replica->log()) {
      venue::BatchReader reader(batch);
      venue::CommandHeader header;
      base::Bytes raw;
      while (reader.next(header, raw)) count += header.type == type ? 1 : 0;
    }
    return count;
  }
  std::unique_ptr<TestGateway> subscribed_gateway(std::uint64_t after) {
    auto gateway = std::make_unique<TestGateway>(loop_, server_->market->gateways_endpoint());
    EXPECT_TRUE(run_until([&] { return gateway->statuses > 0; }));
    gateway->send(wire::LinkFrameType::subscribe, wire::Subscribe{after});
    EXPECT_TRUE(run_until([&] { return gateway->caught_up > 0 || gateway->refused_oldest > 0; }));
    return gateway;
  }

  net::Loop loop_;
  std::unique_ptr<Server> server_;
  TimestampNs time_ns_ = 1'700'000'000'000'000'000;
  std::uint32_t stream_number_ = 0;
  std::uint64_t control_number_ = 0;
};

TEST_F(MarketServerTest, OrderGoesInAndItsEventsComeBackToItsGatewayAlone) {
  open_market();
  auto own = subscribed_gateway(server_->market->venue().last_event_number());
  TestGateway other(loop_, server_->market->gateways_endpoint(), kGateway + 1);
  ASSERT_TRUE(run_until([&] { return other.statuses > 0; }));
  other.send(wire::LinkFrameType::subscribe, wire::Subscribe{0});
  ASSERT_TRUE(run_until([&] { return other.caught_up == 1; }));
  own->submit(orders(30).view());
  ASSERT_TRUE(run_until([&] { return own->count(venue::EventType::order_accepted) == 30; }));
  EXPECT_GT(own->count(venue::EventType::order_executed), 0u);
  EXPECT_EQ(other.count(venue::EventType::order_accepted), 0u);
  EXPECT_GE(other.count(venue::EventType::reference_instrument), 1u);
  std::set<std::uint64_t> numbers;
  for (const venue::EventHeader& event : own->events) {
    EXPECT_TRUE(event.event_number == 0 || numbers.insert(event.event_number).second);
  }
}

// The history once was emptied at every start, and came back only if a peer had not started too.
TEST_F(MarketServerTest, AllServersRestartFromTheirSnapshotsAndTheHistoryIsStillThere) {
  open_market();
  for (int i = 0; i < 20; ++i) apply(orders(100).view());
  const std::uint64_t next = server_->market->history().next_number(1);
  ASSERT_GT(server_->market->history().end_position(), 0u) << "no chunk was closed";
  base::ByteWriter snapshot;
  server_->market->write_snapshot(snapshot);
  server_->restart_from(snapshot.view(), loop_);
  History& history = server_->market->history();
  EXPECT_TRUE(history.is_complete());
  EXPECT_EQ(history.next_number(1), next);
  base::ByteWriter first;
  history.read(1, 1, first);
  EXPECT_GT(first.size(), 0u) << "what the member was told first is gone";
}

TEST_F(MarketServerTest, QuietGatewayIsToldHowFarTheEventsAre) {
  open_market();
  auto quiet =
      std::make_unique<TestGateway>(loop_, server_->market->gateways_endpoint(), kGateway + 1);
  ASSERT_TRUE(run_until([&] { return quiet->statuses > 0; }));
  quiet->send(wire::LinkFrameType::subscribe,
              wire::Subscribe{server_->market->venue().last_event_number()});
  ASSERT_TRUE(run_until([&] { return quiet->caught_up == 1; }));
  apply(orders(100).view());
  EXPECT_TRUE(
      run_until([&] { return quiet->through == server_->market->venue().last_event_number(); }));
}

TEST_F(MarketServerTest, GatewayThatComesFromADeadNodeGetsWhatItMissedOnce) {
  open_market();
  apply(orders(50).view());
  const std::uint64_t seen = server_->market->venue().last_event_number();
  apply(orders(70).view());
  auto gateway = subscribed_gateway(seen);
  EXPECT_EQ(gateway->count(venue::EventType::order_accepted), 70u);
  apply(orders(10).view());
  EXPECT_TRUE(run_until([&] { return gateway->count(venue::EventType::order_accepted) == 80; }));
}

TEST_F(MarketServerTest, GatewayThatWasAwayForTooLongIsToldSo) {
  open_market();
  for (int i = 0; i < 100; ++i) apply(orders(100).view());
  auto gateway = subscribed_gateway(1);
  EXPECT_GT(gateway->refused_oldest, 1u);
  EXPECT_EQ(gateway->caught_up, 0u);
  gateway->send(wire::LinkFrameType::subscribe, wire::Subscribe{gateway->refused_oldest});
  EXPECT_TRUE(run_until([&] { return gateway->caught_up == 1; }));
}

TEST_F(MarketServerTest, NodeThatDoesNotLeadTakesNoCommandsAndSaysWhoLeads) {
  open_market();
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  server_->replica->lose(2);
  ASSERT_TRUE(run_until([&] { return gateway->status.open == 0; }));
  EXPECT_EQ(gateway->status.leader, 2u);
  const Sequence before = server_->market->venue().last_sequence();
  gateway->submit(orders(5).view());
  EXPECT_FALSE(run_until([&] { return server_->market->venue().last_sequence() != before; }, 100));
}

TEST_F(MarketServerTest, EverythingASessionWasSentCanBeAskedForAgain) {
  open_market();
  for (int i = 0; i < 20; ++i) apply(orders(200).view());
  venue::Venue::SessionView view;
  ASSERT_TRUE(server_->market->venue().session(1, view));
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  wire::HistoryRequest request{};
  request.session = 1;
  request.first = 1;
  request.end = view.next_session_number + 1'000;
  gateway->send(wire::LinkFrameType::history_request, request);
  request.session = 40;
  gateway->send(wire::LinkFrameType::history_request, request);
  ASSERT_TRUE(run_until([&] { return gateway->history_ends.size() == 2; }));
  EXPECT_EQ(gateway->history_ends[0].next, view.next_session_number);
  EXPECT_EQ(gateway->history_ends[1].next, 1u);
  ASSERT_EQ(gateway->history.size(), view.next_session_number - 1);
  for (std::size_t i = 0; i < gateway->history.size(); ++i) {
    ASSERT_EQ(gateway->history[i], i + 1);
  }
}

TEST_F(MarketServerTest, CommandInTheNameOfAnotherGatewayEndsTheConnection) {
  open_market();
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  venue::NewOrder order = next_order();
  order.header.gateway = kGateway + 1;
  gateway->submit(base::object_bytes(order));
  EXPECT_TRUE(run_until([&] { return gateway->ended; }));
  EXPECT_EQ(server_->market->venue().books().live_orders(), 0u);
}

TEST_F(MarketServerTest, GatewaysWaitWithTheirCommandsWhileTheLogIsBusy) {
  open_market();
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  server_->replica->set_busy(true);
  const base::ByteWriter frame = orders(60'000);
  for (int i = 0; i < 30; ++i) gateway->submit(frame.view());
  EXPECT_FALSE(run_until([&] { return gateway->queued_bytes() == 0; }, 300));
  server_->replica->set_busy(false);
  EXPECT_TRUE(run_until([&] { return gateway->queued_bytes() == 0; }));
}

TEST_F(MarketServerTest, LeaderHasTheStateCheckedWhenThereWasTrafficAndAttests) {
  open_market();
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  gateway->submit(orders(1).view());
  const auto logged = [&](venue::CommandType type) {
    int count = 0;
    for (const auto& batch : server_->replica->log()) {
      wire::CommandReader reader(base::Bytes(batch).subspan(sizeof(venue::BatchHeader)));
      while (const venue::CommandHeader* command = reader.next()) count += command->type == type;
    }
    return count;
  };
  EXPECT_TRUE(run_until([&] { return logged(venue::CommandType::attest) == 1; }));
  EXPECT_FALSE(run_until([&] { return logged(venue::CommandType::checkpoint_in_steps) > 1; }, 300))
      << "a quiet market needs no second look";
}

TEST_F(MarketServerTest, ReplicaWhoseStateIsNotTheMajoritysStopsTelling) {
  open_market();
  auto gateway = subscribed_gateway(server_->market->venue().last_event_number());
  server_->replica->lose(2);
  const auto checkpoint_and_attest = [&](std::uint64_t number, bool others_differ) {
    auto checkpoint = make<venue::Checkpoint>();
    checkpoint.number = number;
    apply(base::object_bytes(checkpoint));
    for (NodeId node = 1; node <= 3; ++node) {
      auto attest = make<venue::Attest>();
      attest.node = node;
      attest.checkpoint = number;
      attest.sequence = server_->market->venue().last_checkpoint().sequence;
      attest.sequence = server_->market->venue().last_sequence() + 1 - node;
      attest.state_hash = others_differ && node != 1 ? 1 : 2;
      apply(base::object_bytes(attest));
    }
  };
  for (std::uint64_t number = 1; number <= 20; ++number) checkpoint_and_attest(number, false);
  EXPECT_EQ(server_->market->verdict(), Verdict::fine);
  checkpoint_and_attest(21, true);
  EXPECT_EQ(server_->market->verdict(), Verdict::in_minority);
  const std::size_t told = gateway->events.size();
  apply(orders(5).view());
  EXPECT_FALSE(run_until([&] { return gateway->events.size() != told; }, 100));
}

TEST_F(MarketServerTest, NodeStartedFromASnapshotGoesOnWithTheSameNumbers) {
  open_market();
  for (int i = 0; i < 20; ++i) apply(orders(200).view());
  base::ByteWriter snapshot;
  server_->market->write_snapshot(snapshot);

  Server restarted(loop_);
  ASSERT_TRUE(restarted.market->load_snapshot(snapshot.view(), 22).ok());
  const venue::Venue& before = server_->market->venue();
  const venue::Venue& after = restarted.market->venue();
  EXPECT_EQ(after.state_hash(), before.state_hash());
  EXPECT_EQ(after.last_event_number(), before.last_event_number());
  EXPECT_EQ(restarted.market->history().chain(), server_->market->history().chain());
  EXPECT_FALSE(restarted.market->history().is_complete()) << "its folder never had the past";

  const base::ByteWriter commands = orders(300);
  apply(commands.view());
  restarted.replica->replicate(server_->replica->log().back());
  ASSERT_TRUE(restarted.market->end_turn(net::Loop::now_ms()).ok());
  EXPECT_EQ(after.state_hash(), before.state_hash());
  base::ByteWriter a;
  base::ByteWriter b;
  server_->market->write_snapshot(a);
  restarted.market->write_snapshot(b);
  EXPECT_TRUE(std::equal(a.view().begin(), a.view().end(), b.view().begin(), b.view().end()));

  for (std::size_t cut = 0; cut < snapshot.size(); cut += snapshot.size() / 50) {
    EXPECT_FALSE(restarted.market->load_snapshot(snapshot.view().first(cut), 22).ok());
  }
}

TEST_F(MarketServerTest, ServerBuiltFromAPeersSnapshotFetchesThePastFromItsPeers) {
  open_market();
  for (int i = 0; i < 100; ++i) apply(orders(500).view());
  base::ByteWriter snapshot;
  server_->market->write_snapshot(snapshot);

  NodeConfig config = test_config();
  config.node = 2;
  config.servers.resize(2);
  config.servers[0].node = 1;
  config.servers[0].gateways = server_->market->gateways_endpoint();
  config.servers[1].node = 2;
  Server rebuilt(loop_, config);
  ASSERT_TRUE(rebuilt.market->load_snapshot(snapshot.view(), 102).ok());
  ASSERT_FALSE(rebuilt.market->history().is_complete());
  ASSERT_TRUE(run_until([&] {
    turn(rebuilt);
    return rebuilt.market->history().is_complete();
  }));
  base::ByteWriter ours;
  base::ByteWriter theirs;
  for (std::uint64_t number = 1; number < 20'000; number += 500) {
    rebuilt.market->history().read(1, number, ours);
    server_->market->history().read(1, number, theirs);
    rebuilt.market->history().read_feed(number, ours);
    server_->market->history().read_feed(number, theirs);
  }
  EXPECT_GT(ours.size(), 1'000'000u);
  EXPECT_TRUE(std::equal(ours.view().begin(), ours.view().end(), theirs.view().begin(),
                         theirs.view().end()));
}

TEST_F(MarketServerTest, OperatorIsToldWhatBecameOfItsCommandsAndHowTheNodeIs) {
  server_->replica->lead(2);
  std::string report;
  std::size_t results = 0;
  std::string transfer_text;
  std::unique_ptr<client::OperatorLink> link;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [&] {
    link->request_report();
    link->greet(kCluster);
    link->subscribe(0);
    link->submit(reference_data().view());
    link->request_transfer(9);
  };
  handlers.on_report = [&](const std::string& json) { report = json; };
  handlers.on_event = [&](const venue::EventHeader& event) {
    results += event.type == venue::EventType::control_result ? 1 : 0;
  };
  handlers.on_transfer = [&](bool accepted, const std::string& text) {
    EXPECT_FALSE(accepted);
    transfer_text = text;
  };
  link =
      std::make_unique<client::OperatorLink>(loop_, server_->market->gateways_endpoint(), handlers);
  ASSERT_TRUE(run_until([&] { return results == 6 && !report.empty(); }));
  EXPECT_NE(report.find("\"role\":\"leader\""), std::string::npos) << report;
  EXPECT_EQ(transfer_text, "there is no node 9 in this cluster");
}

// Every step of it is a command that the leader adds, at once, not when its clock is next looked
// at.
TEST_F(MarketServerTest, LeaderGoesOnWithTheEndOfADayUntilAllItsOrdersAreGone) {
  open_market();
  add_operators();
  for (int i = 0; i < 10; ++i) {
    base::ByteWriter commands;
    for (int n = 0; n < 3'000; ++n) {
      venue::NewOrder order = next_order();
      order.side = Side::buy;
      commands.object(order);
    }
    apply(commands.view());
  }
  ASSERT_EQ(server_->market->venue().books().live_orders(), 30'000u);
  auto end = make<venue::EndDay>();
  end.day = 20261126;
  apply_approved(end);
  EXPECT_TRUE(run_until([&] { return !server_->market->venue().plan().is_ending_day; }));
  EXPECT_EQ(server_->market->venue().books().live_orders(), 0u);
  EXPECT_EQ(server_->market->venue().plan().ended_day, 20261126u);
}

TEST_F(MarketServerTest, StopsThatWaitAreCountedBesideTheOrdersInTheBooks) {
  open_market();
  apply(base::object_bytes(next_order()));
  for (int i = 0; i < 2; ++i) {
    auto stop = make<venue::NewStop>(1, kGateway);
    stop.header.epoch = 1;
    stop.header.stream_number = ++stream_number_;
    stop.user_reference = stream_number_;
    stop.quantity = 5;
    stop.price_e4 = 30'000;
    stop.trigger_e4 = 20'000;
    stop.instrument = 1;
    apply(base::object_bytes(stop));
  }
  const net::MetricsText page = server_->metrics();
  EXPECT_EQ(page.value("okiagari_live_orders"), 1);
  EXPECT_EQ(page.value("okiagari_waiting_stops"), 2);
}

// A market in which node 2 has not been renewed, and then is.
TEST_F(MarketServerTest, WhatOneServerDoesNotKnowIsKeptOutOfTheLogUntilItDoes) {
  const auto newest = wire::kNewestFormatLevel;
  server_->market->hear_levels(2, {wire::kCallsLevel, newest});
  server_->market->hear_levels(3, {newest, newest});
  open_market();
  ASSERT_TRUE(run_until([&] { return server_->market->level().in_force() == wire::kCallsLevel; }));
  auto member = subscribed_gateway(server_->market->venue().last_event_number());
  EXPECT_EQ(member->status.format_level, wire::kCallsLevel);
  TestGateway person(loop_, server_->market->gateways_endpoint(), wire::kOperatorGateway);
  ASSERT_TRUE(run_until([&] { return person.statuses > 0; }));

  person.submit(base::object_bytes(make<venue::EndDay>()));
  ASSERT_TRUE(run_until([&] { return !person.refusals.empty(); }));
  EXPECT_EQ(person.refusals[0],
            "server 2 understands format level 2, this needs 4: renew it first");
  person.submit(base::object_bytes(wire::level_statement(newest)));
  ASSERT_TRUE(run_until([&] { return person.refusals.size() == 2; }));

  // Of a gateway that knows nothing of levels: its stream goes on.
  venue::NewOrder dated = next_order();
  dated.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  dated.last_day = UINT16_MAX;
  member->submit(base::object_bytes(dated));
  member->submit(base::object_bytes(next_order()));
  ASSERT_TRUE(run_until([&] { return member->count(venue::EventType::order_accepted) == 1; }));
  EXPECT_EQ(member->count(venue::EventType::order_rejected), 1U);
  EXPECT_EQ(server_->market->level().in_force(), wire::kCallsLevel);

  server_->market->hear_levels(2, {newest, newest});
  ASSERT_TRUE(run_until([&] { return member->status.format_level == newest; }));
  dated = next_order();
  dated.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  dated.last_day = UINT16_MAX;
  member->submit(base::object_bytes(dated));
  ASSERT_TRUE(run_until([&] { return member->count(venue::EventType::order_accepted) == 2; }));
}

TEST_F(MarketServerTest, LeaderAmongOlderServersWritesTheOlderCheckpoint) {
  server_->market->hear_levels(2, {wire::kStopsLevel, wire::kStopsLevel});
  open_market();
  auto member = subscribed_gateway(server_->market->venue().last_event_number());
  member->submit(orders(5).view());
  ASSERT_TRUE(run_until([&] { return logged(venue::CommandType::checkpoint) > 0; }));
  EXPECT_EQ(logged(venue::CommandType::checkpoint_in_steps), 0U);
}

TEST_F(MarketServerTest, LeaderAmongOlderServersLeavesTheEndOfACallToPeople) {
  const auto newest = wire::kNewestFormatLevel;
  server_->market->hear_levels(2, {wire::kCallsLevel, newest});
  server_->market->hear_levels(3, {newest, newest});
  open_market();
  add_operators();
  auto rules = make<venue::SetAuctionRules>();
  rules.instrument = 1;
  rules.base_price = 1'000;
  rules.collar_unit = 1;
  rules.collar = 10;
  rules.extensions_max = 2;
  rules.extension_s = 1;
  apply(base::object_bytes(rules));
  set_state(venue::InstrumentState::auction_call);
  apply(orders(6).view());
  set_state(venue::InstrumentState::full);
  ASSERT_NE(server_->market->venue().plan().next_at_ns, 0u) << "the call was not extended";
  const std::size_t checkpoints = logged(venue::CommandType::checkpoint);
  auto member = subscribed_gateway(server_->market->venue().last_event_number());
  member->submit(orders(5).view());
  ASSERT_TRUE(run_until([&] { return logged(venue::CommandType::checkpoint) > checkpoints; }));
  EXPECT_EQ(logged(venue::CommandType::advance_plan), 0U);
  EXPECT_EQ(server_->market->level().in_force(), wire::kCallsLevel);

  server_->market->hear_levels(2, {newest, newest});
  EXPECT_TRUE(run_until([&] { return server_->market->venue().plan().next_at_ns == 0; }));
  EXPECT_GT(logged(venue::CommandType::advance_plan), 0U);
}

// A batch with every command that there was, of the day before there were levels.
TEST_F(MarketServerTest, ALogFromBeforeThereWereLevelsIsReplayedAndSaysWhatIsInForce) {
  std::ifstream file(OKIAGARI_SOURCE_DIR "/src/venue/golden/commands_v2.hex");
  std::string hex(std::istreambuf_iterator<char>(file), {});
  std::erase(hex, '\n');
  std::string batch(hex.size() / 2, '\0');
  ASSERT_TRUE(base::from_hex(hex, std::as_writable_bytes(std::span(batch))));
  venue::Venue as_then{test_config().limits};
  base::ByteWriter events;
  as_then.apply_batch(base::as_bytes(batch), events);
  ASSERT_GT(as_then.last_sequence(), 50u);

  server_->replica->replicate(base::as_bytes(batch));
  ASSERT_TRUE(server_->market->end_turn(net::Loop::now_ms()).ok());
  base::ByteWriter expected;
  as_then.write_snapshot(expected);
  base::ByteWriter found;
  server_->market->venue().write_snapshot(found);
  EXPECT_TRUE(base::as_text(found.view()) == base::as_text(expected.view()));
  EXPECT_EQ(server_->market->level().in_force(), wire::kDayEndLevel);

  NodeConfig held = test_config();
  held.format_level = wire::kStopsLevel;
  Server older(loop_, held);
  older.replica->replicate(base::as_bytes(batch));
  EXPECT_FALSE(older.market->end_turn(net::Loop::now_ms()).ok());
  EXPECT_TRUE(older.market->is_too_old());
}

TEST_F(MarketServerTest, ServerThatIsHeldBackStopsAtWhatItDoesNotUnderstand) {
  NodeConfig held = test_config();
  held.format_level = wire::kStopsLevel;
  server_ = std::make_unique<Server>(loop_, held);
  apply(reference_data().view());
  const Sequence before = server_->market->venue().last_sequence();
  venue::BatchWriter batch;
  batch.add_raw(base::object_bytes(wire::level_statement(wire::kDayEndLevel)));
  server_->replica->replicate(batch.finish(time_ns_ += 1'000));
  const base::Status status = server_->market->end_turn(net::Loop::now_ms());
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(server_->market->is_too_old());
  EXPECT_EQ(server_->market->venue().last_sequence(), before) << "nothing of it was applied";
}

TEST_F(MarketServerTest, ServerThatIsHeldBackStopsAtASnapshotAndAtAnothersWord) {
  open_market();
  ASSERT_TRUE(run_until([&] { return server_->market->level().in_force() > 3; }));
  base::ByteWriter snapshot;
  server_->market->write_snapshot(snapshot);
  NodeConfig held = test_config();
  held.format_level = wire::kStopsLevel;
  Server of_snapshot(loop_, held);
  EXPECT_FALSE(of_snapshot.market->load_snapshot(snapshot.view(), 1).ok());
  EXPECT_TRUE(of_snapshot.market->is_too_old());
  Server of_word(loop_, held);
  of_word.market->hear_levels(2, server_->market->levels());
  EXPECT_FALSE(of_word.market->end_turn(net::Loop::now_ms()).ok());
  EXPECT_TRUE(of_word.market->is_too_old());
  Server newest(loop_);
  EXPECT_TRUE(newest.market->load_snapshot(snapshot.view(), 1).ok());
  EXPECT_EQ(newest.market->level().in_force(), wire::kNewestFormatLevel);
}

// The operators' keys are known after reference data; see there.
TEST_F(MarketServerTest, ASignedHandOverIsForOneTermAndOfSomebodyKnown) {
  server_->replica->lead(2);
  const base::KeyPair known = base::key_pair_from_seed({std::byte{7}});
  const base::KeyPair stranger = base::key_pair_from_seed({std::byte{8}});
  base::ByteWriter reference = reference_data();
  auto add = make<venue::AddOperator>();
  add.operator_id = 4;
  add.public_key = known.public_key;
  add.stop_only = 1;
  reference.object(add);
  std::size_t results = 0;
  std::vector<std::string> answers;
  std::unique_ptr<client::OperatorLink> link;
  const auto ask = [&](std::uint64_t term, const base::KeyPair& keys, NodeId signed_for) {
    wire::TransferApproval approval{.cluster = kCluster, .term = term};
    wire::sign_transfer(approval, signed_for, 4, keys.secret_key, 0);
    link->request_transfer(9, approval);
  };
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [&] {
    link->greet(kCluster);
    link->subscribe(0);
    link->submit(reference.view());
  };
  handlers.on_event = [&](const venue::EventHeader& event) {
    results += event.type == venue::EventType::control_result ? 1 : 0;
    if (results != 7 || !answers.empty()) return;
    ask(1, known, 9);
    ask(2, stranger, 9);
    ask(2, known, 8);
    ask(2, known, 9);
  };
  handlers.on_transfer = [&](bool, const std::string& text) { answers.push_back(text); };
  link =
      std::make_unique<client::OperatorLink>(loop_, server_->market->gateways_endpoint(), handlers);
  ASSERT_TRUE(run_until([&] { return answers.size() == 4; }));
  EXPECT_EQ(answers[0], "the approval is for term 1; this is term 2");
  EXPECT_EQ(answers[1], answers[2]);
  EXPECT_NE(answers[2].find("nobody known has signed it"), std::string::npos) << answers[2];
  EXPECT_EQ(answers[3], "there is no node 9 in this cluster") << "the signature was good";
}

}  // namespace
}  // namespace okiagari::node

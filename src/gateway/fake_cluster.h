// For tests: nodes that speak the link protocol around one true venue, and can be made to fail in
// the ways that matter to a gateway. What the leader was sent and lost is lost; what was applied is
// known to all.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "venue/venue.h"
#include "wire/format_level.h"
#include "wire/link.h"

namespace okiagari::gateway {

inline constexpr std::uint64_t kFakeClusterId = 77;

class FakeNode;

// The replicated part: commands in, events out, all kept.
class FakeCluster {
 public:
  FakeCluster() : venue_(small_limits()) { add_reference_data(); }

  // Sessions 1 to 4 of two members, account and instruments 1 and 2 ("ALPHA", "BETA"), open.
  void apply(base::Bytes commands);
  void add_node(FakeNode* node) { nodes_.push_back(node); }

  [[nodiscard]] const std::vector<std::vector<std::byte>>& events() const { return events_; }
  [[nodiscard]] const venue::EventHeader& event(std::size_t i) const {
    return *reinterpret_cast<const venue::EventHeader*>(events_[i].data());
  }
  [[nodiscard]] const venue::Venue& venue() const { return venue_; }
  [[nodiscard]] int count(venue::EventType type) const;

 private:
  static venue::Limits small_limits() {
    venue::Limits limits;
    limits.max_accounts = 64;
    limits.max_sessions = 64;
    return limits;
  }
  void add_reference_data();

  venue::Venue venue_;
  TimestampNs time_ns_ = 1'000'000'000;
  std::vector<std::vector<std::byte>> events_;
  std::vector<FakeNode*> nodes_;
};

class FakeNode {
 public:
  FakeNode(net::Loop& loop, FakeCluster& cluster, NodeId id, std::uint16_t port = 0)
      : loop_(loop), cluster_(cluster), id_(id) {
    cluster.add_node(this);
    listen(port);
  }

  [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }

  // Leads from now on, in a higher term than any before.
  void lead(std::uint64_t term) {
    term_ = term;
    is_open_ = true;
    tell_status();
  }
  void step_down() {
    is_open_ = false;
    tell_status();
  }
  // The process dies: connections break, nobody listens.
  void die() {
    is_open_ = false;
    links_.clear();
    listener_ = nullptr;
  }
  void come_back() { listen(endpoint_.port); }

  bool loses_commands = false;  // takes them and never applies them
  bool holds_events = false;    // applies and does not tell
  wire::FormatLevel format_level = wire::kNewestFormatLevel;
  bool answers_history = true;
  std::uint64_t oldest_event = 1;  // the first it still has
  std::size_t submits = 0;
  std::vector<std::byte> submitted;  // everything that was sent to it
  std::uint64_t cluster_id = kFakeClusterId;

  void tell_events();
  void tell_status();

 private:
  struct Link {
    std::shared_ptr<net::Connection> connection;
    GatewayId gateway = 0;
    bool is_subscribed = false;
    std::uint64_t told_event = 0;
  };

  void listen(std::uint16_t port) {
    auto listener = net::Listener::open(loop_, {.host = "127.0.0.1", .port = port},
                                        [this](auto connection) { accept(std::move(connection)); });
    ASSERT(listener.ok(), "{}", listener.error().message);
    listener_ = std::move(listener.value());
    endpoint_ = listener_->endpoint();
  }
  void accept(std::shared_ptr<net::Connection> connection) {
    links_.push_back(std::make_unique<Link>());
    Link* link = links_.back().get();
    link->connection = std::move(connection);
    link->connection->start(
        [this, link](base::Bytes bytes) { return receive(*link, bytes); },
        [this, link](const std::string&) {
          std::erase_if(links_, [link](const auto& other) { return other.get() == link; });
        },
        8u << 20);
  }
  std::size_t receive(Link& link, base::Bytes bytes) {
    std::size_t consumed = 0;
    wire::LinkFrame frame;
    wire::LinkFault fault;
    while ((fault = wire::decode_link(bytes.subspan(consumed), frame)) == wire::LinkFault::none) {
      consumed += frame.size_bytes;
      handle(link, frame);
    }
    ASSERT(fault == wire::LinkFault::incomplete, "{}", wire::describe(fault));
    return consumed;
  }
  void handle(Link& link, const wire::LinkFrame& frame);
  void handle_subscribe(Link& link, std::uint64_t after_event);
  void handle_history(Link& link, const wire::HistoryRequest& request);
  void describe(Link& link);
  void send(Link& link) {
    (void)link.connection->send(frame_.view());
    link.connection->flush();
    frame_.clear();
  }

  net::Loop& loop_;
  FakeCluster& cluster_;
  NodeId id_;
  net::Endpoint endpoint_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Link>> links_;
  bool is_open_ = false;
  std::uint64_t term_ = 0;
  base::ByteWriter frame_;
};

inline void FakeCluster::apply(base::Bytes commands) {
  wire::CommandReader reader(commands);
  std::uint32_t count = 0;
  while (reader.next() != nullptr) ++count;
  ASSERT(reader.ok(), "a gateway sent something that is no command");
  venue::BatchHeader header{};
  header.version = venue::kBatchVersion;
  header.count = count;
  header.size_bytes = static_cast<std::uint32_t>(sizeof header + commands.size());
  header.timestamp_ns = time_ns_ += 1'000;
  base::ByteWriter batch;
  batch.object(header);
  batch.bytes(commands);
  base::ByteWriter events;
  venue_.apply_batch(batch.view(), events);
  wire::EventReader made(events.view());
  while (const venue::EventHeader* event = made.next()) {
    const auto* at = reinterpret_cast<const std::byte*>(event);
    events_.emplace_back(at, at + event->size_bytes);
  }
  for (FakeNode* node : nodes_) node->tell_events();
}

inline int FakeCluster::count(venue::EventType type) const {
  int count = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) count += event(i).type == type ? 1 : 0;
  return count;
}

template <typename Command>
Command fake_command() {
  Command command{};
  command.header.size_bytes = sizeof(Command);
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  return command;
}

inline void FakeCluster::add_reference_data() {
  const auto symbol = [](std::string_view text) {
    std::array<char, 8> padded;
    padded.fill(' ');
    std::memcpy(padded.data(), text.data(), text.size());
    return padded;
  };
  base::ByteWriter commands;
  for (InstrumentId id = 1; id <= 2; ++id) {
    auto add = fake_command<venue::AddInstrument>();
    add.instrument = id;
    add.symbol = symbol(id == 1 ? "ALPHA" : "BETA");
    add.tick_e4 = 100;
    add.money_per_tick_lot = 1;
    add.low_limit = 1;
    add.high_limit = 1'000'000;
    add.state = venue::InstrumentState::full;
    commands.object(add);
  }
  for (std::uint16_t id = 1; id <= 2; ++id) {
    auto member = fake_command<venue::AddMember>();
    member.member = id;
    member.firm = {'F', 'M', '0', static_cast<char>('0' + id)};
    commands.object(member);
    auto account = fake_command<venue::AddAccount>();
    account.account = id;
    account.member = id;
    commands.object(account);
    for (InstrumentId asset = 0; asset <= 2; ++asset) {
      auto deposit = fake_command<venue::AdjustFunds>();
      deposit.account = id;
      deposit.asset = asset;
      deposit.transfer_number = asset + 1u;
      deposit.amount_low = 1'000'000'000'000;
      commands.object(deposit);
    }
  }
  for (SessionId id = 1; id <= 4; ++id) {
    auto session = fake_command<venue::AddSession>();
    session.added_session = id;
    session.member = static_cast<MemberId>(id <= 2 ? 1 : 2);
    session.default_account = session.member;
    commands.object(session);
  }
  apply(commands.view());
}

inline void FakeNode::handle(Link& link, const wire::LinkFrame& frame) {
  switch (frame.type) {
    case wire::LinkFrameType::hello:
      link.gateway = wire::fixed_part<wire::Hello>(frame).gateway;
      describe(link);
      tell_status();
      return;
    case wire::LinkFrameType::subscribe:
      return handle_subscribe(link, wire::fixed_part<wire::Subscribe>(frame).after_event);
    case wire::LinkFrameType::submit:
      ++submits;
      submitted.insert(submitted.end(), frame.body.begin(), frame.body.end());
      if (is_open_ && !loses_commands) cluster_.apply(frame.body);
      return;
    case wire::LinkFrameType::history_request:
      if (answers_history) handle_history(link, wire::fixed_part<wire::HistoryRequest>(frame));
      return;
    default:
      ASSERT(false, "a gateway sent a frame of type {}", static_cast<int>(frame.type));
  }
}

inline void FakeNode::describe(Link& link) {
  base::ByteWriter events;
  cluster_.venue().describe(link.gateway, events);
  wire::append_link_frame(frame_, wire::LinkFrameType::events, wire::EventsPrefix{}, events.view());
  send(link);
}

inline void FakeNode::handle_subscribe(Link& link, std::uint64_t after_event) {
  if (after_event + 1 < oldest_event) {
    wire::append_link_frame(frame_, wire::LinkFrameType::subscribe_refused,
                            wire::SubscribeRefused{oldest_event});
    return send(link);
  }
  link.is_subscribed = true;
  link.told_event = after_event;
  tell_events();
  wire::append_link_frame(frame_, wire::LinkFrameType::caught_up,
                          wire::CaughtUp{cluster_.events().size()});
  send(link);
}

inline void FakeNode::tell_events() {
  if (holds_events) return;
  for (const auto& link : links_) {
    if (!link->is_subscribed) continue;
    base::ByteWriter events;
    for (std::size_t i = link->told_event; i < cluster_.events().size(); ++i) {
      if (cluster_.event(i).gateway == link->gateway) events.bytes(cluster_.events()[i]);
    }
    link->told_event = cluster_.events().size();
    wire::append_link_frame(frame_, wire::LinkFrameType::events,
                            wire::EventsPrefix{link->told_event}, events.view());
    send(*link);
  }
}

inline void FakeNode::tell_status() {
  wire::NodeStatus status;
  status.cluster = cluster_id;
  status.node = id_;
  status.open = is_open_ ? 1 : 0;
  status.term = term_;
  status.format_level = format_level;
  status.last_event = cluster_.events().size();
  for (const auto& link : links_) {
    wire::append_link_frame(frame_, wire::LinkFrameType::node_status, status);
    send(*link);
  }
}

inline void FakeNode::handle_history(Link& link, const wire::HistoryRequest& request) {
  base::ByteWriter events;
  std::uint32_t next = request.first;
  for (std::size_t i = 0; i < cluster_.events().size(); ++i) {
    const venue::EventHeader& event = cluster_.event(i);
    if (event.session != request.session || event.session_number != next) continue;
    if (next >= request.end) break;
    events.bytes(cluster_.events()[i]);
    ++next;
  }
  wire::HistoryPrefix prefix;
  prefix.session = request.session;
  prefix.request = request.request;
  wire::append_link_frame(frame_, wire::LinkFrameType::history, prefix, events.view());
  wire::HistoryEnd end;
  end.session = request.session;
  end.request = request.request;
  end.next = next;
  wire::append_link_frame(frame_, wire::LinkFrameType::history_end, end);
  send(link);
}

}  // namespace okiagari::gateway

#include "gateway/cluster_link.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/json_log.h"
#include "net/link_identity.h"

namespace okiagari::gateway {

using wire::LinkFault;
using wire::LinkFrame;
using wire::LinkFrameType;

namespace {
constexpr std::uint64_t kReconnectMs = 20;
constexpr std::uint64_t kConnectWaitMs = 1'000;
// Nodes tell their status every 50 ms. One that is silent this long is connected anew; a leader
// that froze is left earlier, when another one says it leads.
constexpr std::uint64_t kSilenceMs = 2'000;
constexpr std::uint64_t kTickMs = 20;
// After so long without a tick it was this process that stood still.
constexpr std::uint64_t kStoodStillMs = 500;
constexpr std::size_t kUnconsumedBytesMax = 2 * std::size_t{wire::kMaxLinkFrameBytes};
// A leader that falls this far behind gets no more until it has read some.
constexpr std::size_t kSubmitQueueBytesMax = 8u << 20;
// Those that it was told at its start, and those that came since; one that has gone makes room.
constexpr std::size_t kNodesMax = 32;
// One that was not reached for a while is not tried as often.
constexpr std::uint64_t kAwayMs = 10'000;
constexpr std::uint64_t kReconnectAwayMs = 500;
}  // namespace

struct ClusterLink::Node {
  net::Endpoint endpoint;
  std::shared_ptr<net::Connection> connection;
  std::uint64_t attempt = 0;  // counts connections; late results of given-up ones do not fit
  bool is_connecting = false;
  std::uint64_t since_ms = 0;  // of the attempt, then of the last frame
  std::uint64_t retry_ms = 0;
  std::uint64_t met_ms = net::Loop::now_ms();  // when it was connected last
  bool has_status = false;
  wire::NodeStatus status;
  bool is_dirty = false;
};

ClusterLink::ClusterLink(net::Loop& loop, Owner& owner, const Identity& identity,
                         const std::vector<net::Endpoint>& nodes)
    : loop_(loop),
      owner_(owner),
      identity_(identity),
      alive_(std::make_shared<bool>(true)),
      away_since_ms_(net::Loop::now_ms()),
      ticked_ms_(away_since_ms_) {
  for (const net::Endpoint& endpoint : nodes) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->endpoint = endpoint;
  }
}

ClusterLink::~ClusterLink() {
  *alive_ = false;
  for (const auto& node : nodes_) {
    if (node->connection) node->connection->close();
  }
}

void ClusterLink::tick(std::uint64_t now_ms) {
  next_deadline_ms_ = now_ms + kTickMs;
  // Then what they said meanwhile is still unread: nobody was silent.
  const bool stood_still = now_ms - ticked_ms_ >= kStoodStillMs;
  ticked_ms_ = now_ms;
  for (const auto& node : nodes_) {
    if (stood_still) node->since_ms = now_ms;
    if (node->connection != nullptr) {
      if (now_ms - node->since_ms >= kSilenceMs) lost(*node, "silent");
      continue;
    }
    if (node->is_connecting && now_ms - node->since_ms < kConnectWaitMs) continue;
    if (now_ms >= node->retry_ms) connect(*node, now_ms);
  }
}

void ClusterLink::connect(Node& node, std::uint64_t now_ms) {
  node.is_connecting = true;
  node.since_ms = now_ms;
  const std::uint64_t attempt = ++node.attempt;
  net::connect(
      loop_, node.endpoint,
      [this, &node, attempt, alive = alive_](std::shared_ptr<net::Connection> connection,
                                             const std::string&) {
        if (!*alive || node.attempt != attempt) return;
        node.is_connecting = false;
        const std::uint64_t then_ms = net::Loop::now_ms();
        const bool is_away = then_ms - node.met_ms >= kAwayMs;
        node.retry_ms = then_ms + (is_away ? kReconnectAwayMs : kReconnectMs);
        if (connection) connected(node, std::move(connection));
      },
      net::link_security());
}

void ClusterLink::connected(Node& node, std::shared_ptr<net::Connection> connection) {
  node.connection = std::move(connection);
  node.since_ms = net::Loop::now_ms();
  node.met_ms = node.since_ms;
  node.has_status = false;
  const std::uint64_t attempt = node.attempt;
  node.connection->start(
      [this, &node, attempt, alive = alive_](base::Bytes bytes) {
        return *alive && node.attempt == attempt ? receive(node, bytes) : bytes.size();
      },
      [this, &node, attempt, alive = alive_](const std::string& reason) {
        if (*alive && node.attempt == attempt) lost(node, reason);
      },
      kUnconsumedBytesMax);
  wire::Hello hello;
  hello.cluster = identity_.cluster;
  hello.gateway = identity_.gateway;
  hello.incarnation = identity_.incarnation;
  hello.features = wire::kTakesServers;
  send(node, LinkFrameType::hello, hello);
}

void ClusterLink::lost(Node& node, const std::string& reason) {
  if (node.has_status) {
    base::log_info("node_gone", {{"node", NodeId{node.status.node}}, {"reason", reason}},
                   "node {} at {} is gone: {}", NodeId{node.status.node},
                   net::to_string(node.endpoint), reason);
  }
  ++node.attempt;
  node.met_ms = net::Loop::now_ms();
  node.connection->close();
  node.connection = nullptr;
  node.has_status = false;
  node.is_connecting = false;
  node.is_dirty = false;
  node.retry_ms = net::Loop::now_ms() + kReconnectMs;
  next_deadline_ms_ = std::min(next_deadline_ms_, node.retry_ms);
  if (subscribed_ == &node) {
    subscribed_ = nullptr;
    set_state(State::away);
  }
  choose();
}

std::size_t ClusterLink::receive(Node& node, base::Bytes bytes) {
  node.since_ms = net::Loop::now_ms();
  const std::uint64_t attempt = node.attempt;
  std::size_t consumed = 0;
  LinkFrame frame;
  while (true) {
    const LinkFault fault = wire::decode_link(bytes.subspan(consumed), frame);
    if (fault == LinkFault::incomplete) break;
    if (fault != LinkFault::none) {
      base::log_error("node_malformed", {{"peer", net::to_string(node.endpoint)}},
                      "{} sent a {}; is it of the same version?", net::to_string(node.endpoint),
                      wire::describe(fault));
      lost(node, wire::describe(fault));
      break;
    }
    const bool is_fine = handle(node, frame);
    if (node.attempt != attempt) break;  // given up meanwhile
    if (!is_fine) {
      lost(node, "a frame that breaks the protocol");
      break;
    }
    consumed += frame.size_bytes;
  }
  return consumed;
}

bool ClusterLink::handle(Node& node, const LinkFrame& frame) {
  switch (frame.type) {
    case LinkFrameType::node_status:
      return handle_status(node, wire::fixed_part<wire::NodeStatus>(frame));
    case LinkFrameType::events:
      return handle_events(node, frame);
    case LinkFrameType::caught_up:
      if (&node == subscribed_ && state_ == State::catching_up) {
        set_state(State::serving);
        owner_.on_serving();
      }
      return true;
    case LinkFrameType::subscribe_refused:
      if (&node == subscribed_) handle_refused(node);
      return true;
    case LinkFrameType::history:
      owner_.on_history(wire::fixed_part<wire::HistoryPrefix>(frame),
                        wire::after_fixed_part<wire::HistoryPrefix>(frame));
      return true;
    case LinkFrameType::servers:
      return handle_servers(frame.body);
    case LinkFrameType::history_end:
      owner_.on_history_end(wire::fixed_part<wire::HistoryEnd>(frame));
      return true;
    default:
      return false;
  }
}

bool ClusterLink::handle_status(Node& node, const wire::NodeStatus& status) {
  if (status.cluster != identity_.cluster) {
    if (!node.has_status) {
      base::log_error(
          "wrong_cluster",
          {{"peer", net::to_string(node.endpoint)}, {"cluster", std::uint64_t{status.cluster}}},
          "{} belongs to cluster {}, this gateway to {}", net::to_string(node.endpoint),
          std::uint64_t{status.cluster}, identity_.cluster);
    }
    return false;
  }
  if (!node.connection->is_peer_named(net::link_name("node", status.node))) {
    base::log_error("wrong_certificate",
                    {{"peer", net::to_string(node.endpoint)}, {"node", NodeId{status.node}}},
                    "{} says it is node {} and has the certificate of somebody else",
                    net::to_string(node.endpoint), NodeId{status.node});
    return false;
  }
  node.status = status;
  node.has_status = true;
  highest_.term = std::max(highest_.term, std::uint64_t{status.term});
  highest_.sequence = std::max(highest_.sequence, std::uint64_t{status.applied_sequence});
  highest_.event = std::max(highest_.event, std::uint64_t{status.last_event});
  highest_.feed = std::max(highest_.feed, std::uint64_t{status.last_feed});
  format_level_ = std::max(format_level_, wire::FormatLevel{status.format_level});
  choose();
  return true;
}

// Events of a node that this gateway is not subscribed to are what a node tells at the hello; only
// what exists in the market is taken from it.
bool ClusterLink::handle_events(Node& node, const LinkFrame& frame) {
  const bool is_ours = &node == subscribed_;
  wire::EventReader reader(wire::after_fixed_part<wire::EventsPrefix>(frame));
  while (const venue::EventHeader* event = reader.next()) {
    const bool is_numbered = event->event_number != 0;
    if (is_numbered && (!is_ours || event->event_number <= last_event_)) continue;
    if (is_numbered) last_event_ = event->event_number;
    owner_.on_event(*event);
  }
  if (is_ours) {
    last_event_ = std::max(
        last_event_, std::uint64_t{wire::fixed_part<wire::EventsPrefix>(frame).through_event});
    owner_.on_events_done();
  }
  return reader.ok();
}

bool ClusterLink::handle_servers(base::Bytes lines) {
  std::string_view rest = base::as_text(lines);
  while (!rest.empty()) {
    const std::size_t space = rest.find(' ');
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos || space >= end) return false;
    const auto endpoint = net::parse_endpoint(std::string(rest.substr(space + 1, end - space - 1)));
    if (!endpoint) return false;
    rest.remove_prefix(end + 1);
    const std::string name = net::to_string(endpoint.value());
    const bool is_known = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
      return net::to_string(node->endpoint) == name;
    });
    if (is_known) continue;
    Node* place = place_for_another();
    if (place == nullptr) continue;
    base::log_info("node_learned", {{"peer", name}}, "there is a node at {}, too", name);
    place->endpoint = endpoint.value();
    place->retry_ms = 0;
    place->met_ms = net::Loop::now_ms();
    next_deadline_ms_ = 0;
  }
  return true;
}

// Null: there are as many as can be, and all were there lately. It is told again when the servers
// change, and with each connection.
ClusterLink::Node* ClusterLink::place_for_another() {
  if (nodes_.size() < kNodesMax) return nodes_.emplace_back(std::make_unique<Node>()).get();
  Node* longest_away = nullptr;
  for (const auto& node : nodes_) {
    if (node->connection != nullptr || net::Loop::now_ms() - node->met_ms < kAwayMs) continue;
    if (longest_away == nullptr || node->met_ms < longest_away->met_ms) longest_away = node.get();
  }
  if (longest_away != nullptr) {
    ++longest_away->attempt;
    longest_away->is_connecting = false;
  }
  return longest_away;
}

void ClusterLink::handle_refused(Node& node) {
  base::log_warning("lost_track",
                    {{"node", NodeId{node.status.node}}, {"after_event", last_event_}},
                    "node {} no longer has the events after {}; members must log in again",
                    NodeId{node.status.node}, last_event_);
  has_subscribed_ = false;
  owner_.on_lost_track();
  subscribe(node);
}

// Whoever leads in the highest term seen. A deposed leader that has not noticed yet has a lower
// one.
void ClusterLink::choose() {
  Node* best = nullptr;
  for (const auto& node : nodes_) {
    if (node->connection == nullptr || !node->has_status || node->status.open == 0) continue;
    if (best == nullptr || node->status.term > best->status.term) best = node.get();
    leader_term_ = std::max(leader_term_, std::uint64_t{node->status.term});
  }
  if (best != nullptr && best->status.term < leader_term_) best = nullptr;
  if (best == nullptr) {
    if (state_ != State::away) set_state(State::away);
    return;
  }
  const bool is_new = best != subscribed_ || best->status.term != subscribed_term_;
  // Closed and open again in one term: it may have dropped what it was sent.
  if (is_new || state_ == State::away) subscribe(*best);
}

void ClusterLink::subscribe(Node& node) {
  Node* const former = subscribed_;
  if (!has_subscribed_) last_event_ = node.status.last_event;
  has_subscribed_ = true;
  subscribed_ = &node;
  subscribed_term_ = node.status.term;
  set_state(State::catching_up);
  base::log_info("follows_leader",
                 {{"node", NodeId{node.status.node}},
                  {"term", subscribed_term_},
                  {"after_event", last_event_}},
                 "node {} leads term {}; going on after event {}", NodeId{node.status.node},
                 subscribed_term_, last_event_);
  send(node, LinkFrameType::subscribe, wire::Subscribe{last_event_});
  // A node goes on sending events to whoever once subscribed; a new connection has not.
  if (former != nullptr && former != &node && former->connection != nullptr) {
    lost(*former, "another node leads");
  }
}

void ClusterLink::set_state(State state) {
  if (state_ == State::serving && state != State::serving) away_since_ms_ = net::Loop::now_ms();
  state_ = state;
}

NodeId ClusterLink::leader() const {
  return subscribed_ == nullptr ? NodeId{0} : NodeId{subscribed_->status.node};
}

std::size_t ClusterLink::submit_room() const {
  if (!is_serving()) return 0;
  const std::size_t queued = subscribed_->connection->queued_bytes();
  if (queued >= kSubmitQueueBytesMax) return 0;
  return wire::kMaxLinkFrameBytes - sizeof(wire::LinkFrameHeader);
}

void ClusterLink::submit(base::Bytes commands) {
  ASSERT(is_serving(), "commands for nobody");
  const auto header = wire::link_header(LinkFrameType::submit, commands.size());
  net::Connection& connection = *subscribed_->connection;
  const bool taken = connection.send(base::object_bytes(header)) && connection.send(commands);
  ASSERT(taken, "a queue of {} bytes took no {} more", connection.queued_bytes(), commands.size());
  subscribed_->is_dirty = true;
}

bool ClusterLink::request_history(const wire::HistoryRequest& request) {
  Node* asked = subscribed_;
  for (const auto& node : nodes_) {
    if (asked == nullptr && node->connection != nullptr && node->has_status) asked = node.get();
  }
  if (asked == nullptr) return false;
  send(*asked, LinkFrameType::history_request, request);
  return true;
}

template <typename Body>
void ClusterLink::send(Node& node, LinkFrameType type, const Body& body) {
  frame_.clear();
  wire::append_link_frame(frame_, type, body);
  // A queue that is full is that of a node which reads nothing; it is left as silent.
  if (node.connection->send(frame_.view())) node.is_dirty = true;
}

void ClusterLink::flush() {
  for (const auto& node : nodes_) {
    if (!std::exchange(node->is_dirty, false) || node->connection == nullptr) continue;
    // The connection may break here; then lost() is called by it and sets the node's to null.
    const std::shared_ptr<net::Connection> connection = node->connection;
    connection->flush();
  }
}

}  // namespace okiagari::gateway

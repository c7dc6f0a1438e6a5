#include "journal/tcp_links.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <optional>
#include <utility>

#include "journal/peer_greeting.h"
#include "journal/peer_message.h"
#include "journal/tcp_links_parts.h"
#include "net/link_identity.h"
#include "net/tcp_progress.h"

namespace okiagari::journal {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// The same complaint is not written more often.
constexpr std::uint64_t kSameRefusalMs = 5000;
// Connections that have not said yet who they are; beyond it the oldest goes.
constexpr std::size_t kStrangersMax = 64;
// Nodes that this process has met or was told of; those that were removed stay in the count.
constexpr std::size_t kPeersMax = 4'096;

}  // namespace

base::Result<std::unique_ptr<TcpLinks>> TcpLinks::open(net::Loop& loop, TcpLinksOptions options,
                                                       LinkEvents events) {
  std::unique_ptr<TcpLinks> links(new TcpLinks(loop, std::move(options), std::move(events)));
  TcpLinks* self = links.get();
  const PeerPlace& place = self->options_.listen;
  self->doors_[place_of(Network::a)] = std::make_unique<Door>(loop, place.a);
  base::Status status = self->listen(Network::a);
  if (place.b) {
    // A network that is down is no reason to stay away from the other one.
    self->doors_[place_of(Network::b)] = std::make_unique<Door>(loop, *place.b);
    const base::Status second = self->listen(Network::b);
    if (!status && !second) return status.error();
    if (!status) self->listen_later(Network::a);
    if (!second) self->listen_later(Network::b);
    for (const base::Status& one : {status, second}) {
      if (!one) self->log(one.error().message);
    }
  } else if (!status) {
    return status.error();
  }
  for (auto& [node, peer] : self->peers_) self->connect(*peer);
  return links;
}

base::Status TcpLinks::listen(Network network) {
  Door& door = *doors_[place_of(network)];
  auto listener = net::Listener::open(
      loop_, door.place,
      [this, network](std::shared_ptr<net::Connection> connection) { accept(connection, network); },
      {options_.identity, {}});
  if (!listener) return listener.error();
  door.listener = std::move(listener.value());
  return {};
}

void TcpLinks::listen_later(Network network) {
  Door& door = *doors_[place_of(network)];
  door.again.expires_after(std::chrono::milliseconds(options_.listen_again_ms));
  door.again.async_wait([this, alive = alive_, network](const auto& cancelled) {
    if (cancelled || !*alive) return;
    if (!listen(network)) return listen_later(network);
    log(fmt::format("network {}: other servers are listened to again", name_of(network)));
  });
}

TcpLinks::TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events)
    : loop_(loop),
      options_(std::move(options)),
      events_(std::move(events)),
      alive_(std::make_shared<bool>(true)),
      look_timer_(loop.context()) {
  for (const auto& [node, place] : options_.peers) {
    Peer& peer = peer_of(node);
    peer.line(Network::a).endpoint = place.a;
    peer.line(Network::b).endpoint = place.b;
  }
}

TcpLinks::~TcpLinks() {
  *alive_ = false;
  doors_ = {};
  for (const std::weak_ptr<Arrival>& stranger : strangers_) {
    if (const auto there = stranger.lock()) there->close();
  }
  for (auto& [node, peer] : peers_) {
    for (const Line& line : peer->lines) {
      if (line.connection) line.connection->close();
    }
    for (const auto& arrival : {peer->arrival, peer->bulk_arrival}) {
      if (arrival) arrival->close();
    }
    peer->bulk.close();
  }
}

TcpLinks::Peer& TcpLinks::peer_of(NodeId node) {
  std::unique_ptr<Peer>& peer = peers_[node];
  if (peer == nullptr) {
    peer = std::make_unique<Peer>(loop_, node, options_, [this](Peer& of, BulkLine::End end) {
      bulk_line_ended(of, std::move(end));
    });
  }
  return *peer;
}

void TcpLinks::set_peer(NodeId node, const PeerPlace& place) {
  if (node == options_.node) return;
  if (!peers_.contains(node) && peers_.size() >= kPeersMax) {
    return log(fmt::format("node {}: it is one too many. Restart this server", node));
  }
  Peer& peer = peer_of(node);
  peer.is_retired = false;
  set_place(peer, peer.line(Network::a), place.a);
  set_place(peer, peer.line(Network::b), place.b);
}

void TcpLinks::set_place(Peer& peer, Line& line, const std::optional<net::Endpoint>& endpoint) {
  const bool is_same = line.endpoint.has_value() == endpoint.has_value() &&
                       (!endpoint || net::to_string(*line.endpoint) == net::to_string(*endpoint));
  if (is_same && (!endpoint || line.connection || line.connecting)) return;
  line.endpoint = endpoint;
  line.connecting.reset();
  line.retry.cancel();
  // Its end is the beginning of the next one.
  if (line.connection) {
    line.connection->close();
    return line_ended(peer, line, "it is at another address now");
  }
  connect(peer, line);
}

void TcpLinks::retire(NodeId node) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  found->second->is_retired = true;
  found->second->bulk.close();
  for (Line& line : found->second->lines) {
    line.connecting.reset();
    line.retry.cancel();
  }
}

void TcpLinks::log(const std::string& line) const {
  if (events_.log) events_.log(line);
}

bool TcpLinks::is_connected_to(NodeId node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second->used() != nullptr;
}

PeerNetworks TcpLinks::networks_of(NodeId node) const {
  PeerNetworks networks;
  const auto found = peers_.find(node);
  if (found == peers_.end()) return networks;
  Peer& peer = *found->second;
  networks.used = peer.choice.used();
  networks.changes = peer.network_changes;
  for (const Network network : kNetworks) {
    networks.is_known[place_of(network)] = peer.line(network).endpoint.has_value();
    networks.is_open[place_of(network)] = peer.choice.is_open(network);
  }
  return networks;
}

void TcpLinks::connect(Peer& peer) {
  for (Line& line : peer.lines) connect(peer, line);
}

void TcpLinks::connect(Peer& peer, Line& line) {
  if (!line.endpoint) return;
  if (peer.has_two_networks() && !is_looking_) {
    is_looking_ = true;
    look();
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(line.endpoint->host, error);
  if (error) {
    log(fmt::format("node {}: '{}' is not a numeric address", peer.node, line.endpoint->host));
    return;
  }
  auto socket = std::make_shared<tcp::socket>(loop_.context());
  line.connecting = socket;
  socket->async_connect(
      tcp::endpoint(address, line.endpoint->port),
      [this, alive = alive_, &peer, &line, socket](const boost::system::error_code& failed) {
        if (!*alive || line.connecting != socket) return;
        line.connecting.reset();
        line.retry.cancel();
        if (failed) {
          if (!line.was_reported_away) {
            log(fmt::format("node {}: not reached at {}: {}", peer.node,
                            net::to_string(*line.endpoint), failed.message()));
          }
          line.was_reported_away = true;
          return connect_later(peer, line);
        }
        const int limit_ms = static_cast<int>(options_.unacknowledged_ms);
        line.socket = socket->native_handle();
        static_cast<void>(
            ::setsockopt(line.socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms));
        if (peer.has_two_networks()) net::keep_alive(line.socket);
        connected(peer, line,
                  std::make_shared<net::Connection>(
                      loop_, std::move(*socket),
                      net::Security{options_.identity, net::link_name("node", peer.node)},
                      net::Connection::Side::connects));
      });
  // A host that is away answers nothing at all.
  line.retry.expires_after(std::chrono::milliseconds(options_.connect_timeout_ms));
  line.retry.async_wait([this, alive = alive_, &peer, &line, socket](const auto& cancelled) {
    if (cancelled || !*alive || line.connecting != socket) return;
    line.connecting.reset();
    boost::system::error_code ignored;
    socket->close(ignored);
    connect_later(peer, line);
  });
}

void TcpLinks::connect_later(Peer& peer, Line& line) {
  // One that was removed and still speaks is answered.
  if (peer.is_retired && peer.arrival == nullptr) return;
  line.retry.expires_after(std::chrono::milliseconds(options_.reconnect_ms));
  line.retry.async_wait([this, alive = alive_, &peer, &line](const auto& cancelled) {
    if (!cancelled && *alive) connect(peer, line);
  });
}

void TcpLinks::connected(Peer& peer, Line& line, std::shared_ptr<net::Connection> connection) {
  line.connection = std::move(connection);
  line.connection->set_max_queued_bytes(options_.queued_bytes_max);
  line.silence.begin();
  // Nothing is to come back over it; it is read to see its end.
  line.connection->start([](base::Bytes bytes) { return bytes.size(); },
                         [this, alive = alive_, &peer, &line](const std::string& reason) {
                           if (*alive) line_ended(peer, line, reason);
                         });
  if (line.was_reported_away) log(fmt::format("node {}: connected{}", peer.node, peer.over(line)));
  line.was_reported_away = false;
  peer.choice.opened(line.network);
  choose_line(peer);
  keep_bulk_apart(peer);
}

void TcpLinks::choose_line(Peer& peer) {
  Line* const before = peer.used();
  const std::optional<Network> chosen = peer.choice.choose(net::Loop::now_ms());
  if (chosen) go_over(peer, before, *chosen);
}

void TcpLinks::go_over(Peer& peer, Line* before, Network network) {
  // A connection is greeted over once, so what is left ends, and another one is kept open there.
  if (before != nullptr) {
    before->connection->close();
    before->connection.reset();
    peer.choice.left(before->network);
    connect_later(peer, *before);
  }
  greet(peer, peer.line(network));
  keep_bulk_apart(peer);
}

void TcpLinks::greet(Peer& peer, Line& line) {
  base::ByteWriter greeting;
  encode(greeting_to(peer, LineKind::link, ++peer.number), greeting);
  // The connection may end while it is flushed.
  const std::shared_ptr<net::Connection> connection = line.connection;
  static_cast<void>(connection->send(greeting.view()));
  connection->flush();
}

PeerGreeting TcpLinks::greeting_to(const Peer& peer, LineKind kind, std::uint64_t number) const {
  return {kind,  version_of(kind), options_.node, peer.node, options_.cluster, options_.incarnation,
          number};
}

void TcpLinks::line_ended(Peer& peer, Line& line, const std::string& reason) {
  line.connection.reset();
  peer.choice.lost(line.network, net::Loop::now_ms());
  if (peer.bulk.network() == line.network) peer.bulk.close();
  if (!line.was_reported_away) {
    log(fmt::format("node {}: our connection{} ended: {}", peer.node, peer.over(line), reason));
  }
  line.was_reported_away = true;
  choose_line(peer);
  if (peer.used() == nullptr && peer.arrival == nullptr) lost(peer);
  connect_later(peer, line);
}

void TcpLinks::look() {
  look_timer_.expires_after(std::chrono::milliseconds(options_.look_ms));
  look_timer_.async_wait([this, alive = alive_](const auto& cancelled) {
    if (cancelled || !*alive) return;
    for (auto& [node, peer] : peers_) look_at(*peer);
    look();
  });
}

void TcpLinks::look_at(Peer& peer) {
  Line* const used = peer.used();
  if (used == nullptr) return;
  const auto progress = net::tcp_progress(used->socket);
  const bool is_silent = progress && used->silence.is_silent(*progress, net::Loop::now_ms());
  // Without another one to go to, it has all the time that TCP gives it.
  if (is_silent && peer.choice.is_open(other_than(used->network))) {
    used->connection->close();
    line_ended(
        peer, *used,
        fmt::format("nothing of what was sent is acknowledged for {} ms", options_.silent_ms));
  } else {
    choose_line(peer);
  }
  // Told here and not at once: of a process that dies, one line after the other is lost.
  const std::optional<Network> now = peer.choice.used();
  if (!now || now == peer.told_network) return;
  const bool is_first = !peer.told_network;
  peer.told_network = now;
  if (is_first) return;
  ++peer.network_changes;
  if (events_.network) events_.network(peer.node, *now);
}

bool TcpLinks::send(NodeId to, base::Bytes frame) {
  const auto found = peers_.find(to);
  Line* const line = found == peers_.end() ? nullptr : found->second->used();
  if (line == nullptr) return false;
  if (line->connection->send(frame)) return true;
  // A gap would be worse than a new link: what follows is dropped with what did not fit.
  const std::string reason = fmt::format("it does not take what it is sent, {} bytes wait",
                                         line->connection->queued_bytes());
  line->connection->close();
  line_ended(*found->second, *line, reason);
  return false;
}

void TcpLinks::flush() {
  for (auto& [node, peer] : peers_) {
    // The connection may end while it is flushed.
    const Line* const line = peer->used();
    if (line != nullptr && line->connection->queued_bytes() > 0) {
      const std::shared_ptr<net::Connection> connection = line->connection;
      connection->flush();
    }
    peer->bulk.flush();
  }
}

void TcpLinks::accept(const std::shared_ptr<net::Connection>& connection, Network network) {
  auto arrival = std::make_shared<Arrival>();
  arrival->network = network;
  arrival->connection = connection;
  strangers_.push_back(arrival);
  std::erase_if(strangers_, [](const std::weak_ptr<Arrival>& one) {
    const std::shared_ptr<Arrival> there = one.lock();
    return there == nullptr || there->peer != nullptr || !there->is_open();
  });
  if (strangers_.size() > kStrangersMax) {
    if (const auto oldest = strangers_.front().lock()) oldest->close();
    strangers_.pop_front();
  }
  connection->start([this, alive = alive_, arrival](
                        base::Bytes bytes) { return *alive ? take(arrival, bytes) : bytes.size(); },
                    [this, alive = alive_, arrival](const std::string& reason) {
                      if (*alive) arrival_ended(arrival, reason);
                    },
                    2 * kFrameBytesMax);
}

std::size_t TcpLinks::take(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes) {
  std::size_t taken = 0;
  if (arrival->peer == nullptr) {
    taken = take_greeting(arrival, bytes);
    if (arrival->peer == nullptr) return taken;
  }
  return taken + take_frames(arrival, bytes.subspan(taken));
}

std::string TcpLinks::refusal(const Arrival& arrival,
                              const std::optional<PeerGreeting>& greeting) const {
  if (!greeting) return "it is not a node of ours: it does not greet as one";
  const std::string reason = refusal_of(*greeting, options_.cluster, options_.node);
  if (!reason.empty()) return reason;
  const auto connection = arrival.connection.lock();
  if (connection != nullptr && !connection->is_peer_named(net::link_name("node", greeting->from))) {
    return fmt::format("it says it is node {} and has the certificate of somebody else",
                       greeting->from);
  }
  const auto found = peers_.find(greeting->from);
  const Peer* const peer = found == peers_.end() ? nullptr : found->second.get();
  if (greeting->kind == LineKind::bulk) return bulk_refusal(*greeting, peer);
  if (peer == nullptr) {
    if (peers_.size() < kPeersMax) return {};
    return fmt::format("node {} is one too many. Restart this server", greeting->from);
  }
  if (greeting->incarnation == peer->incarnation && greeting->number <= peer->accepted) {
    return fmt::format("node {} has a newer connection than this one", greeting->from);
  }
  return {};
}

std::size_t TcpLinks::take_greeting(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes) {
  if (bytes.size() < kGreetingBytes) return 0;
  const auto greeting = decode_greeting(bytes.first(kGreetingBytes));
  const std::string reason = refusal(*arrival, greeting);
  if (!reason.empty()) {
    refuse(arrival, reason);
    return bytes.size();
  }
  if (greeting->kind == LineKind::bulk) {
    take_bulk_line(arrival, *greeting);
    return kGreetingBytes;
  }
  Peer& peer = peer_of(greeting->from);
  // Another life of the process: the one before is dead, whether its connections have told so or
  // not.
  if (peer.is_up && greeting->incarnation != peer.incarnation) lost(peer);
  if (greeting->incarnation != peer.incarnation) {
    peer.arrives_over.reset();
    peer.bulk_accepted = 0;
  }
  peer.incarnation = greeting->incarnation;
  peer.accepted = greeting->number;
  take_place(arrival, peer);
  return kGreetingBytes;
}

void TcpLinks::take_place(const std::shared_ptr<Arrival>& arrival, Peer& peer) {
  if (peer.arrival) peer.arrival->close();
  peer.arrival = arrival;
  arrival->peer = &peer;
  peer.one_way.cancel();
  peer.is_up = true;
  events_.link_up(peer.node);
  // One that does not know yet that it was removed can be told.
  const bool must_answer = peer.is_retired && peer.used() == nullptr &&
                           !peer.line(Network::a).connecting && !peer.line(Network::b).connecting;
  if (must_answer) connect(peer);
  const std::optional<Network> before = std::exchange(peer.arrives_over, arrival->network);
  if (!before || before == arrival->network) return;
  Line* const used = peer.used();
  if (peer.choice.goes_along(arrival->network, net::Loop::now_ms())) {
    go_over(peer, used, arrival->network);
  }
}

std::size_t TcpLinks::take_frames(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes) {
  std::size_t taken = 0;
  while (arrival->is_open()) {
    const base::Bytes rest = bytes.subspan(taken);
    const std::optional<std::size_t> length = frame_length(rest);
    if (!length) {
      refuse(arrival, fmt::format("node {} sent what is no frame", arrival->peer->node));
      return bytes.size();
    }
    if (arrival->is_bulk && rest.size() >= sizeof(FrameHeader) && !is_snapshot_chunk(rest)) {
      refuse(arrival, fmt::format("node {} sent what is no piece of a snapshot over its line for "
                                  "snapshots",
                                  arrival->peer->node));
      return bytes.size();
    }
    if (*length == 0 || rest.size() < *length) return taken;
    taken += *length;
    events_.frame(arrival->peer->node, rest.first(*length));
  }
  return taken;
}

void TcpLinks::refuse(const std::shared_ptr<Arrival>& arrival, const std::string& reason) {
  const std::uint64_t now_ms = net::Loop::now_ms();
  const std::shared_ptr<net::Connection> connection = arrival->connection.lock();
  if (connection == nullptr) return;
  if (reason != last_refusal_ || now_ms >= last_refusal_ms_ + kSameRefusalMs) {
    log(fmt::format("connection from {} refused: {}", connection->peer(), reason));
    last_refusal_ = reason;
    last_refusal_ms_ = now_ms;
  }
  connection->close();
  arrival_ended(arrival, reason);
}

void TcpLinks::arrival_ended(const std::shared_ptr<Arrival>& arrival, const std::string& reason) {
  Peer* peer = arrival->peer;
  if (peer != nullptr && peer->bulk_arrival == arrival) peer->bulk_arrival.reset();
  if (peer == nullptr || peer->arrival != arrival) return;
  peer->arrival.reset();
  if (peer->used() == nullptr) {
    lost(*peer);
    return;
  }
  log(fmt::format("node {}: its connection ended: {}", peer->node, reason));
  peer->one_way.expires_after(std::chrono::milliseconds(options_.one_way_ms));
  peer->one_way.async_wait([this, alive = alive_, peer](const auto& cancelled) {
    if (!cancelled && *alive && peer->arrival == nullptr) lost(*peer);
  });
}

void TcpLinks::lost(Peer& peer) {
  peer.one_way.cancel();
  forget_bulk_lines(peer);
  // Whichever line opens first after this is a beginning and no change.
  peer.told_network.reset();
  if (!peer.is_up) return;
  peer.is_up = false;
  events_.link_lost(peer.node);
}

}  // namespace okiagari::journal

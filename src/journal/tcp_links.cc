#include "journal/tcp_links.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <utility>

#include "base/hash.h"
#include "journal/peer_message.h"

namespace okiagari::journal {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr std::array<char, 8> kGreetingMagic = {'O', 'K', 'I', 'A', 'P', 'E', 'E', 'R'};
// The same complaint is not written more often.
constexpr std::uint64_t kSameRefusalMs = 5000;
// Connections that have not said yet who they are; beyond it the oldest goes.
constexpr std::size_t kStrangersMax = 64;

// The first bytes of a connection.
struct Greeting {
  std::array<char, 8> magic = kGreetingMagic;
  std::uint16_t version = kPeerVersion;
  NodeId from = 0;
  NodeId to = 0;
  std::uint16_t reserved = 0;
  ClusterId cluster = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;  // of the connection, from 1 in each incarnation
  std::uint32_t reserved_too = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};
static_assert(sizeof(Greeting) == 48 && offsetof(Greeting, cluster) == 16 &&
              offsetof(Greeting, crc) == 44);

std::uint32_t crc_of(const Greeting& greeting) {
  return base::crc32c(base::object_bytes(greeting).first(offsetof(Greeting, crc)));
}

}  // namespace

struct TcpLinks::Peer {
  Peer(net::Loop& loop, NodeId the_node, net::Endpoint the_endpoint)
      : node(the_node),
        endpoint(std::move(the_endpoint)),
        retry(loop.context()),
        one_way(loop.context()) {}

  NodeId node;
  net::Endpoint endpoint;
  // What we opened; only sends.
  std::shared_ptr<net::Connection> outgoing;
  std::shared_ptr<tcp::socket> connecting;
  std::uint64_t number = 0;
  bool was_reported_away = false;
  asio::steady_timer retry;
  // What it opened.
  std::shared_ptr<Arrival> arrival;
  std::uint64_t incarnation = 0;  // of the last one accepted
  std::uint64_t accepted = 0;     // its number
  bool is_up = false;             // as the owner was told
  asio::steady_timer one_way;
};

// A connection that came in. It keeps itself alive while it is open, and its handlers keep this.
struct TcpLinks::Arrival {
  std::weak_ptr<net::Connection> connection;
  Peer* peer = nullptr;  // once it has said who it is

  void close() const {
    if (const auto open = connection.lock()) open->close();
  }
  [[nodiscard]] bool is_open() const {
    const auto open = connection.lock();
    return open != nullptr && open->is_open();
  }
};

base::Result<std::unique_ptr<TcpLinks>> TcpLinks::open(net::Loop& loop, TcpLinksOptions options,
                                                       LinkEvents events) {
  std::unique_ptr<TcpLinks> links(new TcpLinks(loop, std::move(options), std::move(events)));
  TcpLinks* self = links.get();
  auto listener = net::Listener::open(
      loop, self->options_.listen,
      [self](std::shared_ptr<net::Connection> connection) { self->accept(connection); });
  if (!listener) return listener.error();
  self->listener_ = std::move(listener.value());
  for (auto& [node, peer] : self->peers_) self->connect(*peer);
  return links;
}

TcpLinks::TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events)
    : loop_(loop),
      options_(std::move(options)),
      events_(std::move(events)),
      alive_(std::make_shared<bool>(true)) {
  for (const auto& [node, endpoint] : options_.peers) {
    peers_.emplace(node, std::make_unique<Peer>(loop_, node, endpoint));
  }
}

TcpLinks::~TcpLinks() {
  *alive_ = false;
  listener_.reset();
  for (auto& [node, peer] : peers_) {
    if (peer->outgoing) peer->outgoing->close();
    if (peer->arrival) peer->arrival->close();
  }
}

void TcpLinks::log(const std::string& line) const {
  if (events_.log) events_.log(line);
}

bool TcpLinks::is_connected_to(NodeId node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second->outgoing != nullptr;
}

void TcpLinks::connect(Peer& peer) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(peer.endpoint.host, error);
  if (error) {
    log(fmt::format("node {}: '{}' is not a numeric address", peer.node, peer.endpoint.host));
    return;
  }
  auto socket = std::make_shared<tcp::socket>(loop_.context());
  peer.connecting = socket;
  socket->async_connect(
      tcp::endpoint(address, peer.endpoint.port),
      [this, alive = alive_, &peer, socket](const boost::system::error_code& failed) {
        if (!*alive || peer.connecting != socket) return;
        peer.connecting.reset();
        peer.retry.cancel();
        if (failed) {
          if (!peer.was_reported_away) {
            log(fmt::format("node {}: not reached at {}: {}", peer.node,
                            net::to_string(peer.endpoint), failed.message()));
          }
          peer.was_reported_away = true;
          return connect_later(peer);
        }
        const int limit_ms = static_cast<int>(options_.unacknowledged_ms);
        static_cast<void>(::setsockopt(socket->native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                                       &limit_ms, sizeof limit_ms));
        connected(peer, std::make_shared<net::Connection>(loop_, std::move(*socket)));
      });
  // A host that is away answers nothing at all.
  peer.retry.expires_after(std::chrono::milliseconds(options_.connect_timeout_ms));
  peer.retry.async_wait([this, alive = alive_, &peer, socket](const auto& cancelled) {
    if (cancelled || !*alive || peer.connecting != socket) return;
    peer.connecting.reset();
    boost::system::error_code ignored;
    socket->close(ignored);
    connect_later(peer);
  });
}

void TcpLinks::connect_later(Peer& peer) {
  peer.retry.expires_after(std::chrono::milliseconds(options_.reconnect_ms));
  peer.retry.async_wait([this, alive = alive_, &peer](const auto& cancelled) {
    if (!cancelled && *alive) connect(peer);
  });
}

void TcpLinks::connected(Peer& peer, std::shared_ptr<net::Connection> connection) {
  Greeting greeting;
  greeting.from = options_.node;
  greeting.to = peer.node;
  greeting.cluster = options_.cluster;
  greeting.incarnation = options_.incarnation;
  greeting.number = ++peer.number;
  greeting.crc = crc_of(greeting);
  peer.outgoing = std::move(connection);
  peer.outgoing->set_max_queued_bytes(options_.queued_bytes_max);
  // Nothing is to come back over it; it is read to see its end.
  peer.outgoing->start([](base::Bytes bytes) { return bytes.size(); },
                       [this, alive = alive_, &peer](const std::string& reason) {
                         if (*alive) outgoing_ended(peer, reason);
                       });
  if (peer.was_reported_away) log(fmt::format("node {}: connected", peer.node));
  peer.was_reported_away = false;
  static_cast<void>(peer.outgoing->send(base::object_bytes(greeting)));
  peer.outgoing->flush();
}

void TcpLinks::outgoing_ended(Peer& peer, const std::string& reason) {
  peer.outgoing.reset();
  if (!peer.was_reported_away)
    log(fmt::format("node {}: our connection ended: {}", peer.node, reason));
  peer.was_reported_away = true;
  if (peer.arrival == nullptr) lost(peer);
  connect_later(peer);
}

bool TcpLinks::send(NodeId to, base::Bytes frame) {
  const auto found = peers_.find(to);
  if (found == peers_.end() || found->second->outgoing == nullptr) return false;
  Peer& peer = *found->second;
  if (peer.outgoing->send(frame)) return true;
  // A gap would be worse than a new link: what follows is dropped with what did not fit.
  peer.outgoing->close();
  outgoing_ended(peer, fmt::format("it does not take what it is sent, {} bytes wait",
                                   peer.outgoing->queued_bytes()));
  return false;
}

void TcpLinks::flush() {
  for (auto& [node, peer] : peers_) {
    // The connection may end while it is flushed.
    const std::shared_ptr<net::Connection> outgoing = peer->outgoing;
    if (outgoing && outgoing->queued_bytes() > 0) outgoing->flush();
  }
}

void TcpLinks::accept(const std::shared_ptr<net::Connection>& connection) {
  auto arrival = std::make_shared<Arrival>();
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

std::string TcpLinks::refusal(base::Bytes bytes) const {
  Greeting greeting;
  static_cast<void>(base::ByteReader(bytes).object(greeting));
  if (greeting.magic != kGreetingMagic || greeting.crc != crc_of(greeting)) {
    return "it is not a node of ours: it does not greet as one";
  }
  if (greeting.version != kPeerVersion) {
    return fmt::format("node {} speaks version {} of the protocol, this node version {}",
                       greeting.from, greeting.version, kPeerVersion);
  }
  if (greeting.cluster != options_.cluster) {
    return fmt::format("node {} is of cluster {:016x}, this node of {:016x}", greeting.from,
                       greeting.cluster, options_.cluster);
  }
  if (greeting.to != options_.node) {
    return fmt::format("node {} looks for node {}, this is node {}", greeting.from, greeting.to,
                       options_.node);
  }
  const auto found = peers_.find(greeting.from);
  if (found == peers_.end()) {
    return fmt::format("node {} is not in the configuration", greeting.from);
  }
  const Peer& peer = *found->second;
  if (greeting.incarnation == peer.incarnation && greeting.number <= peer.accepted) {
    return fmt::format("node {} has a newer connection than this one", greeting.from);
  }
  return {};
}

std::size_t TcpLinks::take_greeting(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes) {
  if (bytes.size() < sizeof(Greeting)) return 0;
  const std::string reason = refusal(bytes.first(sizeof(Greeting)));
  if (!reason.empty()) {
    refuse(arrival, reason);
    return bytes.size();
  }
  Greeting greeting;
  static_cast<void>(base::ByteReader(bytes).object(greeting));
  Peer& peer = *peers_.at(greeting.from);
  // Another life of the process: the one before is dead, whether its connections have told so or
  // not.
  if (peer.is_up && greeting.incarnation != peer.incarnation) lost(peer);
  peer.incarnation = greeting.incarnation;
  peer.accepted = greeting.number;
  take_place(arrival, peer);
  return sizeof(Greeting);
}

void TcpLinks::take_place(const std::shared_ptr<Arrival>& arrival, Peer& peer) {
  if (peer.arrival) peer.arrival->close();
  peer.arrival = arrival;
  arrival->peer = &peer;
  peer.one_way.cancel();
  peer.is_up = true;
  events_.link_up(peer.node);
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
  if (peer == nullptr || peer->arrival != arrival) return;
  peer->arrival.reset();
  if (peer->outgoing == nullptr) {
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
  if (!peer.is_up) return;
  peer.is_up = false;
  events_.link_lost(peer.node);
}

}  // namespace okiagari::journal

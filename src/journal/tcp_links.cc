#include "journal/tcp_links.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/hash.h"
#include "journal/peer_message.h"

namespace okiagari::journal {

namespace {

constexpr std::uint32_t kHandshakeMagic = 0x4B4E4C4F;  // "OLNK"

// The first bytes of a connection, from the one who connected.
struct Handshake {
  std::uint32_t magic = kHandshakeMagic;
  std::uint16_t version = kPeerVersion;
  NodeId node = 0;
  ClusterId cluster = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;  // of the connection within the incarnation, from 1
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};
static_assert(sizeof(Handshake) == 40);

std::uint32_t crc_of(const Handshake& handshake) {
  return base::crc32c(base::object_bytes(handshake).first(offsetof(Handshake, crc)));
}

}  // namespace

struct TcpLinks::Accepted {
  std::shared_ptr<net::Connection> connection;
  NodeId peer = 0;  // 0 before its handshake
};

TcpLinks::TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events)
    : loop_(loop), options_(std::move(options)), events_(std::move(events)) {}

base::Result<std::unique_ptr<TcpLinks>> TcpLinks::open(net::Loop& loop, TcpLinksOptions options,
                                                       LinkEvents events) {
  std::unique_ptr<TcpLinks> links(new TcpLinks(loop, std::move(options), std::move(events)));
  auto listener =
      net::Listener::open(loop, links->options_.listen,
                          [self = links.get()](std::shared_ptr<net::Connection> connection) {
                            self->accept(connection);
                          });
  if (!listener) return listener.error();
  links->listener_ = std::move(listener.value());
  for (const auto& [peer, endpoint] : links->options_.peers) {
    Outgoing& outgoing = links->outgoing_[peer];
    outgoing.endpoint = endpoint;
    outgoing.retry = std::make_unique<boost::asio::steady_timer>(loop.context());
    links->connect_to(peer);
  }
  return links;
}

TcpLinks::~TcpLinks() {
  *alive_ = false;
  for (auto& [peer, outgoing] : outgoing_) {
    if (outgoing.connection) outgoing.connection->close();
  }
  for (auto& [peer, incoming] : incoming_) {
    if (incoming.connection) incoming.connection->close();
  }
}

bool TcpLinks::hears(NodeId peer) const {
  const auto found = incoming_.find(peer);
  return found != incoming_.end() && found->second.connection != nullptr;
}

void TcpLinks::connect_to(NodeId peer) {
  net::connect(loop_, outgoing_[peer].endpoint,
               [this, alive = alive_, peer](std::shared_ptr<net::Connection> connection,
                                            const std::string& error) {
                 if (!*alive) return;
                 if (connection) return connected(peer, std::move(connection));
                 Outgoing& outgoing = outgoing_[peer];
                 if (!std::exchange(outgoing.told_unreachable, true)) {
                   events_.log(fmt::format(
                       "node {} at {} cannot be reached: {}; trying every {} ms", peer,
                       to_string(outgoing.endpoint), error, options_.reconnect_after_ms));
                 }
                 retry_later(peer);
               });
}

void TcpLinks::connected(NodeId peer, std::shared_ptr<net::Connection> connection) {
  Outgoing& outgoing = outgoing_[peer];
  outgoing.connection = std::move(connection);
  outgoing.told_unreachable = false;
  outgoing.connection->set_max_queued_bytes(options_.queued_bytes_max);
  outgoing.connection->start(
      // Nothing is ever said on this side; who does is no peer.
      [connection = outgoing.connection.get()](base::Bytes bytes) {
        connection->close();
        return bytes.size();
      },
      [this, alive = alive_, peer](const std::string&) {
        if (!*alive) return;
        outgoing_[peer].connection = nullptr;
        retry_later(peer);
      });
  Handshake handshake;
  handshake.node = options_.node;
  handshake.cluster = options_.cluster;
  handshake.incarnation = options_.incarnation;
  handshake.number = ++outgoing.connections;
  handshake.crc = crc_of(handshake);
  outgoing.connection->send(base::object_bytes(handshake));
  outgoing.connection->flush();
}

void TcpLinks::retry_later(NodeId peer) {
  boost::asio::steady_timer& timer = *outgoing_[peer].retry;
  timer.expires_after(std::chrono::milliseconds(options_.reconnect_after_ms));
  timer.async_wait([this, alive = alive_, peer](const boost::system::error_code& error) {
    if (*alive && !error) connect_to(peer);
  });
}

bool TcpLinks::send(NodeId to, base::Bytes frame) {
  const auto found = outgoing_.find(to);
  if (found == outgoing_.end() || !found->second.connection) return false;
  // Held here: a failing flush() calls back and clears the link.
  const std::shared_ptr<net::Connection> connection = found->second.connection;
  if (!connection->send(frame)) {
    // A peer that far behind is better served by a new link and by what the core then sends.
    events_.log(fmt::format("node {} takes nothing any more: its link is dropped", to));
    connection->close();
    found->second.connection = nullptr;
    retry_later(to);
    return false;
  }
  connection->flush();
  return connection->is_open();
}

void TcpLinks::accept(std::shared_ptr<net::Connection> connection) {
  auto accepted = std::make_shared<Accepted>();
  accepted->connection = connection;
  connection->start(
      [this, alive = alive_, accepted](base::Bytes bytes) -> std::size_t {
        if (!*alive) return bytes.size();
        return accepted->peer == 0 ? take_handshake(accepted, bytes)
                                   : take_frames(*accepted, bytes);
      },
      [this, alive = alive_, accepted](const std::string& reason) {
        if (*alive) incoming_ended(*accepted, reason);
      },
      2 * kFrameBytesMax);
}

std::size_t TcpLinks::take_handshake(const std::shared_ptr<Accepted>& accepted, base::Bytes bytes) {
  Handshake handshake;
  base::ByteReader reader(bytes);
  if (!reader.object(handshake)) return 0;
  const std::string& from = accepted->connection->peer();
  const char* refusal = nullptr;
  if (handshake.magic != kHandshakeMagic || handshake.crc != crc_of(handshake)) {
    refusal = "it does not speak the protocol of the links";
  } else if (handshake.version != kPeerVersion) {
    refusal = "it speaks another version of the protocol: run the same release on all nodes";
  } else if (handshake.cluster != options_.cluster) {
    refusal = "it belongs to another cluster: check the addresses in its configuration";
  } else if (!options_.peers.contains(handshake.node)) {
    refusal = "its number is not among this node's peers: check the configuration of both";
  }
  if (refusal != nullptr) {
    events_.log(fmt::format("a connection from {} (node {}) was refused: {}", from, handshake.node,
                            refusal));
    accepted->connection->close();
    return bytes.size();
  }
  accepted->peer = handshake.node;
  if (!replace_incoming(*accepted, handshake.incarnation, handshake.number)) {
    accepted->peer = 0;
    accepted->connection->close();
    return bytes.size();
  }
  return sizeof handshake + take_frames(*accepted, bytes.subspan(sizeof handshake));
}

bool TcpLinks::replace_incoming(const Accepted& accepted, std::uint64_t incarnation,
                                std::uint64_t number) {
  const NodeId peer = accepted.peer;
  Incoming& incoming = incoming_[peer];
  const bool is_same_life = incoming.incarnation == incarnation;
  if (is_same_life && number <= incoming.number) return false;
  const bool replaces = incoming.connection != nullptr;
  if (replaces) std::exchange(incoming.connection, nullptr)->close();
  incoming = {accepted.connection, incarnation, number};
  if (replaces && !is_same_life) events_.link_lost(peer);
  events_.link_up(peer);
  return true;
}

std::size_t TcpLinks::take_frames(Accepted& accepted, base::Bytes bytes) {
  std::size_t taken = 0;
  const std::shared_ptr<net::Connection> connection = accepted.connection;
  while (connection->is_open()) {
    const auto length = frame_length(bytes.subspan(taken));
    if (!length) {
      events_.log(
          fmt::format("node {} sent what is no frame: its connection is closed", accepted.peer));
      connection->close();
      incoming_ended(accepted, "sent what is no frame");
      break;
    }
    if (*length == 0 || *length > bytes.size() - taken) break;
    events_.frame(accepted.peer, bytes.subspan(taken, *length));
    taken += *length;
  }
  return taken;
}

void TcpLinks::incoming_ended(const Accepted& accepted, const std::string& reason) {
  const auto found = incoming_.find(accepted.peer);
  if (found == incoming_.end() || found->second.connection != accepted.connection) return;
  found->second.connection = nullptr;
  events_.log(fmt::format("the link from node {} ended: {}", accepted.peer, reason));
  events_.link_lost(accepted.peer);
}

}  // namespace okiagari::journal

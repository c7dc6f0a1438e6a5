// The part of TcpLinks that has to do with lines for snapshots.
#include <fmt/format.h>

#include <utility>

#include "journal/tcp_links_parts.h"
#include "net/link_identity.h"

namespace okiagari::journal {

bool TcpLinks::send_bulk(NodeId to, base::Bytes frame) {
  const auto found = peers_.find(to);
  if (found == peers_.end() || found->second->used() == nullptr) return false;
  Peer& peer = *found->second;
  if (!peer.bulk.is_open()) {
    const std::optional<Network> network = choose_bulk_network(peer);
    if (!network) return send(to, frame);
    open_bulk_line(peer, *network);
  }
  return peer.bulk.send(frame);
}

bool TcpLinks::is_bulk_on_its_way(NodeId to) const {
  const auto found = peers_.find(to);
  if (found == peers_.end()) return false;
  Peer& peer = *found->second;
  if (peer.bulk.is_open()) return peer.bulk.is_on_its_way();
  const Line* const used = peer.used();
  return used != nullptr && used->connection->queued_bytes() > 0;
}

std::optional<Network> TcpLinks::bulk_network_of(NodeId node) const {
  const auto found = peers_.find(node);
  if (found == peers_.end() || !found->second->bulk.is_open()) return {};
  return found->second->bulk.network();
}

std::optional<Network> TcpLinks::choose_bulk_network(Peer& peer) const {
  const std::optional<Network> used = peer.choice.used();
  if (!used || peer.is_retired) return {};
  const std::uint64_t now_ms = net::Loop::now_ms();
  for (const Network network : {other_than(*used), *used}) {
    const bool is_there = peer.line(network).endpoint && peer.choice.is_open(network);
    if (is_there && now_ms >= peer.no_bulk_before_ms[place_of(network)]) return network;
  }
  return {};
}

void TcpLinks::open_bulk_line(Peer& peer, Network network) {
  peer.bulk.open(network, *peer.line(network).endpoint,
                 {options_.identity, net::link_name("node", peer.node)},
                 greeting_to(peer, LineKind::bulk, ++peer.bulk_number));
}

void TcpLinks::bulk_line_ended(Peer& peer, BulkLine::End end) {
  peer.no_bulk_before_ms[place_of(end.network)] = net::Loop::now_ms() + options_.bulk.again_ms;
  const std::optional<Network> next = choose_bulk_network(peer);
  log(fmt::format("node {}: our line for snapshots{} {}: {}. They go over {}", peer.node,
                  peer.over(peer.line(end.network)), end.was_taken ? "ended" : "is not taken",
                  end.reason, next ? "the other network" : "the link"));
  if (next) open_bulk_line(peer, *next);
  if (end.frames.empty()) return;
  if (next) {
    static_cast<void>(peer.bulk.send(end.frames));
  } else if (Line* const used = peer.used()) {
    // What does not fit is lost with the line and costs the link nothing.
    const std::shared_ptr<net::Connection> connection = used->connection;
    if (connection->send(end.frames)) connection->flush();
  }
}

void TcpLinks::keep_bulk_apart(Peer& peer) {
  if (!peer.bulk.is_open()) return;
  // What was on its way is sent again over the next one.
  const std::optional<Network> better = choose_bulk_network(peer);
  if (better && *better != peer.bulk.network()) peer.bulk.close();
}

std::string TcpLinks::bulk_refusal(const PeerGreeting& greeting, const Peer* peer) const {
  // So nothing comes from a life of its process that is over.
  if (peer == nullptr || !peer->is_up || greeting.incarnation != peer->incarnation) {
    return fmt::format("node {} has a line for snapshots and no link", greeting.from);
  }
  if (greeting.number <= peer->bulk_accepted) {
    return fmt::format("node {} has a newer line for snapshots than this one", greeting.from);
  }
  return {};
}

void TcpLinks::take_bulk_line(const std::shared_ptr<Arrival>& arrival,
                              const PeerGreeting& greeting) {
  Peer& peer = peer_of(greeting.from);
  if (peer.bulk_arrival) peer.bulk_arrival->close();
  peer.bulk_arrival = arrival;
  peer.bulk_accepted = greeting.number;
  arrival->peer = &peer;
  arrival->is_bulk = true;
  PeerGreeting answer = greeting;
  std::swap(answer.from, answer.to);
  base::ByteWriter bytes;
  encode(answer, bytes);
  if (const auto connection = arrival->connection.lock()) {
    static_cast<void>(connection->send(bytes.view()));
    connection->flush();
  }
}

void TcpLinks::forget_bulk_lines(Peer& peer) {
  peer.bulk.close();
  peer.no_bulk_before_ms = {};
  if (peer.bulk_arrival) peer.bulk_arrival->close();
  peer.bulk_arrival.reset();
}

}  // namespace okiagari::journal

#include "tests/simulation/simulated_network.h"

#include <algorithm>

namespace okiagari::simulation {
namespace {

constexpr TimeUs kReconnectUs = 20'000;
// What the real links wait for an acknowledgement, with the time between two looks.
constexpr TimeUs kSilentUs = 60'000;
constexpr TimeUs kLookUs = 10'000;

// Replicas connect to each other, gateways to replicas.
bool connects(Endpoint initiator, Endpoint acceptor) {
  return initiator != acceptor && is_node(acceptor);
}

}  // namespace

TimeUs SimulatedNetwork::draw_delay(Endpoint from, Endpoint to) {
  const TimeUs extra = extra_us_[from][to];
  return 60 + random_.below(120) + (extra == 0 ? 0 : random_.below(extra));
}

void SimulatedNetwork::plan_connect(Endpoint initiator, Endpoint acceptor, TimeUs after_us) {
  agenda_.add({.at_us = agenda_.now_us() + after_us,
               .what = What::connect,
               .from = initiator,
               .to = acceptor});
}

void SimulatedNetwork::start(Endpoint endpoint) {
  running_[endpoint] = true;
  born_[endpoint] = last_number_;
  // What was sent to it while it was down opened lines that nobody reads.
  end_bulk(endpoint);
  for (Endpoint peer = 0; peer < kEndpoints; ++peer) {
    if (connects(endpoint, peer)) plan_connect(endpoint, peer, random_.below(3'000));
    if (!vanished_[endpoint]) continue;
    // The host is back and knows nothing of the old connections.
    if (connects(endpoint, peer)) tell_end(endpoint, peer, true);
    if (connects(peer, endpoint)) tell_end(peer, endpoint, false);
  }
  vanished_[endpoint] = false;
}

void SimulatedNetwork::stop(Endpoint endpoint, bool silent) {
  running_[endpoint] = false;
  vanished_[endpoint] = silent;
  end_bulk(endpoint);
  for (Endpoint peer = 0; peer < kEndpoints; ++peer) {
    if (connects(endpoint, peer)) {
      Connection& mine = between(endpoint, peer);
      mine.lines = {};
      mine.initiator_has = false;
      for (const Happening& repeat : mine.repeats) agenda_.release(repeat.buffer);
      mine.repeats.clear();
      if (silent) drop_held(mine);
      if (!silent) tell_end(endpoint, peer, true);
    }
    if (connects(peer, endpoint)) {
      between(peer, endpoint).acceptor_has = false;
      between(peer, endpoint).lines = {};
      if (!silent) tell_end(peer, endpoint, false);
    }
  }
}

void SimulatedNetwork::tell_end(Endpoint initiator, Endpoint acceptor, bool to_acceptor) {
  Connection& connection = between(initiator, acceptor);
  const bool has = to_acceptor ? connection.acceptor_has : connection.initiator_has;
  if (!has) return;
  Happening end{.what = What::link_ended,
                .from = to_acceptor ? initiator : acceptor,
                .to = to_acceptor ? acceptor : initiator,
                .link = connection.number,
                .second = to_acceptor ? 0U : 1U};
  dispatch(connection, to_acceptor ? 0 : 1, agenda_.now_us(), end);
}

void SimulatedNetwork::dispatch(Connection& connection, std::size_t direction, TimeUs at_us,
                                Happening message) {
  const bool is_cut = is_on_cut_network(connection, message);
  const bool waits =
      is_cut || is_blocked(message.from, message.to) || (connection.stalled && direction == 0);
  if (is_cut && direction == 0 && !connection.is_silence_due) {
    connection.is_silence_due = true;
    agenda_.add({.at_us = agenda_.now_us() + kSilentUs + random_.below(kLookUs),
                 .what = What::line_silent,
                 .from = message.from,
                 .to = message.to,
                 .link = connection.number});
  }
  if (waits) {
    connection.held[direction].push_back(message);
    return;
  }
  TimeUs& last = connection.last_arrival_us[direction];
  last = std::max(last, at_us + draw_delay(message.from, message.to));
  message.at_us = last;
  agenda_.add(message);
}

bool SimulatedNetwork::send(Endpoint from, Endpoint to, TimeUs at_us, Happening message) {
  const Endpoint initiator = initiator_of(from, to);
  Connection& connection = between(initiator, initiator == from ? to : from);
  const std::size_t direction = initiator == from ? 0 : 1;
  const bool has = direction == 0 ? connection.initiator_has : connection.acceptor_has;
  if (!has || connection.held[direction].size() >= kHeldMax) {
    agenda_.release(message.buffer);
    return false;
  }
  message.from = from;
  message.to = to;
  message.link = connection.number;
  dispatch(connection, direction, at_us, message);
  return true;
}

bool SimulatedNetwork::send_bulk(Endpoint from, Endpoint to, TimeUs at_us, Happening message) {
  if (!between(from, to).initiator_has || bulk_.uses_link(from, to)) {
    message.what = What::frame;
    return send(from, to, at_us, message);
  }
  const bool waits =
      is_blocked(from, to) || (is_down(journal::Network::a) && is_down(journal::Network::b));
  message.from = from;
  message.to = to;
  bulk_.send(message, at_us, extra_us_[from][to], waits, last_number_);
  return true;
}

void SimulatedNetwork::try_to_connect(Endpoint initiator, Endpoint acceptor) {
  Connection& connection = between(initiator, acceptor);
  if (!running_[initiator] || connection.initiator_has) return;
  const bool reaches =
      running_[acceptor] && !is_blocked(initiator, acceptor) && !is_blocked(acceptor, initiator);
  const bool has_way = reaches && (!is_node(initiator) || choose_network(connection));
  if (!has_way) {
    plan_connect(initiator, acceptor, kReconnectUs + random_.below(5'000));
    return;
  }
  connection.number = ++last_number_;
  connection.initiator_has = true;
  connection.acceptor_has = true;
  connection.stalled = false;
  drop_held(connection);
  // A connection of its own: nothing makes it wait for the bytes of the one before.
  connection.last_arrival_us = {};
  Happening opened{.what = What::link_opened, .link = connection.number};
  opened.from = initiator;
  opened.to = acceptor;
  dispatch(connection, 0, agenda_.now_us(), opened);
  opened.from = acceptor;
  opened.to = initiator;
  opened.second = 1;
  dispatch(connection, 1, agenda_.now_us(), opened);
  for (Happening& repeat : connection.repeats) {
    repeat.link = connection.number;
    dispatch(connection, 0, agenda_.now_us(), repeat);
  }
  connection.repeats.clear();
}

bool SimulatedNetwork::is_delivered(const Happening& message) {
  if (!running_[message.to] || message.link <= born_[message.to]) return false;
  if (message.what == What::chunk) return bulk_.is_delivered(message);
  const bool to_acceptor = is_to_acceptor(message);
  const Endpoint initiator = to_acceptor ? message.from : message.to;
  Connection& connection = between(initiator, to_acceptor ? message.to : message.from);
  if (to_acceptor && message.what == What::link_opened) {
    // What waited in a connection that was given up comes late, its beginning too.
    if (message.link < connection.accepted) return false;
    connection.accepted = message.link;
  }
  // Nothing comes over a connection after its end.
  const bool is_newest = to_acceptor
                             ? message.link == connection.accepted
                             : message.link == connection.number && connection.initiator_has;
  if (message.what == What::frame && message.link < connection.accepted) {
    if (!keeps_old_links_) tally_.count(Branch::stale_link_dropped);
    return keeps_old_links_;
  }
  if (message.what == What::link_ended && is_newest) {
    bool& has = to_acceptor ? connection.acceptor_has : connection.initiator_has;
    if (connection.number == message.link) has = false;
    if (to_acceptor) connection.accepted = 0;
    if (!to_acceptor) plan_connect(initiator, message.from, kReconnectUs);
  }
  return is_newest;
}

void SimulatedNetwork::flush(Connection& connection, std::size_t direction, TimeUs late_us) {
  std::vector<Happening> held;
  std::swap(held, connection.held[direction]);
  for (const Happening& message : held) {
    dispatch(connection, direction, agenda_.now_us() + late_us, message);
  }
}

// What waited on a connection that is given up comes piece by piece, in order, among the frames of
// the next one.
void SimulatedNetwork::arrive_late(Connection& connection) {
  std::vector<Happening> held;
  std::swap(held, connection.held[0]);
  TimeUs late_us = random_.below(60'000);
  for (const Happening& message : held) {
    dispatch(connection, 0, agenda_.now_us() + late_us, message);
    late_us += random_.below(4'000);
  }
}

void SimulatedNetwork::drop_held(Connection& connection) {
  for (std::vector<Happening>& held : connection.held) {
    for (const Happening& message : held) agenda_.release(message.buffer);
    held.clear();
  }
}

bool SimulatedNetwork::choose_network(Connection& connection) {
  const std::uint64_t now_ms = agenda_.now_us() / 1'000;
  journal::LineChoice& lines = connection.lines;
  if (lines.used()) lines.lost(*lines.used(), now_ms);
  // The spare line is open already, and whether its network is cut is not known.
  auto chosen = lines.choose(now_ms);
  for (const journal::Network network : journal::kNetworks) {
    if (!is_down(network)) lines.opened(network);
  }
  if (!chosen) chosen = lines.choose(now_ms);
  if (!chosen) return false;
  connection.network = *chosen;
  connection.is_silence_due = false;
  return true;
}

void SimulatedNetwork::line_is_silent(const Happening& happening) {
  Connection& connection = between(happening.from, happening.to);
  if (connection.number != happening.link || !connection.is_silence_due) return;
  connection.is_silence_due = false;
  const bool is_gone_over_from = running_[happening.from] && connection.initiator_has &&
                                 is_down(connection.network) &&
                                 connection.lines.is_open(journal::other_than(connection.network));
  if (!is_gone_over_from) return;
  tally_.count(Branch::network_changed);
  // Its end is not told: nothing that could tell it arrives. The next one takes its place.
  connection.initiator_has = false;
  drop_held(connection);
  plan_connect(happening.from, happening.to, random_.below(1'000));
}

void SimulatedNetwork::cut_network(journal::Network network) {
  ++networks_down_[journal::place_of(network)];
}

void SimulatedNetwork::mend_network(journal::Network network) {
  if (--networks_down_[journal::place_of(network)] > 0) return;
  for (Endpoint from = 0; from < kNodes; ++from) {
    for (Endpoint to = 0; to < kNodes; ++to) {
      Connection& connection = between(from, to);
      if (from == to || !connection.initiator_has) continue;
      connection.lines.opened(network);
      if (connection.network != network) continue;
      connection.is_silence_due = false;
      const TimeUs late_us = random_.below(30'000);
      flush(connection, 0, late_us);
      flush(connection, 1, late_us);
    }
  }
  flush_bulk();
}

void SimulatedNetwork::end_bulk(Endpoint endpoint) {
  for (Endpoint peer = 0; is_node(endpoint) && peer < kNodes; ++peer) {
    bulk_.end(endpoint, peer);
    bulk_.end(peer, endpoint);
  }
}

void SimulatedNetwork::flush_bulk() {
  for (Endpoint from = 0; from < kNodes; ++from) {
    for (Endpoint to = 0; to < kNodes; ++to) {
      if (!is_blocked(from, to)) bulk_.flush(from, to);
    }
  }
}

void SimulatedNetwork::block(Endpoint from, Endpoint to) { ++blocked_[from][to]; }

void SimulatedNetwork::unblock(Endpoint from, Endpoint to) {
  if (blocked_[from][to] == 0 || --blocked_[from][to] > 0) return;
  // What waited goes out with the next try to send it again.
  const TimeUs late_us = random_.below(30'000);
  if (connects(from, to)) flush(between(from, to), 0, late_us);
  if (connects(to, from)) flush(between(to, from), 1, late_us);
  flush_bulk();
}

void SimulatedNetwork::stall(Endpoint from, Endpoint to) {
  Connection& connection = between(from, to);
  if (connection.initiator_has) connection.stalled = true;
}

void SimulatedNetwork::reset(Endpoint from, Endpoint to, bool repeat) {
  Connection& connection = between(from, to);
  connection.stalled = false;
  if (!connection.initiator_has) {
    flush(connection, 0, 0);
    return;
  }
  if (repeat) {
    for (const Happening& message : connection.held[0]) {
      if (message.what != What::frame) continue;
      Happening copy = message;
      const base::Bytes bytes = agenda_.bytes(message.buffer);
      copy.buffer = agenda_.keep({bytes.data(), bytes.size()});
      connection.repeats.push_back(copy);
    }
  }
  arrive_late(connection);
  tell_end(from, to, true);
  connection.initiator_has = false;
  plan_connect(from, to, random_.below(random_.chance(500) ? 1'000 : kReconnectUs));
}

void SimulatedNetwork::cut(Endpoint initiator, Endpoint acceptor) {
  Connection& connection = between(initiator, acceptor);
  drop_held(connection);
  tell_end(initiator, acceptor, true);
  tell_end(initiator, acceptor, false);
}

}  // namespace okiagari::simulation

// Connections between everybody, as TCP makes them: what is sent arrives in order and once, or not
// at all together with all that follows. What can go wrong: blocked directions (what is sent waits,
// as in a send buffer), delay, ends that one side learns before the other, hosts that vanish
// without a word, and an old connection whose bytes are still on their way when the next one is
// open already.
//
// Replicas have two networks between them, A and B, and choose by the rule of the real links
// (journal/line_choice.h). A network that is cut keeps what is sent over it, as a send buffer does;
// a sender that hears of nothing for a while goes over to the other one, and what was on its way is
// lost.
//
// Beside it replicas have a line for pieces of snapshots (bulk_lanes.h). It is over the network
// that the link does not use, if that is not cut.
//
// Replicas use one connection per direction, from the one that sends. Gateways connect to replicas
// and use theirs both ways. Connections are numbered; the receiver knows an old one by its number
// (work-around 6).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "journal/line_choice.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/bulk_lanes.h"
#include "tests/simulation/random.h"
#include "tests/simulation/tally.h"

namespace okiagari::simulation {

class SimulatedNetwork {
 public:
  SimulatedNetwork(Agenda& agenda, Tally& tally, std::uint64_t seed, bool keeps_old_links)
      : agenda_(agenda),
        tally_(tally),
        random_(seed, 2),
        bulk_(agenda, tally, seed),
        keeps_old_links_(keeps_old_links) {}

  // A process starts; it connects to whom it should, and others find it again.
  void start(Endpoint endpoint);
  // A process ends. With `silent` nobody hears of it before its host is back.
  void stop(Endpoint endpoint, bool silent);

  // Over the connection between the two that is theirs, at `at_us`. False when there is none or its
  // buffers are full; the message is gone then. `what`, buffer and numbers of `message` are sent.
  bool send(Endpoint from, Endpoint to, TimeUs at_us, Happening message);

  // A piece of a snapshot, between replicas: over their line for these, or over the link.
  bool send_bulk(Endpoint from, Endpoint to, TimeUs at_us, Happening message);
  [[nodiscard]] bool is_bulk_on_its_way(Endpoint from, Endpoint to) const {
    return bulk_.is_on_its_way(from, to);
  }

  // The agenda's `connect`.
  void try_to_connect(Endpoint initiator, Endpoint acceptor);
  // Whether what has come over a connection is for its receiver to have.
  [[nodiscard]] bool is_delivered(const Happening& message);
  // Whether its receiver is the side that did not open the connection.
  [[nodiscard]] static bool is_to_acceptor(const Happening& message) {
    const bool is_about_link =
        message.what == What::link_opened || message.what == What::link_ended;
    return is_about_link ? message.second == 0
                         : initiator_of(message.from, message.to) == message.from;
  }

  void block(Endpoint from, Endpoint to);
  void unblock(Endpoint from, Endpoint to);
  [[nodiscard]] bool is_blocked(Endpoint from, Endpoint to) const { return blocked_[from][to] > 0; }
  void delay(Endpoint from, Endpoint to, TimeUs extra_us) { extra_us_[from][to] = extra_us; }

  void cut_network(journal::Network network);
  void mend_network(journal::Network network);
  // The agenda's `line_silent`.
  void line_is_silent(const Happening& happening);

  // From now on the connection's frames wait.
  void stall(Endpoint from, Endpoint to);
  // Its sender takes it for broken and opens the next one; what waited arrives late. With `repeat`
  // the sender sends that again, too.
  void reset(Endpoint from, Endpoint to, bool repeat);
  // Both ends lose the connection and everything on it.
  void cut(Endpoint initiator, Endpoint acceptor);

 private:
  static constexpr std::size_t kHeldMax = 256;

  struct Connection {
    std::uint64_t number = 0;    // of the newest
    std::uint64_t accepted = 0;  // of the newest that the acceptor knows of
    bool initiator_has = false;
    bool acceptor_has = false;
    bool stalled = false;
    // Between replicas: the networks over which it could be, and the one over which it is.
    journal::LineChoice lines;
    journal::Network network = journal::Network::a;
    bool is_silence_due = false;
    std::array<TimeUs, 2> last_arrival_us{};  // there, back
    std::array<std::vector<Happening>, 2> held;
    std::vector<Happening> repeats;  // to be sent again over the next one
  };

  [[nodiscard]] Connection& between(Endpoint initiator, Endpoint acceptor) {
    return connections_[initiator][acceptor];
  }
  // Who opened the connection over which `from` sends to `to`.
  [[nodiscard]] static Endpoint initiator_of(Endpoint from, Endpoint to) {
    return is_node(from) && !is_node(to) ? to : from;
  }
  [[nodiscard]] TimeUs draw_delay(Endpoint from, Endpoint to);
  void dispatch(Connection& connection, std::size_t direction, TimeUs at_us, Happening message);
  void tell_end(Endpoint initiator, Endpoint acceptor, bool to_acceptor);
  void flush(Connection& connection, std::size_t direction, TimeUs late_us);
  void arrive_late(Connection& connection);
  void drop_held(Connection& connection);
  void end_bulk(Endpoint endpoint);
  void flush_bulk();
  [[nodiscard]] bool is_down(journal::Network network) const {
    return networks_down_[journal::place_of(network)] > 0;
  }
  [[nodiscard]] bool is_on_cut_network(const Connection& connection,
                                       const Happening& message) const {
    return is_node(message.from) && is_node(message.to) && is_down(connection.network);
  }
  // False: it has no network to be over.
  bool choose_network(Connection& connection);
  void plan_connect(Endpoint initiator, Endpoint acceptor, TimeUs after_us);

  Agenda& agenda_;
  Tally& tally_;
  Random random_;
  BulkLanes bulk_;
  bool keeps_old_links_;
  std::uint64_t last_number_ = 0;
  std::array<std::uint32_t, 2> networks_down_{};
  std::array<bool, kEndpoints> running_{};
  std::array<bool, kEndpoints> vanished_{};
  std::array<std::uint64_t, kEndpoints>
      born_{};  // connections up to this one are of an earlier life
  std::array<std::array<Connection, kEndpoints>, kEndpoints> connections_;
  std::array<std::array<std::uint32_t, kEndpoints>, kEndpoints> blocked_{};
  std::array<std::array<TimeUs, kEndpoints>, kEndpoints> extra_us_{};
};

}  // namespace okiagari::simulation

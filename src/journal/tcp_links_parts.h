// What TcpLinks keeps of each peer and of each connection; for its own sources.
#pragma once

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "journal/bulk_line.h"
#include "journal/line_choice.h"
#include "journal/line_silence.h"
#include "journal/tcp_links.h"

namespace okiagari::journal {

// What we open to a peer over one of the networks; only sends.
struct TcpLinks::Line {
  Line(net::Loop& loop, Network the_network, std::uint32_t silent_ms)
      : network(the_network), retry(loop.context()), silence(silent_ms) {}

  Network network;
  std::optional<net::Endpoint> endpoint;
  std::shared_ptr<net::Connection> connection;
  std::shared_ptr<boost::asio::ip::tcp::socket> connecting;
  int socket = -1;  // of the connection, while that is open
  bool was_reported_away = false;
  boost::asio::steady_timer retry;
  LineSilence silence;
};

struct TcpLinks::Peer {
  Peer(net::Loop& loop, NodeId the_node, const TcpLinksOptions& options,
       std::function<void(Peer&, BulkLine::End)> on_bulk_end)
      : node(the_node),
        lines{Line(loop, Network::a, options.silent_ms), Line(loop, Network::b, options.silent_ms)},
        one_way(loop.context()),
        bulk(loop, options.bulk, [this, handler = std::move(on_bulk_end)](BulkLine::End end) {
          handler(*this, std::move(end));
        }) {}

  [[nodiscard]] Line& line(Network network) { return lines[place_of(network)]; }
  // What frames to it go over.
  [[nodiscard]] Line* used() { return choice.used() ? &line(*choice.used()) : nullptr; }
  [[nodiscard]] bool has_two_networks() const { return lines[0].endpoint && lines[1].endpoint; }
  // For a line of the log; nothing where there is no choice.
  [[nodiscard]] std::string over(const Line& one) const {
    return has_two_networks() ? fmt::format(" over network {}", name_of(one.network))
                              : std::string();
  }

  NodeId node;
  bool is_retired = false;
  // Without an address each: it has come by itself, from somewhere.
  std::array<Line, 2> lines;
  LineChoice choice;
  std::uint64_t number = 0;  // of the last connection that was greeted over
  std::optional<Network> told_network;
  std::uint64_t network_changes = 0;
  // What it opened.
  std::shared_ptr<Arrival> arrival;
  std::uint64_t incarnation = 0;  // of the last one accepted
  std::uint64_t accepted = 0;     // its number
  std::optional<Network> arrives_over;
  bool is_up = false;  // as the owner was told
  boost::asio::steady_timer one_way;
  // Pieces of snapshots: what we opened, and what it opened.
  BulkLine bulk;
  std::uint64_t bulk_number = 0;  // of the last one opened
  std::array<std::uint64_t, 2> no_bulk_before_ms{};
  std::shared_ptr<Arrival> bulk_arrival;
  std::uint64_t bulk_accepted = 0;  // number of the last one, in its incarnation
};

// A connection that came in. It keeps itself alive while it is open, and its handlers keep this.
struct TcpLinks::Arrival {
  std::weak_ptr<net::Connection> connection;
  Network network = Network::a;
  Peer* peer = nullptr;  // once it has said who it is
  bool is_bulk = false;

  void close() const {
    if (const auto open = connection.lock()) open->close();
  }
  [[nodiscard]] bool is_open() const {
    const auto open = connection.lock();
    return open != nullptr && open->is_open();
  }
};

struct TcpLinks::Door {
  Door(net::Loop& loop, net::Endpoint the_place)
      : place(std::move(the_place)), again(loop.context()) {}

  net::Endpoint place;
  boost::asio::steady_timer again;
  std::unique_ptr<net::Listener> listener;
};

}  // namespace okiagari::journal

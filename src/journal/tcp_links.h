// The links between replicas over TCP. Each node connects to each other one; a connection carries
// frames only from the one that opened it, so what comes from a peer comes over exactly one
// connection. They are numbered: a newer one takes the place of the older, and what of the older
// was not read is dropped (docs/replication.md, work-around 6). A node of the cluster that is not
// known yet is listened to, and connected to once somebody has said where it is.
//
// A peer's process is taken for dead when all connections with it have ended, which the death of a
// process does at once. When only the one that comes in ended, it has a moment to come back.
//
// Where servers reach each other by two networks, a connection is kept open over both. One is used;
// the other one has not said yet whose it is, and says so, with the next number, when it takes the
// place of the first: because that was lost or fell silent (journal/line_choice.h has the rule).
// What was on its way is lost then as with any other link, and nobody is taken for dead.
//
// Pieces of snapshots have a connection of their own beside the link (journal/bulk_line.h), over
// the network that the link does not use where there are two. Where the peer takes none they go
// over the link.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "journal/bulk_line.h"
#include "journal/identity.h"
#include "journal/line_choice.h"
#include "journal/peer_greeting.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::journal {

// Where a server listens for the others: on network A, and on network B where there is one.
struct PeerPlace {
  net::Endpoint a;
  std::optional<net::Endpoint> b;
};

struct TcpLinksOptions {
  ClusterId cluster = 0;
  NodeId node = 0;
  PeerPlace listen;
  std::uint64_t incarnation = 0;  // another one for each life of the process
  std::map<NodeId, PeerPlace> peers;
  // Null: without TLS. Else each node's certificate must be of its name, node-1 for example.
  std::shared_ptr<net::LinkIdentity> identity;
  // A peer that does not take this much loses its link.
  std::size_t queued_bytes_max = 64U << 20;
  std::uint32_t reconnect_ms = 20;
  std::uint32_t connect_timeout_ms = 500;
  // What was sent and is not acknowledged for so long is on its way to nobody.
  std::uint32_t unacknowledged_ms = 2000;
  // A peer that keeps our connection but not its own has so long to come back.
  std::uint32_t one_way_ms = 1000;
  // With two networks: a line that acknowledges nothing of what was sent for so long is left for
  // the other one. A kernel may put an acknowledgement off for 40 ms; and with a heartbeat on top
  // of it, this is well before anybody suspects the leader (timeouts.h).
  std::uint32_t silent_ms = 60;
  std::uint32_t look_ms = 5;
  // An address that cannot be listened on, because its network is down, is tried again.
  std::uint32_t listen_again_ms = 1000;
  BulkLineOptions bulk;
};

struct LinkEvents {
  std::function<void(NodeId, base::Bytes)> frame;
  std::function<void(NodeId)> link_up;
  std::function<void(NodeId)> link_lost;
  std::function<void(const std::string&)> log;  // a line for a person
  // What is sent to it goes over that network now, and went over the other one before.
  std::function<void(NodeId, Network)> network = {};
};

class TcpLinks final : public Links {
 public:
  static base::Result<std::unique_ptr<TcpLinks>> open(net::Loop& loop, TcpLinksOptions options,
                                                      LinkEvents events);
  ~TcpLinks() override;
  TcpLinks(const TcpLinks&) = delete;
  TcpLinks& operator=(const TcpLinks&) = delete;

  bool send(NodeId to, base::Bytes frame) override;
  bool send_bulk(NodeId to, base::Bytes frame) override;
  [[nodiscard]] bool is_bulk_on_its_way(NodeId to) const override;
  void flush() override;

  // Where that peer is from now on. The connection that was opened to another place ends.
  void set_peer(NodeId peer, const PeerPlace& place);
  // It is no peer any more: what is open stays for a last word, and nothing new is opened to it
  // unless it comes itself.
  void retire(NodeId peer);

  [[nodiscard]] bool is_connected_to(NodeId peer) const;
  [[nodiscard]] PeerNetworks networks_of(NodeId peer) const;
  // Of the line for snapshots to that peer, while it is open.
  [[nodiscard]] std::optional<Network> bulk_network_of(NodeId peer) const;

 private:
  struct Line;
  struct Peer;
  struct Arrival;

  TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events);

  base::Status listen(Network network);
  void listen_later(Network network);

  void connect(Peer& peer);
  void connect(Peer& peer, Line& line);
  void connected(Peer& peer, Line& line, std::shared_ptr<net::Connection> connection);
  void connect_later(Peer& peer, Line& line);
  void set_place(Peer& peer, Line& line, const std::optional<net::Endpoint>& endpoint);
  void line_ended(Peer& peer, Line& line, const std::string& reason);
  // Takes the line that is to be used into use.
  void choose_line(Peer& peer);
  void go_over(Peer& peer, Line* before, Network network);
  void greet(Peer& peer, Line& line);
  [[nodiscard]] PeerGreeting greeting_to(const Peer& peer, LineKind kind,
                                         std::uint64_t number) const;
  // Looks every few milliseconds whether lines have fallen silent; not where there is one network.
  void look();
  void look_at(Peer& peer);

  void accept(const std::shared_ptr<net::Connection>& connection, Network network);
  std::size_t take(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  std::size_t take_greeting(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  // Why a greeting is not accepted; empty when it is.
  [[nodiscard]] std::string refusal(const Arrival& arrival,
                                    const std::optional<PeerGreeting>& greeting) const;
  Peer& peer_of(NodeId node);
  std::size_t take_frames(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  void take_place(const std::shared_ptr<Arrival>& arrival, Peer& peer);
  void refuse(const std::shared_ptr<Arrival>& arrival, const std::string& reason);
  void arrival_ended(const std::shared_ptr<Arrival>& arrival, const std::string& reason);
  void lost(Peer& peer);
  void log(const std::string& line) const;

  // Lines for snapshots: tcp_links_bulk.cc.
  // The network over which one may be opened; none: they go over the link.
  [[nodiscard]] std::optional<Network> choose_bulk_network(Peer& peer) const;
  void open_bulk_line(Peer& peer, Network network);
  void bulk_line_ended(Peer& peer, BulkLine::End end);
  // Where there are two networks, off the one that the link is over now.
  void keep_bulk_apart(Peer& peer);
  [[nodiscard]] std::string bulk_refusal(const PeerGreeting& greeting, const Peer* peer) const;
  void take_bulk_line(const std::shared_ptr<Arrival>& arrival, const PeerGreeting& greeting);
  // The peer is taken for dead, or lives another life.
  void forget_bulk_lines(Peer& peer);

  net::Loop& loop_;
  TcpLinksOptions options_;
  LinkEvents events_;
  std::shared_ptr<bool> alive_;  // false for callbacks that come after the end of this
  std::map<NodeId, std::unique_ptr<Peer>> peers_;
  std::deque<std::weak_ptr<Arrival>> strangers_;
  struct Door;
  std::array<std::unique_ptr<Door>, 2> doors_;  // one for each network that it listens on
  boost::asio::steady_timer look_timer_;
  bool is_looking_ = false;
  std::string last_refusal_;
  std::uint64_t last_refusal_ms_ = 0;
};

}  // namespace okiagari::journal

// The links between replicas over TCP. Each node connects to each other one; a connection carries
// frames only from the one that opened it, so what comes from a peer comes over exactly one
// connection. They are numbered: a newer one takes the place of the older, and what of the older
// was not read is dropped (docs/replication.md, work-around 6).
//
// A peer's process is taken for dead when both connections with it have ended, which the death of a
// process does at once. When only the one that comes in ended, it has a moment to come back.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "journal/identity.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::journal {

struct TcpLinksOptions {
  ClusterId cluster = 0;
  NodeId node = 0;
  net::Endpoint listen;
  std::uint64_t incarnation = 0;  // another one for each life of the process
  std::map<NodeId, net::Endpoint> peers;
  // A peer that does not take this much loses its link.
  std::size_t queued_bytes_max = 64U << 20;
  std::uint32_t reconnect_ms = 20;
  std::uint32_t connect_timeout_ms = 500;
  // What was sent and is not acknowledged for so long is on its way to nobody.
  std::uint32_t unacknowledged_ms = 2000;
  // A peer that keeps our connection but not its own has so long to come back.
  std::uint32_t one_way_ms = 1000;
};

struct LinkEvents {
  std::function<void(NodeId, base::Bytes)> frame;
  std::function<void(NodeId)> link_up;
  std::function<void(NodeId)> link_lost;
  std::function<void(const std::string&)> log;  // a line for a person
};

class TcpLinks final : public Links {
 public:
  static base::Result<std::unique_ptr<TcpLinks>> open(net::Loop& loop, TcpLinksOptions options,
                                                      LinkEvents events);
  ~TcpLinks() override;
  TcpLinks(const TcpLinks&) = delete;
  TcpLinks& operator=(const TcpLinks&) = delete;

  bool send(NodeId to, base::Bytes frame) override;
  void flush() override;

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] bool is_connected_to(NodeId peer) const;

 private:
  struct Peer;
  struct Arrival;

  TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events);

  void connect(Peer& peer);
  void connected(Peer& peer, std::shared_ptr<net::Connection> connection);
  void connect_later(Peer& peer);
  void outgoing_ended(Peer& peer, const std::string& reason);

  void accept(const std::shared_ptr<net::Connection>& connection);
  std::size_t take(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  std::size_t take_greeting(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  // Why a greeting is not accepted; empty when it is.
  [[nodiscard]] std::string refusal(base::Bytes greeting) const;
  std::size_t take_frames(const std::shared_ptr<Arrival>& arrival, base::Bytes bytes);
  void take_place(const std::shared_ptr<Arrival>& arrival, Peer& peer);
  void refuse(const std::shared_ptr<Arrival>& arrival, const std::string& reason);
  void arrival_ended(const std::shared_ptr<Arrival>& arrival, const std::string& reason);
  void lost(Peer& peer);
  void log(const std::string& line) const;

  net::Loop& loop_;
  TcpLinksOptions options_;
  LinkEvents events_;
  std::shared_ptr<bool> alive_;  // false for callbacks that come after the end of this
  std::map<NodeId, std::unique_ptr<Peer>> peers_;
  std::deque<std::weak_ptr<Arrival>> strangers_;
  std::unique_ptr<net::Listener> listener_;
  std::string last_refusal_;
  std::uint64_t last_refusal_ms_ = 0;
};

}  // namespace okiagari::journal

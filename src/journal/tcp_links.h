// The links to the peers over TCP. Each node connects to every peer, and what it connected only
// sends; what it accepted only receives. So a peer's death shows at once as the end of the accepted
// connection.
//
// Of each peer at most one accepted connection lives. A newer one replaces the older, and what was
// not yet read of the older is dropped: frames of two connections must not mix (the consensus core
// cannot bear reordering, docs/replication.md, work-around 6). The handshake carries the peer's
// incarnation, drawn at its start, and the number of the connection within it, so that a late old
// one is told from a new one.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "journal/identity.h"
#include "journal/replica.h"
#include "net/tcp.h"

namespace okiagari::journal {

struct TcpLinksOptions {
  ClusterId cluster = 0;
  NodeId node = 0;
  net::Endpoint listen;
  std::map<NodeId, net::Endpoint> peers;  // without this node
  std::uint64_t incarnation = 0;          // drawn at the start of the process
  std::uint32_t reconnect_after_ms = 20;
  std::size_t queued_bytes_max = 64U << 20;  // to one peer; beyond it the link is dropped
};

// Called from the loop, one at a time. link_lost() comes for the peer's death, not for a connection
// that the same incarnation of the peer replaced.
struct LinkEvents {
  std::function<void(NodeId from, base::Bytes frame)> frame;
  std::function<void(NodeId peer)> link_up;
  std::function<void(NodeId peer)> link_lost;
  std::function<void(const std::string& line)> log;
};

class TcpLinks final : public Links {
 public:
  static base::Result<std::unique_ptr<TcpLinks>> open(net::Loop& loop, TcpLinksOptions options,
                                                      LinkEvents events);
  ~TcpLinks() override;
  TcpLinks(const TcpLinks&) = delete;
  TcpLinks& operator=(const TcpLinks&) = delete;

  // Hands the frame to the kernel at once.
  bool send(NodeId to, base::Bytes frame) override;

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  // Whether what that peer sends can arrive.
  [[nodiscard]] bool hears(NodeId peer) const;

 private:
  struct Outgoing {
    net::Endpoint endpoint;
    std::shared_ptr<net::Connection> connection;  // null while there is none
    std::unique_ptr<boost::asio::steady_timer> retry;
    std::uint64_t connections = 0;
    bool told_unreachable = false;
  };
  struct Incoming {
    std::shared_ptr<net::Connection> connection;
    std::uint64_t incarnation = 0;
    std::uint64_t number = 0;
  };
  struct Accepted;

  TcpLinks(net::Loop& loop, TcpLinksOptions options, LinkEvents events);
  void connect_to(NodeId peer);
  void connected(NodeId peer, std::shared_ptr<net::Connection> connection);
  void retry_later(NodeId peer);
  void accept(std::shared_ptr<net::Connection> connection);
  std::size_t take_handshake(const std::shared_ptr<Accepted>& accepted, base::Bytes bytes);
  bool replace_incoming(const Accepted& accepted, std::uint64_t incarnation, std::uint64_t number);
  std::size_t take_frames(Accepted& accepted, base::Bytes bytes);
  void incoming_ended(const Accepted& accepted, const std::string& reason);

  net::Loop& loop_;
  TcpLinksOptions options_;
  LinkEvents events_;
  std::unique_ptr<net::Listener> listener_;
  std::map<NodeId, Outgoing> outgoing_;
  std::map<NodeId, Incoming> incoming_;
  // Callbacks hold it weakly: once it is gone, nobody is called any more.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace okiagari::journal

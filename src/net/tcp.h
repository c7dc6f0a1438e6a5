// TCP for a single-threaded loop: listeners, connections with a bounded outgoing queue, connecting.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/loop.h"

namespace okiagari::net {

class LinkIdentity;
class SecureStream;

struct Endpoint {
  std::string host = "127.0.0.1";  // numeric address
  std::uint16_t port = 0;
};

// "host:port", numeric host; IPv6 in brackets.
[[nodiscard]] base::Result<Endpoint> parse_endpoint(const std::string& text);
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

// With an identity, a connection is one of TLS and both ends show their certificates
// (net/link_identity.h); without, it is as it comes.
struct Security {
  std::shared_ptr<LinkIdentity> identity;
  // Whom the one that connects expects to find, as link_name() has it; empty: anyone of the market.
  std::string peer_name;
};

// One TCP connection. Held by shared_ptr because operations under way keep it alive; after close()
// or the close handler nothing more is called.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Gets all bytes not yet consumed; returns how many it consumed. The rest comes again with more
  // behind.
  using DataHandler = std::function<std::size_t(base::Bytes)>;
  // The peer ended the connection, or it broke; `reason` is for a log line. Not called for own
  // close().
  using CloseHandler = std::function<void(const std::string& reason)>;

  enum class Side : std::uint8_t { connects, accepts };

  Connection(Loop& loop, boost::asio::ip::tcp::socket socket);
  Connection(Loop& loop, boost::asio::ip::tcp::socket socket, const Security& security, Side side);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Starts reading. `max_unconsumed_bytes` bounds what one unfinished message may occupy; beyond it
  // the connection is closed.
  void start(DataHandler on_data, CloseHandler on_close,
             std::size_t max_unconsumed_bytes = 4u << 20);

  // Adds to the outgoing queue. False, and nothing added, when the queue would exceed its bound or
  // the connection is closed: the caller decides what a slow reader costs.
  bool send(base::Bytes bytes);
  // Hands the queue to the kernel as far as it takes it; the rest follows by itself.
  void flush();
  void set_max_queued_bytes(std::size_t bytes) { max_queued_bytes_ = bytes; }
  [[nodiscard]] std::size_t queued_bytes() const { return outgoing_.size() - sent_; }

  // Stops calling the data handler until resume(); the peer is slowed by TCP's own window.
  void pause();
  void resume();

  // Ends the connection; what is queued is tried once more and then dropped.
  void close();
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  // The other end has shown that it is called so. Without TLS anybody is believed: the network
  // must then be one that only the market's processes reach.
  [[nodiscard]] bool is_peer_named(const std::string& name) const;

 private:
  [[nodiscard]] ssize_t receive(void* into, std::size_t size);
  [[nodiscard]] ssize_t put(const void* from, std::size_t size);
  [[nodiscard]] std::string describe_failure() const;
  void wait_readable();
  void read_on();
  // False when it left bytes that the socket will not tell of again.
  bool read_ready();
  bool deliver();
  void wait_writable();
  void fail(const std::string& reason);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<SecureStream> secure_;  // null without TLS
  std::string peer_;
  DataHandler on_data_;
  CloseHandler on_close_;
  std::vector<std::byte> incoming_;
  std::size_t received_ = 0;  // valid bytes of incoming_
  std::size_t max_unconsumed_bytes_ = 0;
  std::vector<std::byte> outgoing_;
  std::size_t sent_ = 0;  // bytes of outgoing_ the kernel has
  std::size_t max_queued_bytes_ = 64u << 20;
  bool open_ = true;
  bool paused_ = false;
  bool reading_ = false;
  bool writing_ = false;
};

class Listener {
 public:
  using AcceptHandler = std::function<void(std::shared_ptr<Connection>)>;

  // Port 0 takes a free one; endpoint() tells which. Errors: address in use and the like, with what
  // to do.
  static base::Result<std::unique_ptr<Listener>> open(Loop& loop, const Endpoint& at,
                                                      AcceptHandler on_accept,
                                                      Security security = {});
  ~Listener();
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  Listener(Loop& loop, AcceptHandler on_accept, Security security);
  void accept_next();

  struct Shared;
  Loop& loop_;
  std::shared_ptr<Shared> shared_;
  Endpoint endpoint_;
};

// Calls back once: a connection not yet started, or null and why.
using ConnectHandler = std::function<void(std::shared_ptr<Connection>, const std::string& error)>;
void connect(Loop& loop, const Endpoint& to, ConnectHandler on_result, Security security = {});

}  // namespace okiagari::net

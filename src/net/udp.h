// UDP for a single-threaded loop: datagrams to one receiver or group, and a port that hears and
// answers. Datagrams may be lost, doubled or overtake each other; that is the business of whoever
// reads them.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::net {

// Where a datagram came from or goes to.
using UdpPeer = boost::asio::ip::udp::endpoint;
[[nodiscard]] Endpoint endpoint_of(const UdpPeer& peer);
// False when the host is no numeric address.
[[nodiscard]] bool resolve(const Endpoint& endpoint, UdpPeer& into);
[[nodiscard]] bool is_multicast(const Endpoint& endpoint);

// Sends to one address, which may be a multicast group.
class UdpSender {
 public:
  // `from` is the address of the interface that a group's datagrams leave by; empty: the system's
  // choice. A group's datagrams pass at most `hops_max` routers.
  static base::Result<std::unique_ptr<UdpSender>> open(Loop& loop, const Endpoint& to,
                                                       const std::string& from, int hops_max = 1);
  // False when the system does not take it now: it is lost, as it might be on the way.
  bool send(base::Bytes datagram);

 private:
  explicit UdpSender(boost::asio::ip::udp::socket socket) : socket_(std::move(socket)) {}

  boost::asio::ip::udp::socket socket_;
};

class UdpPort {
 public:
  // The bytes are valid during the call only.
  using DatagramHandler = std::function<void(base::Bytes, const UdpPeer& from)>;

  // Port 0 takes a free one; endpoint() tells which. At the address of a group it joins that on the
  // interface with the address `interface` (empty: the system's choice), together with whoever else
  // on this machine does.
  static base::Result<std::unique_ptr<UdpPort>> open(Loop& loop, const Endpoint& at,
                                                     const std::string& interface,
                                                     DatagramHandler on_datagram);
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  bool send(base::Bytes datagram, const UdpPeer& to);
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Shared;
  explicit UdpPort(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::shared_ptr<Shared> shared_;  // lives on in the operation under way
  Endpoint endpoint_;
};

}  // namespace okiagari::net

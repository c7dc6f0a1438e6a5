#include "net/udp.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>

namespace okiagari::net {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr std::size_t kDatagramBytesMax = 65'536;
// One flood of datagrams may not keep the loop for itself.
constexpr int kDatagramsPerTurn = 256;
// Bursts at the opening are large and readers may be late; more than the system allows is cut.
constexpr int kReceiveBufferBytes = 8 << 20;

base::Error failed(std::string_view what, const Endpoint& at,
                   const boost::system::error_code& error) {
  return base::Error{fmt::format("{} {}: {}", what, to_string(at), error.message())};
}

boost::system::error_code join(udp::socket& socket, const asio::ip::address& group,
                               const std::string& interface) {
  boost::system::error_code error;
  if (group.is_v4() && !interface.empty()) {
    const auto on = asio::ip::make_address_v4(interface, error);
    if (!error) socket.set_option(asio::ip::multicast::join_group(group.to_v4(), on), error);
  } else {
    socket.set_option(asio::ip::multicast::join_group(group), error);
  }
  return error;
}

}  // namespace

Endpoint endpoint_of(const UdpPeer& peer) { return {peer.address().to_string(), peer.port()}; }

bool resolve(const Endpoint& endpoint, UdpPeer& into) {
  boost::system::error_code error;
  into = UdpPeer(asio::ip::make_address(endpoint.host, error), endpoint.port);
  return !error;
}

bool is_multicast(const Endpoint& endpoint) {
  UdpPeer peer;
  return resolve(endpoint, peer) && peer.address().is_multicast();
}

base::Result<std::unique_ptr<UdpSender>> UdpSender::open(Loop& loop, const Endpoint& to,
                                                         const std::string& from, int hops_max) {
  UdpPeer peer;
  if (!resolve(to, peer)) return base::Error{to.host + " is not an address"};
  udp::socket socket(loop.context());
  boost::system::error_code error;
  socket.open(peer.protocol(), error);
  if (!error && peer.address().is_multicast()) {
    socket.set_option(asio::ip::multicast::hops(hops_max), error);
    if (!error) socket.set_option(asio::ip::multicast::enable_loopback(true), error);
    if (!error && peer.address().is_v4() && !from.empty()) {
      const auto interface = asio::ip::make_address_v4(from, error);
      if (!error) socket.set_option(asio::ip::multicast::outbound_interface(interface), error);
    }
  }
  if (!error) socket.connect(peer, error);
  if (!error) socket.non_blocking(true, error);
  if (error) return failed("cannot send to", to, error);
  return std::unique_ptr<UdpSender>(new UdpSender(std::move(socket)));
}

bool UdpSender::send(base::Bytes datagram) {
  boost::system::error_code error;
  socket_.send(asio::buffer(datagram.data(), datagram.size()), 0, error);
  return !error;
}

struct UdpPort::Shared {
  explicit Shared(Loop& loop) : socket(loop.context()) {}

  static void wait(std::shared_ptr<Shared> shared) {
    udp::socket& socket = shared->socket;
    socket.async_wait(udp::socket::wait_read,
                      [shared = std::move(shared)](boost::system::error_code error) mutable {
                        if (error || !shared->on_datagram) return;
                        read(*shared);
                        if (shared->on_datagram) wait(std::move(shared));
                      });
  }
  static void read(Shared& shared) {
    for (int i = 0; i < kDatagramsPerTurn && shared.on_datagram; ++i) {
      boost::system::error_code error;
      UdpPeer from;
      const std::size_t size =
          shared.socket.receive_from(asio::buffer(shared.datagram), from, 0, error);
      // That an earlier answer did not arrive is told here on some systems, and is no reason to
      // stop.
      if (error == asio::error::connection_refused) continue;
      if (error) return;
      shared.on_datagram(base::Bytes(shared.datagram.data(), size), from);
    }
  }

  udp::socket socket;
  DatagramHandler on_datagram;
  std::array<std::byte, kDatagramBytesMax> datagram;
};

base::Result<std::unique_ptr<UdpPort>> UdpPort::open(Loop& loop, const Endpoint& at,
                                                     const std::string& interface,
                                                     DatagramHandler on_datagram) {
  UdpPeer peer;
  if (!resolve(at, peer)) return base::Error{at.host + " is not an address"};
  auto shared = std::make_shared<Shared>(loop);
  udp::socket& socket = shared->socket;
  boost::system::error_code error;
  socket.open(peer.protocol(), error);
  if (!error && peer.address().is_multicast()) {
    socket.set_option(udp::socket::reuse_address(true), error);
  }
  boost::system::error_code smaller_is_good_too;
  socket.set_option(udp::socket::receive_buffer_size(kReceiveBufferBytes), smaller_is_good_too);
  if (!error) socket.bind(peer, error);
  if (!error && peer.address().is_multicast()) error = join(socket, peer.address(), interface);
  if (!error) socket.non_blocking(true, error);
  if (error) return failed("cannot listen at", at, error);
  shared->on_datagram = std::move(on_datagram);
  std::unique_ptr<UdpPort> port(new UdpPort(shared));
  port->endpoint_ = endpoint_of(socket.local_endpoint(error));
  Shared::wait(std::move(shared));
  return port;
}

UdpPort::~UdpPort() {
  shared_->on_datagram = nullptr;
  boost::system::error_code ignored;
  shared_->socket.close(ignored);
}

bool UdpPort::send(base::Bytes datagram, const UdpPeer& to) {
  boost::system::error_code error;
  shared_->socket.send_to(asio::buffer(datagram.data(), datagram.size()), to, 0, error);
  return !error;
}

}  // namespace okiagari::net

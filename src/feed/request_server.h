// Answers listeners of a line who missed datagrams: a request after MoldUDP64 (session, number,
// count) is answered by datagrams with those messages, from the history, to the one who asked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "feed/feed_history.h"
#include "feed/itch_encoder.h"
#include "net/udp.h"
#include "wire/mold.h"

namespace okiagari::feed {

struct RequestServerOptions {
  net::Endpoint listen;
  std::string session;
  std::size_t datagram_bytes_max = 1'400;
  // An answer is cut after so many datagrams; whoever wants more asks again.
  std::size_t datagrams_per_answer_max = 64;
  // Datagrams that one address is sent in a second, and those that all are; beyond it requests are
  // dropped, as they might be on the way.
  std::uint32_t datagrams_per_second_each = 5'000;
  std::uint32_t datagrams_per_second_all = 20'000;
  std::size_t addresses_max = 1'024;
};

class RequestServer {
 public:
  // All borrowed; `last_number` is of the newest message that may be told.
  static base::Result<std::unique_ptr<RequestServer>> open(net::Loop& loop,
                                                           RequestServerOptions options,
                                                           FeedHistory& history,
                                                           ItchEncoder& encoder,
                                                           const std::uint64_t& last_number);

  [[nodiscard]] const net::Endpoint& endpoint() const { return port_->endpoint(); }

  struct Counters {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;  // malformed, of another session, or of what is not there
    std::uint64_t over_limit = 0;
    std::uint64_t datagrams = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  RequestServer(RequestServerOptions options, FeedHistory& history, ItchEncoder& encoder,
                const std::uint64_t& last_number)
      : options_(std::move(options)),
        history_(history),
        encoder_(encoder),
        last_number_(last_number),
        writer_(options_.datagram_bytes_max) {}
  void take(base::Bytes request, const net::UdpPeer& from);
  void answer(std::uint64_t first, std::uint64_t end, const net::UdpPeer& from);
  [[nodiscard]] bool has_room(const net::UdpPeer& from);
  void send(const net::UdpPeer& to);

  RequestServerOptions options_;
  FeedHistory& history_;
  ItchEncoder& encoder_;
  const std::uint64_t& last_number_;
  std::unique_ptr<net::UdpPort> port_;
  wire::MoldWriter writer_;
  base::ByteWriter events_;
  // Datagrams sent in the present second, by address.
  std::map<boost::asio::ip::address, std::uint32_t> sent_to_;
  std::uint32_t sent_to_all_ = 0;
  std::uint64_t second_ = 0;
  Counters counters_;
};

}  // namespace okiagari::feed

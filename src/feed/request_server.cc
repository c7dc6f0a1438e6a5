#include "feed/request_server.h"

#include <algorithm>
#include <string_view>

namespace okiagari::feed {

namespace {

const venue::EventHeader& event_at(base::Bytes events, std::size_t offset) {
  return *reinterpret_cast<const venue::EventHeader*>(events.data() + offset);
}

}  // namespace

base::Result<std::unique_ptr<RequestServer>> RequestServer::open(net::Loop& loop,
                                                                 RequestServerOptions options,
                                                                 FeedHistory& history,
                                                                 ItchEncoder& encoder,
                                                                 const std::uint64_t& last_number) {
  std::unique_ptr<RequestServer> server(
      new RequestServer(std::move(options), history, encoder, last_number));
  auto port =
      net::UdpPort::open(loop, server->options_.listen, "",
                         [self = server.get()](base::Bytes request, const net::UdpPeer& from) {
                           self->take(request, from);
                         });
  if (!port) return port.error();
  server->port_ = std::move(port.value());
  return server;
}

// Whoever sends under another's address would have that one flooded: answers are bounded for each
// address and for all.
bool RequestServer::has_room(const net::UdpPeer& from) {
  const std::uint64_t second = net::Loop::now_ms() / 1'000;
  if (second != second_) {
    second_ = second;
    sent_to_.clear();
    sent_to_all_ = 0;
  }
  const auto found = sent_to_.find(from.address());
  if (found == sent_to_.end() && sent_to_.size() >= options_.addresses_max) return false;
  const std::uint32_t sent = found == sent_to_.end() ? 0 : found->second;
  return sent < options_.datagrams_per_second_each &&
         sent_to_all_ < options_.datagrams_per_second_all;
}

void RequestServer::take(base::Bytes request, const net::UdpPeer& from) {
  ++counters_.requests;
  wire::MoldHeader header;
  base::ByteReader reader(request);
  const bool is_whole = reader.object(header) && request.size() == sizeof header;
  const std::uint64_t first = header.sequence_number;
  const std::uint16_t count = header.message_count;
  const bool is_ours = is_whole && wire::trimmed(header.session) == options_.session;
  if (!is_ours || first == 0 || count == 0 || first > last_number_) {
    ++counters_.refused;
    return;
  }
  if (!has_room(from)) {
    ++counters_.over_limit;
    return;
  }
  answer(first, std::min(first + count, last_number_ + 1), from);
}

void RequestServer::send(const net::UdpPeer& to) {
  ++counters_.datagrams;
  ++sent_to_[to.address()];
  ++sent_to_all_;
  (void)port_->send(writer_.finish(), to);
}

void RequestServer::answer(std::uint64_t first, std::uint64_t end, const net::UdpPeer& from) {
  const auto session = wire::alpha<10>(options_.session);
  std::size_t left = options_.datagrams_per_answer_max;
  bool is_open = false;
  for (std::uint64_t next = first; next < end;) {
    events_.clear();
    history_.read_feed(next, events_);
    if (events_.empty()) {
      if (next == first) ++counters_.refused;
      break;
    }
    for (std::size_t at = 0; at < events_.size() && next < end; ++next) {
      const venue::EventHeader& event = event_at(events_.view(), at);
      const base::Bytes message = encoder_.encode(event);
      if (is_open && !writer_.add(message)) {
        send(from);
        if (--left == 0) return;
        is_open = false;
      }
      if (!is_open) {
        writer_.begin(session, next);
        is_open = writer_.add(message);
      }
      at += event.size_bytes;
    }
  }
  if (is_open) send(from);
}

}  // namespace okiagari::feed

#include "client/line_feed_client.h"

#include <algorithm>
#include <utility>

#include "wire/mold.h"

namespace okiagari::client {

base::Result<std::unique_ptr<LineFeedClient>> LineFeedClient::open(net::Loop& loop,
                                                                   LineFeedOptions options,
                                                                   MessageHandler on_message) {
  std::unique_ptr<LineFeedClient> client(
      new LineFeedClient(std::move(options), std::move(on_message)));
  if (base::Status status = client->open_ports(loop); !status) return status.error();
  return client;
}

base::Status LineFeedClient::open_ports(net::Loop& loop) {
  for (std::size_t i = 0; i < options_.lines.size(); ++i) {
    auto port = net::UdpPort::open(
        loop, options_.lines[i], options_.interface,
        [this, i](base::Bytes datagram, const net::UdpPeer&) { take(i, datagram); });
    if (!port) return port.error();
    lines_.push_back(std::move(port.value()));
  }
  counters_.datagrams.resize(lines_.size());
  net::Endpoint any;
  if (!options_.requests.empty())
    any.host = options_.interface.empty() ? "0.0.0.0" : options_.interface;
  auto asking = net::UdpPort::open(
      loop, any, "",
      [this](base::Bytes datagram, const net::UdpPeer&) { take(kAnswer, datagram); });
  if (!asking) return asking.error();
  asking_ = std::move(asking.value());
  return {};
}

void LineFeedClient::take(std::size_t line, base::Bytes datagram) {
  wire::MoldReader reader(datagram);
  const wire::MoldHeader header = reader.header();
  const bool is_ours = reader.ok() && wire::trimmed(header.session) == options_.session &&
                       header.message_count != wire::kMoldEndOfSession;
  if (!is_ours) {
    ++counters_.malformed;
    return;
  }
  const std::uint64_t first = header.sequence_number;
  if (line != kAnswer) {
    ++counters_.datagrams[line];
    if (on_datagram_) on_datagram_(line, first, datagram);
  }
  if (next_number_ == 0) next_number_ = first;
  const std::uint64_t end = first + header.message_count;
  if (first > next_number_) {
    const bool has_room = kept_.size() < options_.kept_datagrams_max;
    if (header.message_count > 0 && has_room) {
      kept_.try_emplace(first, datagram.begin(), datagram.end());
    }
  } else if (end > next_number_) {
    take_messages(datagram, first);
    take_kept();
  }
  note_missing(end);
}

void LineFeedClient::take_messages(base::Bytes datagram, std::uint64_t first) {
  wire::MoldReader reader(datagram);
  base::Bytes message;
  for (std::uint64_t number = first; reader.next(message); ++number) {
    if (number != next_number_) continue;
    ++next_number_;
    ++counters_.messages;
    on_message_(number, message);
  }
  if (!reader.ok()) ++counters_.malformed;
}

void LineFeedClient::take_kept() {
  while (!kept_.empty() && kept_.begin()->first <= next_number_) {
    const auto datagram = kept_.extract(kept_.begin());
    take_messages(datagram.mapped(), datagram.key());
  }
}

void LineFeedClient::note_missing(std::uint64_t end) {
  known_end_ = std::max(known_end_, end);
  const std::uint64_t missing = next_number_ < known_end_ ? next_number_ : 0;
  if (missing == missing_number_) return;
  missing_number_ = missing;
  is_asked_ = false;
  due_ms_ = missing == 0 ? UINT64_MAX : net::Loop::now_ms() + options_.patience_ms;
}

void LineFeedClient::tick(std::uint64_t now_ms) {
  if (now_ms < due_ms_) return;
  if (!std::exchange(is_asked_, true)) ++counters_.gaps;
  ask();
  due_ms_ = now_ms + options_.answer_ms;
}

void LineFeedClient::ask() {
  if (options_.requests.empty()) return;
  // Up to what was kept, or is known to have come.
  const std::uint64_t end = kept_.empty() ? known_end_ : kept_.begin()->first;
  wire::MoldHeader request;
  request.session = wire::alpha<10>(options_.session);
  request.sequence_number = next_number_;
  request.message_count = static_cast<std::uint16_t>(
      std::min<std::uint64_t>(end - next_number_, wire::kMoldEndOfSession - 1));
  net::UdpPeer to;
  if (!net::resolve(options_.requests[asked_++ % options_.requests.size()], to)) return;
  ++counters_.requests;
  (void)asking_->send(base::object_bytes(request), to);
}

}  // namespace okiagari::client

#include "feed/feed_server.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/assert.h"
#include "base/planted.h"

namespace okiagari::feed {

namespace {

// Catching up may not keep the loop from the market for long.
constexpr std::size_t kCatchUpBytesPerTurn = 512u << 10;
// A queue that the kernel empties is noticed only by looking again.
constexpr std::uint64_t kQueueLookMs = 5;

const venue::EventHeader& event_at(base::Bytes events, std::size_t offset) {
  return *reinterpret_cast<const venue::EventHeader*>(events.data() + offset);
}

}  // namespace

FeedServer::FeedServer(FeedOptions options, FeedHistory& history, ItchEncoder& encoder)
    : options_(std::move(options)), history_(history), encoder_(encoder) {}

FeedServer::~FeedServer() {
  for (const auto& subscriber : subscribers_) subscriber->connection->close();
}

base::Result<std::unique_ptr<FeedServer>> FeedServer::open(net::Loop& loop, FeedOptions options,
                                                           FeedHistory& history,
                                                           ItchEncoder& encoder) {
  std::unique_ptr<FeedServer> server(new FeedServer(std::move(options), history, encoder));
  auto listener = net::Listener::open(
      loop, server->options_.listen,
      [self = server.get()](std::shared_ptr<net::Connection> c) { self->accept(std::move(c)); });
  if (!listener) return listener.error();
  server->listener_ = std::move(listener.value());
  return server;
}

void FeedServer::restart_after(std::uint64_t feed_number) {
  last_number_ = feed_number;
  turn_first_ = feed_number + 1;
  turn_.clear();
  for (const auto& subscriber : subscribers_) {
    if (subscriber->live) drop(*subscriber);
  }
}

void FeedServer::accept(std::shared_ptr<net::Connection> connection) {
  if (subscribers_.size() >= options_.subscribers_max) return connection->close();
  auto subscriber = std::make_unique<Subscriber>();
  subscriber->last_heard_ms = net::Loop::now_ms();
  subscriber->connection = connection;
  connection->set_max_queued_bytes(options_.queued_bytes_max);
  Subscriber* raw = subscriber.get();
  // What is removed is removed in end_turn() only, so the pointer outlives the handlers' calls.
  connection->start([this, raw](base::Bytes bytes) { return receive(*raw, bytes); },
                    [this, raw](const std::string&) { drop(*raw); },
                    2 * wire::kSoupPayloadBytesMax);
  subscribers_.push_back(std::move(subscriber));
}

std::size_t FeedServer::receive(Subscriber& subscriber, base::Bytes bytes) {
  subscriber.last_heard_ms = net::Loop::now_ms();
  std::size_t consumed = 0;
  while (subscriber.connection->is_open()) {
    wire::SoupPacket packet;
    const wire::SoupFault fault = wire::decode_soup(bytes.subspan(consumed), packet);
    if (fault == wire::SoupFault::incomplete) return consumed;
    const bool is_login =
        fault == wire::SoupFault::none && packet.type == wire::SoupType::login_request;
    if (fault != wire::SoupFault::none || is_login == subscriber.logged_in ||
        packet.type == wire::SoupType::logout_request) {
      drop(subscriber);
      return bytes.size();
    }
    if (is_login) log_in(subscriber, packet.payload);
    consumed += packet.size_bytes;
  }
  return bytes.size();
}

void FeedServer::log_in(Subscriber& subscriber, base::Bytes payload) {
  wire::SoupLoginRequest request;
  if (payload.size() != sizeof request && payload.size() != wire::kSoupLoginRequest4Bytes) {
    return refuse(subscriber, wire::kSoupNotAuthorized);
  }
  std::memcpy(&request, payload.data(), sizeof request);
  std::string_view session = wire::trimmed(request.session);
  session.remove_prefix(std::min(session.find_first_not_of(' '), session.size()));
  const auto number = wire::parse_soup_number(request.sequence_number);
  if (!number || (!session.empty() && session != options_.session)) {
    return refuse(subscriber, wire::kSoupSessionNotAvailable);
  }
  // A number ahead of this node's is one that another node has sent already: it comes here as well.
  subscriber.next_number = *number == 0 ? last_number_ + 1 : *number;
  if (subscriber.next_number <= last_number_) {
    events_.clear();
    history_.read_feed(subscriber.next_number, events_);
    if (events_.empty()) return refuse(subscriber, wire::kSoupSessionNotAvailable);
  }
  subscriber.logged_in = true;
  wire::SoupLoginAccepted accepted;
  accepted.session = wire::alpha<10>(options_.session);
  accepted.sequence_number = wire::soup_number(subscriber.next_number);
  std::array<std::byte, wire::kSoupHeaderBytes + sizeof accepted> packet;
  wire::encode_soup_header(packet.data(), wire::SoupType::login_accepted, sizeof accepted);
  std::memcpy(packet.data() + wire::kSoupHeaderBytes, &accepted, sizeof accepted);
  subscriber.connection->send(packet);
  subscriber.connection->flush();
  subscriber.last_sent_ms = net::Loop::now_ms();
}

void FeedServer::refuse(Subscriber& subscriber, char reason) {
  std::array<std::byte, wire::kSoupHeaderBytes + 1> packet;
  wire::encode_soup_header(packet.data(), wire::SoupType::login_rejected, 1);
  packet[wire::kSoupHeaderBytes] = static_cast<std::byte>(reason);
  subscriber.connection->send(packet);
  drop(subscriber);
}

void FeedServer::drop(Subscriber& subscriber) {
  subscriber.connection->close();
  if (subscriber.live) --live_count_;
  subscriber.live = false;
  subscriber.logged_in = false;
}

void FeedServer::frame(const venue::EventHeader& event, base::ByteWriter& into) {
  const base::Bytes message = encoder_.encode(event);
  base::pass_planted(base::PlantPlace::feed, 0, message, message.size() - 1,
                     [&into](base::Bytes content) {
                       std::byte* to = into.extend(wire::kSoupHeaderBytes + content.size());
                       wire::encode_soup_header(to, wire::SoupType::sequenced_data, content.size());
                       std::memcpy(to + wire::kSoupHeaderBytes, content.data(), content.size());
                     });
}

void FeedServer::publish(const venue::EventHeader& event) {
  ASSERT(event.feed_number == last_number_ + 1, "feed event {} after {}", event.feed_number,
         last_number_);
  last_number_ = event.feed_number;
  if (live_count_ > 0) frame(event, turn_);
}

void FeedServer::end_turn(std::uint64_t now_ms) {
  for (const auto& subscriber : subscribers_) {
    if (subscriber->live) send_live(*subscriber, now_ms);
  }
  turn_.clear();
  turn_first_ = last_number_ + 1;
  bool any_closed = false;
  for (const auto& subscriber : subscribers_) {
    if (subscriber->logged_in && !subscriber->live) catch_up(*subscriber, now_ms);
    keep_time(*subscriber, now_ms);
    any_closed = any_closed || !subscriber->connection->is_open();
  }
  if (any_closed) remove_closed();
}

void FeedServer::send_live(Subscriber& subscriber, std::uint64_t now_ms) {
  if (turn_.empty()) return;
  if (!subscriber.connection->send(turn_.view())) {
    subscriber.live = false;
    --live_count_;
    subscriber.next_number = turn_first_;
    return;
  }
  subscriber.connection->flush();
  subscriber.last_sent_ms = now_ms;
}

void FeedServer::catch_up(Subscriber& subscriber, std::uint64_t now_ms) {
  std::size_t sent_bytes = 0;
  while (subscriber.next_number <= last_number_ && sent_bytes < kCatchUpBytesPerTurn &&
         subscriber.connection->queued_bytes() < options_.queued_bytes_low) {
    events_.clear();
    messages_.clear();
    history_.read_feed(subscriber.next_number, events_);
    if (events_.empty()) return drop(subscriber);
    std::uint64_t next = subscriber.next_number;
    for (std::size_t at = 0; at < events_.size();) {
      const venue::EventHeader& event = event_at(events_.view(), at);
      frame(event, messages_);
      next = event.feed_number + 1;
      at += event.size_bytes;
    }
    if (!subscriber.connection->send(messages_.view())) break;
    subscriber.next_number = next;
    sent_bytes += messages_.size();
    subscriber.last_sent_ms = now_ms;
    subscriber.connection->flush();
  }
  if (subscriber.next_number == last_number_ + 1 && subscriber.connection->is_open()) {
    subscriber.live = true;
    ++live_count_;
  }
}

void FeedServer::keep_time(Subscriber& subscriber, std::uint64_t now_ms) {
  if (!subscriber.connection->is_open()) return;
  if (now_ms > subscriber.last_heard_ms + wire::kSoupSilenceMs) return drop(subscriber);
  if (!subscriber.logged_in || now_ms < subscriber.last_sent_ms + wire::kSoupHeartbeatMs) return;
  subscriber.connection->send(wire::soup_signal(wire::SoupType::server_heartbeat));
  subscriber.connection->flush();
  subscriber.last_sent_ms = now_ms;
}

void FeedServer::remove_closed() {
  std::erase_if(subscribers_, [this](const std::unique_ptr<Subscriber>& subscriber) {
    if (subscriber->connection->is_open()) return false;
    if (subscriber->live) --live_count_;
    return true;
  });
}

std::uint64_t FeedServer::next_deadline_ms() const {
  std::uint64_t deadline = UINT64_MAX;
  for (const auto& subscriber : subscribers_) {
    std::uint64_t own = subscriber->last_heard_ms + wire::kSoupSilenceMs + 1;
    if (subscriber->logged_in) {
      own = std::min(own, subscriber->last_sent_ms + wire::kSoupHeartbeatMs);
      const bool behind = !subscriber->live && subscriber->next_number <= last_number_;
      const bool has_room = subscriber->connection->queued_bytes() < options_.queued_bytes_low;
      if (behind) own = has_room ? 0 : std::min(own, net::Loop::now_ms() + kQueueLookMs);
    }
    deadline = std::min(deadline, own);
  }
  return deadline;
}

}  // namespace okiagari::feed

#include "gateway/member_line.h"

#include <array>
#include <cstring>
#include <utility>

#include "net/loop.h"

namespace okiagari::gateway {

using wire::SoupFault;
using wire::SoupPacket;
using wire::SoupType;

namespace {
// What is read before it is asked for more; several reads of the connection.
constexpr std::size_t kUnconsumedBytesMax = 4u << 20;
constexpr std::uint64_t kLoginRequestWaitMs = 5'000;
}  // namespace

MemberLine::MemberLine(Owner& owner, std::shared_ptr<net::Connection> connection,
                       std::uint64_t now_ms, std::size_t queue_bytes_max)
    : owner_(owner),
      connection_(std::move(connection)),
      connected_ms_(now_ms),
      last_heard_ms_(now_ms),
      last_sent_ms_(now_ms) {
  connection_->set_max_queued_bytes(queue_bytes_max);
}

MemberLine::~MemberLine() { connection_->close(); }

void MemberLine::start() {
  connection_->start([this](base::Bytes bytes) { return receive(bytes); },
                     [this](const std::string& reason) { gone(reason); }, kUnconsumedBytesMax);
}

std::size_t MemberLine::receive(base::Bytes bytes) {
  last_heard_ms_ = net::Loop::now_ms();
  std::size_t consumed = 0;
  SoupPacket packet;
  while (is_open_) {
    const SoupFault fault = wire::decode_soup(bytes.subspan(consumed), packet);
    if (fault == SoupFault::incomplete) break;
    if (fault != SoupFault::none) {
      end_malformed(wire::describe(fault));
      break;
    }
    if (!handle(packet)) {
      is_paused_ = true;
      connection_->pause();
      break;
    }
    consumed += packet.size_bytes;
  }
  return consumed;
}

bool MemberLine::handle(const SoupPacket& packet) {
  switch (packet.type) {
    case SoupType::unsequenced_data:
      if (!is_accepted_) {
        end_malformed("a message before the log-in was accepted");
        return true;
      }
      return owner_.on_message(*this, packet.payload);
    case SoupType::client_heartbeat:
    case SoupType::debug:
      return true;
    case SoupType::login_request:
      handle_login(packet.payload);
      return true;
    case SoupType::logout_request:
      owner_.on_logout(*this);
      gone("logged out");
      return true;
    default:
      end_malformed("a packet that only the server sends");
      return true;
  }
}

void MemberLine::handle_login(base::Bytes payload) {
  if (has_asked_) return end_malformed("a second log-in request on one connection");
  const bool has_a_known_size = payload.size() == sizeof(wire::SoupLoginRequest) ||
                                payload.size() == wire::kSoupLoginRequest4Bytes;
  if (!has_a_known_size) return end_malformed("a log-in request of the wrong size");
  has_asked_ = true;
  owner_.on_login(*this, *wire::view_as<wire::SoupLoginRequest>(payload));
}

void MemberLine::accept_login(const wire::Alpha<10>& session_name, std::uint64_t next_number) {
  wire::SoupLoginAccepted accepted;
  accepted.session = session_name;
  accepted.sequence_number = wire::soup_number(next_number);
  send(SoupType::login_accepted, base::object_bytes(accepted));
  is_accepted_ = true;
}

void MemberLine::reject_login(char reason) {
  send(SoupType::login_rejected, base::object_bytes(reason));
  gone("log-in rejected");
}

void MemberLine::send(SoupType type, base::Bytes payload) {
  if (!is_open_) return;
  std::array<std::byte, wire::kSoupHeaderBytes + 256> packet;
  if (payload.size() > packet.size() - wire::kSoupHeaderBytes) {
    payload = payload.first(packet.size() - wire::kSoupHeaderBytes);
  }
  wire::encode_soup_header(packet.data(), type, payload.size());
  if (!payload.empty()) {
    std::memcpy(packet.data() + wire::kSoupHeaderBytes, payload.data(), payload.size());
  }
  const base::Bytes whole(packet.data(), wire::kSoupHeaderBytes + payload.size());
  if (!connection_->send(whole)) return gone("does not read what it is sent");
  if (!std::exchange(is_dirty_, true)) owner_.on_dirty(*this);
}

void MemberLine::end(std::string_view reason) {
  if (!is_open_) return;
  send(SoupType::debug, base::as_bytes(reason));
  gone(std::string(reason));
}

void MemberLine::end_malformed(std::string_view reason) {
  owner_.on_malformed(*this);
  end(reason);
}

void MemberLine::flush() {
  if (!std::exchange(is_dirty_, false) || !is_open_) return;
  last_sent_ms_ = net::Loop::now_ms();
  connection_->flush();
}

void MemberLine::resume() {
  if (!std::exchange(is_paused_, false) || !is_open_) return;
  connection_->resume();
}

void MemberLine::tick(std::uint64_t now_ms) {
  if (!is_open_) return;
  if (!is_accepted_) {
    // The owner answers a request in its own time; one that never comes costs its sender.
    if (!has_asked_ && now_ms - connected_ms_ >= kLoginRequestWaitMs) end("no log-in request");
    return;
  }
  if (is_paused_) {
    last_heard_ms_ = now_ms;  // it may have spoken, we do not listen
  } else if (now_ms - last_heard_ms_ >= wire::kSoupSilenceMs) {
    return end("silent for 15 seconds");
  }
  if (now_ms - last_sent_ms_ >= wire::kSoupHeartbeatMs) {
    send(SoupType::server_heartbeat, {});
    flush();
  }
}

void MemberLine::gone(const std::string& reason) {
  if (!std::exchange(is_open_, false)) return;
  connection_->close();
  owner_.on_gone(*this, reason);
}

}  // namespace okiagari::gateway

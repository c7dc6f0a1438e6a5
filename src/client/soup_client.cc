#include "client/soup_client.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace okiagari::client {

using wire::SoupFault;
using wire::SoupPacket;
using wire::SoupType;

namespace {
constexpr std::uint64_t kRetryMs = 20;
constexpr std::uint64_t kConnectWaitMs = 1'000;
// A server answers a log-in within its own bound, which is shorter.
constexpr std::uint64_t kLoginWaitMs = 6'000;
// Servers send a heartbeat each second; the standard's 15 seconds are too long to stay with a dead
// one.
constexpr std::uint64_t kSilenceMs = 4'000;
constexpr std::uint64_t kTickMs = 10;
constexpr std::size_t kMessageBytesMax = 512;
}  // namespace

SoupClient::SoupClient(net::Loop& loop, Owner& owner, SoupAccess access)
    : loop_(loop),
      owner_(owner),
      access_(std::move(access)),
      alive_(std::make_shared<bool>(true)),
      server_(access_.first_server % access_.servers.size()),
      next_number_(access_.next_number) {}

SoupClient::~SoupClient() {
  *alive_ = false;
  if (connection_) connection_->close();
}

void SoupClient::tick(std::uint64_t now_ms) {
  next_deadline_ms_ = now_ms + kTickMs;
  switch (state_) {
    case State::closed:
      next_deadline_ms_ = UINT64_MAX;
      return;
    case State::away:
      if (now_ms >= retry_ms_) connect(now_ms);
      return;
    case State::connecting:
      if (now_ms - since_ms_ >= kConnectWaitMs) lose("no connection within a second");
      return;
    case State::logging_in:
      if (now_ms - since_ms_ >= kLoginWaitMs) lose("no answer to the log-in");
      return;
    case State::logged_in:
      if (now_ms - since_ms_ >= kSilenceMs) return lose("the server is silent");
      if (now_ms - last_sent_ms_ >= wire::kSoupHeartbeatMs) {
        send_packet(SoupType::client_heartbeat, {});
        flush();
      }
  }
}

void SoupClient::connect(std::uint64_t now_ms) {
  state_ = State::connecting;
  since_ms_ = now_ms;
  const std::uint64_t attempt = ++attempt_;
  net::connect(loop_, access_.servers[server_],
               [this, attempt, alive = alive_](std::shared_ptr<net::Connection> connection,
                                               const std::string& error) {
                 if (!*alive || attempt_ != attempt) return;
                 if (connection == nullptr) return lose(error);
                 connected(std::move(connection));
               });
}

void SoupClient::connected(std::shared_ptr<net::Connection> connection) {
  connection_ = std::move(connection);
  state_ = State::logging_in;
  since_ms_ = net::Loop::now_ms();
  debug_text_.clear();
  const std::uint64_t attempt = attempt_;
  connection_->start(
      [this, attempt, alive = alive_](base::Bytes bytes) {
        return *alive && attempt_ == attempt ? receive(bytes) : bytes.size();
      },
      [this, attempt, alive = alive_](const std::string& reason) {
        if (*alive && attempt_ == attempt) lose(reason);
      });
  wire::SoupLoginRequest request;
  request.username = wire::alpha<6>(access_.name);
  request.password = wire::alpha<10>(access_.token);
  request.sequence_number = wire::soup_number(next_number_);
  send_packet(SoupType::login_request, base::object_bytes(request));
  flush();
}

std::size_t SoupClient::receive(base::Bytes bytes) {
  since_ms_ = net::Loop::now_ms();
  const std::uint64_t attempt = attempt_;
  std::size_t consumed = 0;
  SoupPacket packet;
  while (attempt_ == attempt && state_ != State::closed) {
    const SoupFault fault = wire::decode_soup(bytes.subspan(consumed), packet);
    if (fault == SoupFault::incomplete) break;
    if (fault != SoupFault::none) {
      lose(wire::describe(fault));
      break;
    }
    consumed += packet.size_bytes;
    handle(packet);
  }
  return consumed;
}

void SoupClient::handle(const SoupPacket& packet) {
  switch (packet.type) {
    case SoupType::sequenced_data:
      if (state_ != State::logged_in) return lose("a message before the log-in was accepted");
      return owner_.on_sequenced(next_number_++, packet.payload);
    case SoupType::unsequenced_data:
      return owner_.on_unsequenced(packet.payload);
    case SoupType::login_accepted:
      return handle_accepted(packet.payload);
    case SoupType::login_rejected:
      return handle_rejected(packet.payload);
    case SoupType::end_of_session:
      return lose("end of session");
    case SoupType::debug:
      debug_text_ = base::as_text(packet.payload);
      return;
    case SoupType::server_heartbeat:
      return;
    default:
      lose("a packet that only a client sends");
  }
}

void SoupClient::handle_accepted(base::Bytes payload) {
  const auto* accepted = wire::view_as<wire::SoupLoginAccepted>(payload);
  if (accepted == nullptr || state_ != State::logging_in) return lose("a wrong log-in answer");
  const auto next = wire::parse_soup_number(accepted->sequence_number);
  const bool is_what_was_asked = next && (next_number_ == 0 || *next == next_number_);
  if (!is_what_was_asked) return lose("the server begins at another message than asked for");
  next_number_ = *next;
  // Later log-ins go on from here even if nothing has come by then.
  state_ = State::logged_in;
  owner_.on_logged_in(next_number_);
}

void SoupClient::handle_rejected(base::Bytes payload) {
  const char reason = payload.empty() ? '?' : static_cast<char>(payload[0]);
  if (reason == wire::kSoupNotAuthorized) {
    is_refused_ = true;
    lose("log-in rejected: name and token do not belong together");
    state_ = State::closed;
    return;
  }
  lose("log-in rejected: the session is not available now");
}

bool SoupClient::send(base::Bytes message) {
  if (state_ != State::logged_in) return false;
  ASSERT(message.size() <= kMessageBytesMax, "message of {} bytes", message.size());
  std::array<std::byte, wire::kSoupHeaderBytes + kMessageBytesMax> packet;
  wire::encode_soup_header(packet.data(), SoupType::unsequenced_data, message.size());
  std::memcpy(packet.data() + wire::kSoupHeaderBytes, message.data(), message.size());
  is_dirty_ = true;
  return connection_->send({packet.data(), wire::kSoupHeaderBytes + message.size()});
}

void SoupClient::send_packet(SoupType type, base::Bytes payload) {
  std::array<std::byte, wire::kSoupHeaderBytes> header;
  wire::encode_soup_header(header.data(), type, payload.size());
  is_dirty_ = connection_->send(header) && connection_->send(payload);
}

void SoupClient::flush() {
  if (!std::exchange(is_dirty_, false) || connection_ == nullptr) return;
  last_sent_ms_ = net::Loop::now_ms();
  const std::shared_ptr<net::Connection> connection = connection_;
  connection->flush();
}

void SoupClient::close(bool log_out) {
  if (connection_ != nullptr) {
    if (log_out && state_ == State::logged_in) send_packet(SoupType::logout_request, {});
    connection_->close();
    connection_ = nullptr;
  }
  ++attempt_;
  state_ = State::closed;
}

void SoupClient::lose(const std::string& reason) {
  ++attempt_;
  if (connection_ != nullptr) connection_->close();
  connection_ = nullptr;
  state_ = State::away;
  server_ = (server_ + 1) % access_.servers.size();
  retry_ms_ = net::Loop::now_ms() + kRetryMs;
  next_deadline_ms_ = retry_ms_;
  owner_.on_lost(debug_text_.empty() ? reason : reason + " (" + debug_text_ + ")");
}

}  // namespace okiagari::client

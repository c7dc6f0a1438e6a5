#include "check/soup_client.h"

#include <fmt/format.h>

#include <utility>

namespace okiagari::check {

SoupClient::SoupClient(net::Loop& loop, Handlers handlers)
    : loop_(loop), handlers_(std::move(handlers)) {}

SoupClient::~SoupClient() { close(); }

void SoupClient::open(const net::Endpoint& to, const SoupLogin& login) {
  state_ = State::connecting;
  last_received_ms_ = net::Loop::now_ms();
  const std::uint64_t number = ++*attempt_;
  const std::weak_ptr<std::uint64_t> attempt = attempt_;
  net::connect(loop_, to,
               [this, attempt, number, login](std::shared_ptr<net::Connection> connection,
                                              const std::string& error) {
                 const auto current = attempt.lock();
                 if (!current || *current != number) return;
                 if (!connection) return lose(error);
                 connected(std::move(connection), login);
               });
}

void SoupClient::connected(std::shared_ptr<net::Connection> connection, const SoupLogin& login) {
  connection_ = std::move(connection);
  state_ = State::logging_in;
  connection_->start([this](base::Bytes bytes) { return received(bytes); },
                     [this](const std::string& reason) { lose(reason); });
  base::ByteWriter packet;
  write_soup_login(packet, login.user, login.password, login.session, login.next_number);
  connection_->send(packet.view());
  connection_->flush();
  last_sent_ms_ = last_received_ms_ = net::Loop::now_ms();
}

void SoupClient::close() {
  ++*attempt_;
  state_ = State::closed;
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close();
}

void SoupClient::lose(const std::string& reason) {
  close();
  handlers_.on_lost(reason);
}

std::size_t SoupClient::received(base::Bytes bytes) {
  last_received_ms_ = net::Loop::now_ms();
  const std::uint64_t attempt = *attempt_;
  SoupReader reader(bytes);
  SoupPacket packet;
  // A handler may close this client and even open it anew.
  while (*attempt_ == attempt && reader.next(packet)) handle(packet);
  if (*attempt_ == attempt && reader.malformed()) lose("a packet of no length");
  return reader.consumed();
}

void SoupClient::handle(const SoupPacket& packet) {
  if (packet.type == kSoupServerHeartbeat) return;
  if (state_ == State::logged_in) return handlers_.on_packet(packet);
  if (packet.type == kSoupDebug) return;
  if (packet.type == kSoupLoginRejected) {
    return lose(fmt::format("log-in rejected: {}", base::as_text(packet.payload)));
  }
  SoupLoginAccepted accepted;
  if (packet.type != kSoupLoginAccepted || !read_soup_login_accepted(packet.payload, accepted)) {
    return lose("something else than an answer to the log-in");
  }
  state_ = State::logged_in;
  handlers_.on_accepted(accepted);
}

bool SoupClient::send(char type, base::Bytes payload) {
  if (state_ != State::logged_in) return false;
  base::ByteWriter packet;
  write_soup_packet(packet, type, payload);
  last_sent_ms_ = net::Loop::now_ms();
  return connection_->send(packet.view());
}

void SoupClient::flush() {
  if (connection_) connection_->flush();
}

void SoupClient::tick(std::uint64_t now_ms) {
  if (state_ == State::closed) return;
  if (now_ms > last_received_ms_ + kSilenceMs) return lose("silent");
  if (state_ == State::logged_in && now_ms > last_sent_ms_ + kHeartbeatMs) {
    (void)send(kSoupClientHeartbeat, {});
    flush();
  }
}

}  // namespace okiagari::check

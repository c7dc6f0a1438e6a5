// One SoupBinTCP connection as a client: connecting, log-in, framing, heartbeats, and noticing that
// the other end is gone or silent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "check/soup_bin.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

struct SoupLogin {
  std::string user;
  std::string password;
  std::string session;  // blank: whatever the server has
  std::uint64_t next_number = 1;
};

class SoupClient {
 public:
  struct Handlers {
    std::function<void(const SoupLoginAccepted&)> on_accepted;
    std::function<void(const SoupPacket&)> on_packet;  // sequenced, unsequenced, debug, end
    // Could not connect, was rejected, broke or fell silent; the client is closed by then.
    std::function<void(const std::string& reason)> on_lost;
  };

  SoupClient(net::Loop& loop, Handlers handlers);
  ~SoupClient();
  SoupClient(const SoupClient&) = delete;
  SoupClient& operator=(const SoupClient&) = delete;

  // Only while closed.
  void open(const net::Endpoint& to, const SoupLogin& login);
  // Says nothing to on_lost.
  void close();
  [[nodiscard]] bool is_closed() const { return state_ == State::closed; }
  [[nodiscard]] bool is_logged_in() const { return state_ == State::logged_in; }

  // False when not logged in or when the connection takes no more.
  bool send(char type, base::Bytes payload);
  void flush();
  // Heartbeats and the judgement of silence; to be called at least every few hundred milliseconds.
  void tick(std::uint64_t now_ms);

 private:
  enum class State : std::uint8_t { closed, connecting, logging_in, logged_in };
  // Servers beat every second; a frozen one is left soon after.
  static constexpr std::uint64_t kHeartbeatMs = 1'000;
  static constexpr std::uint64_t kSilenceMs = 4'000;

  void connected(std::shared_ptr<net::Connection> connection, const SoupLogin& login);
  std::size_t received(base::Bytes bytes);
  void handle(const SoupPacket& packet);
  void lose(const std::string& reason);

  net::Loop& loop_;
  Handlers handlers_;
  std::shared_ptr<net::Connection> connection_;
  // Callbacks of an attempt that was given up find another number, or nobody.
  std::shared_ptr<std::uint64_t> attempt_ = std::make_shared<std::uint64_t>(0);
  State state_ = State::closed;
  std::uint64_t last_sent_ms_ = 0;
  std::uint64_t last_received_ms_ = 0;
};

}  // namespace okiagari::check

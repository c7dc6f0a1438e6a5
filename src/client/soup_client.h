// SoupBinTCP as a client speaks it: connects to one of several servers, logs in, and after a loss
// to the next one, for the number after the last message it has. What the messages mean is its
// owner's affair.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "wire/soup.h"

namespace okiagari::client {

struct SoupAccess {
  std::string name;
  std::string token;
  std::vector<net::Endpoint> servers;
  std::size_t first_server = 0;
  std::uint64_t next_number = 1;  // of the first message wanted; 0: only what comes from now on
};

class SoupClient {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_logged_in(std::uint64_t next_number) = 0;
    // A message of the stream, each number once and in order.
    virtual void on_sequenced(std::uint64_t number, base::Bytes message) = 0;
    virtual void on_unsequenced(base::Bytes message) = 0;
    // The connection is gone; the next one is tried by itself unless the log-in was not authorized.
    virtual void on_lost(const std::string& reason) = 0;
  };

  SoupClient(net::Loop& loop, Owner& owner, SoupAccess access);
  ~SoupClient();
  SoupClient(const SoupClient&) = delete;
  SoupClient& operator=(const SoupClient&) = delete;

  // Connects when it is time to, keeps heartbeats and notices silence.
  void tick(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return next_deadline_ms_; }

  // False when not logged in or when too much is queued.
  bool send(base::Bytes message);
  void flush();
  // Ends the connection and stays away; with `log_out` the server is told.
  void close(bool log_out);

  [[nodiscard]] bool is_logged_in() const { return state_ == State::logged_in; }
  // The server said that name and token do not belong together; it is not asked again.
  [[nodiscard]] bool is_refused() const { return is_refused_; }
  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
  // When the last packet came, while logged in.
  [[nodiscard]] std::uint64_t heard_ms() const { return since_ms_; }
  [[nodiscard]] std::size_t server() const { return server_; }
  [[nodiscard]] std::size_t queued_bytes() const {
    return connection_ == nullptr ? 0 : connection_->queued_bytes();
  }
  // The server's last debug text, which says why it ended a connection.
  [[nodiscard]] const std::string& debug_text() const { return debug_text_; }

 private:
  enum class State : std::uint8_t { away, connecting, logging_in, logged_in, closed };

  void connect(std::uint64_t now_ms);
  void connected(std::shared_ptr<net::Connection> connection);
  std::size_t receive(base::Bytes bytes);
  void handle(const wire::SoupPacket& packet);
  void handle_accepted(base::Bytes payload);
  void handle_rejected(base::Bytes payload);
  void send_packet(wire::SoupType type, base::Bytes payload);
  void lose(const std::string& reason);

  net::Loop& loop_;
  Owner& owner_;
  SoupAccess access_;
  std::shared_ptr<bool> alive_;  // callbacks of connections outlive this object by up to a turn
  std::shared_ptr<net::Connection> connection_;
  State state_ = State::away;
  bool is_refused_ = false;
  bool is_dirty_ = false;
  std::size_t server_;
  std::uint64_t attempt_ = 0;
  std::uint64_t since_ms_ = 0;  // of the attempt, then of the last packet
  std::uint64_t last_sent_ms_ = 0;
  std::uint64_t retry_ms_ = 0;
  std::uint64_t next_deadline_ms_ = 0;
  std::uint64_t next_number_;
  std::string debug_text_;
};

}  // namespace okiagari::client

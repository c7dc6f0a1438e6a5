// One member's connection: SoupBinTCP as the server speaks it. Takes packets apart, keeps
// heartbeats and silence, queues what goes out. Whose session it is and what the messages mean is
// not its job.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/tcp.h"
#include "wire/soup.h"

namespace okiagari::gateway {

struct Session;

class MemberLine {
 public:
  // Nothing of a line is called after on_gone.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_login(MemberLine& line, const wire::SoupLoginRequest& request) = 0;
    // One message of the member. False when it cannot be taken now: the line stops reading, and
    // brings it again after resume().
    virtual bool on_message(MemberLine& line, base::Bytes message) = 0;
    virtual void on_logout(MemberLine& line) = 0;
    // It sent what the protocol does not know; the line ends.
    virtual void on_malformed(MemberLine& line) = 0;
    // Closed, by whichever side. The line is destroyed afterwards, not within the call.
    virtual void on_gone(MemberLine& line, const std::string& reason) = 0;
    // Something was queued for the first time this turn; flush() is wanted at its end.
    virtual void on_dirty(MemberLine& line) = 0;
  };

  MemberLine(Owner& owner, std::shared_ptr<net::Connection> connection, std::uint64_t now_ms,
             std::size_t queue_bytes_max);
  ~MemberLine();

  void start();

  void accept_login(const wire::Alpha<10>& session, std::uint64_t next_number);
  // Rejects and closes.
  void reject_login(char reason);
  void send_sequenced(base::Bytes message) { send(wire::SoupType::sequenced_data, message); }
  void send_unsequenced(base::Bytes message) { send(wire::SoupType::unsequenced_data, message); }
  // Says why in a debug packet, and closes.
  void end(std::string_view reason);

  void flush();
  void resume();
  // Heartbeat when nothing was sent for a second; closes a line that has been silent too long.
  void tick(std::uint64_t now_ms);

  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] bool is_paused() const { return is_paused_; }
  [[nodiscard]] std::size_t queued_bytes() const { return connection_->queued_bytes(); }
  [[nodiscard]] const std::string& peer() const { return connection_->peer(); }

  // Set by the owner: whom this line speaks for, when it has asked to log in.
  Session* session = nullptr;

 private:
  std::size_t receive(base::Bytes bytes);
  [[nodiscard]] bool handle(const wire::SoupPacket& packet);
  void handle_login(base::Bytes payload);
  void end_malformed(std::string_view reason);
  void send(wire::SoupType type, base::Bytes payload);
  void gone(const std::string& reason);

  Owner& owner_;
  std::shared_ptr<net::Connection> connection_;
  std::uint64_t connected_ms_;
  std::uint64_t last_heard_ms_;
  std::uint64_t last_sent_ms_;
  bool is_open_ = true;
  bool is_dirty_ = false;
  bool is_paused_ = false;
  bool has_asked_ = false;  // for a log-in
  bool is_accepted_ = false;
};

}  // namespace okiagari::gateway

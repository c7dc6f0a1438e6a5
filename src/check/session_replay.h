// Reads one session again from number 1 at one gateway, to its end: what the venue remembers to
// have said.
#pragma once

#include <cstdint>
#include <string>

#include "check/history.h"
#include "check/member.h"
#include "check/soup_client.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

class SessionReplay {
 public:
  // The session must not be logged in elsewhere by this process: a log-in ends the one before.
  SessionReplay(net::Loop& loop, History& history, MemberAccess access, net::Endpoint gateway);

  void tick(std::uint64_t now_ms);
  [[nodiscard]] bool is_done() const { return done_; }
  // Writes down that it did not come to its end.
  void give_up();

 private:
  static constexpr std::uint64_t kRetryMs = 20;

  void on_accepted();
  void on_packet(const SoupPacket& packet);

  History& history_;
  MemberAccess access_;
  net::Endpoint gateway_;
  SoupClient client_;
  std::uint64_t next_number_ = 1;
  std::uint64_t retry_at_ms_ = 0;
  std::string last_failure_ = "no answer to the account query behind it";
  bool done_ = false;
};

}  // namespace okiagari::check

// Order entry sessions: who they belong to, which gateway has them in which epoch, the numbers of
// their streams in both directions, and what they have applied.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/types.h"
#include "venue/applied_numbers.h"

namespace okiagari::venue {

// A log-in that was applied. The last few of a session are remembered, so that one which is sent
// again, after a fail-over or by a gateway that has lost the session since, is known as a repeat.
struct PastLogin {
  GatewayId gateway = 0;  // 0: none
  std::uint32_t epoch = 0;
  std::uint64_t nonce = 0;
};

struct Session {
  SessionId id = 0;
  MemberId member = 0;
  GatewayId gateway = 0;  // 0: not logged in
  bool cancel_on_disconnect = false;
  // Its orders were to be cancelled, but some stood in a halted book; they go when the book opens.
  bool owes_cancels = false;
  // Of the batch being applied; not state.
  bool touched = false;
  bool told_gap = false;
  AccountId default_account = 0;
  std::uint32_t epoch = 0;  // of the last log-in
  std::uint32_t next_stream_number = 1;
  std::uint32_t next_session_number = 1;
  AppliedNumbers numbers;
  static constexpr std::size_t kPastLogins = 4;
  std::array<PastLogin, kPastLogins> past_logins{};  // newest first

  [[nodiscard]] bool is_logged_in() const { return gateway != 0; }
  [[nodiscard]] const PastLogin* find_login(GatewayId from, std::uint64_t nonce) const {
    for (const PastLogin& login : past_logins) {
      if (login.gateway == from && login.nonce == nonce) return &login;
    }
    return nullptr;
  }
};

class Sessions {
 public:
  Sessions() : sessions_(1) {}

  // Dense; the new one has the next number.
  Session& add(MemberId member, AccountId default_account) {
    Session& added = sessions_.emplace_back();
    added.id = static_cast<SessionId>(sessions_.size() - 1);
    added.member = member;
    added.default_account = default_account;
    return added;
  }

  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(sessions_.size() - 1);
  }
  [[nodiscard]] Session* find(SessionId id) {
    return id == 0 || id >= sessions_.size() ? nullptr : &sessions_[id];
  }
  [[nodiscard]] const Session* find(SessionId id) const {
    return id == 0 || id >= sessions_.size() ? nullptr : &sessions_[id];
  }
  // Only sessions that exist.
  [[nodiscard]] Session& operator[](SessionId id) { return sessions_[id]; }
  [[nodiscard]] const Session& operator[](SessionId id) const { return sessions_[id]; }

 private:
  std::vector<Session> sessions_;
};

}  // namespace okiagari::venue

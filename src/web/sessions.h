// Coming in: a password and a one-time code make a session, a random token stands for the command
// line. A session is its cookie: who, since when, last seen, under a hash keyed with a secret of
// all desks, so that another desk knows it too. What ends one early (other roles, signing out) is
// in the desks' log.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "desk/accounts.h"
#include "desk/secret_box.h"
#include "net/http_message.h"
#include "web/rate_limiter.h"

namespace okiagari::web {

// Secrets that all desks share and no log holds.
struct SessionKeys {
  std::array<std::byte, 32> cookies{};
  desk::BoxKey accounts{};
};

struct Session {
  std::string login;
  std::uint64_t epoch = 0;  // of the account
  std::int64_t issued_s = 0;
  std::int64_t seen_s = 0;
  std::int64_t stepped_up_s = 0;  // when a one-time code was last shown
  std::string id;                 // random, hex
};

// Who asks.
struct Caller {
  std::string login;
  desk::Roles roles;
  std::optional<Session> session;  // none: by a token
};

class Sessions {
 public:
  static constexpr std::int64_t kIdleS = 30 * 60;
  static constexpr std::int64_t kLongestS = 12 * 3'600;
  static constexpr std::int64_t kStepUpS = 10 * 60;
  static constexpr std::int64_t kRenewAfterS = 60;
  static constexpr std::size_t kKnownMax = 10'000;
  static constexpr std::size_t kUsedCodesMax = 10'000;

  explicit Sessions(SessionKeys keys) : keys_(keys) {}

  struct LogIn {
    std::string login;
    std::string password;
    std::string code;
    std::string peer;  // address
  };
  struct Answer {
    std::optional<Session> session;
    std::int64_t retry_after_s = 0;  // not 0: too often, nothing was looked at
  };
  Answer log_in(const desk::Accounts& accounts, const LogIn& log_in, std::int64_t now_s);
  // Another one-time code in a session there is.
  Answer step_up(const desk::Accounts& accounts, Session session, std::string_view code,
                 std::int64_t now_s);

  // By cookie or bearer token; nobody when neither is good.
  [[nodiscard]] std::optional<Caller> caller(const desk::Accounts& accounts,
                                             const net::HttpRequest& request, std::int64_t now_s);

  [[nodiscard]] std::string set_cookie(Session session, bool is_tls, std::int64_t now_s) const;
  [[nodiscard]] static std::string clear_cookie(bool is_tls);
  // What every unsafe request of the session must show in its X-CSRF-Token header.
  [[nodiscard]] std::string csrf_token(const Session& session) const;
  [[nodiscard]] bool is_csrf_token(const Session& session, std::string_view token) const;
  // The name of the session in the log: not the cookie, and nothing to make one of.
  [[nodiscard]] static std::string name_of(const Session& session);

 private:
  [[nodiscard]] std::optional<Session> read_cookie(std::string_view text) const;
  bool is_code(const desk::Account& account, std::string_view code, std::int64_t now_s);
  std::int64_t wait_s(const LogIn& log_in, std::int64_t now_s);

  SessionKeys keys_;
  RateLimiter by_address_{{20, 6}};
  RateLimiter by_pair_{{5, 30}};
  RateLimiter by_login_{{30, 30}};  // not for addresses from which that person has come before
  RateLimiter all_{{10, 0.25}};     // hashing is work, and one loop does everything
  RateLimiter codes_{{5, 30}};
  std::map<std::string, std::int64_t, std::less<>> known_;       // "login address": when
  std::map<std::string, std::int64_t, std::less<>> used_codes_;  // by login: the step
  std::string nobodys_hash_;  // so that a login that does not exist takes as long
};

// A token for the command line; only its hash is kept.
[[nodiscard]] std::string make_token();
[[nodiscard]] std::string token_hash(std::string_view token);

}  // namespace okiagari::web

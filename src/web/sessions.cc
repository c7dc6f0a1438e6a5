#include "web/sessions.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/hash.h"
#include "desk/new_account.h"
#include "web/totp.h"

namespace okiagari::web {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr std::string_view kTokenPrefix = "oki_";

std::string_view cookie_name(bool is_tls) { return is_tls ? "__Host-okiagari" : "okiagari"; }

std::string random_hex() {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  base::Digest bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return base::to_hex(bytes);
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find('~');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename T>
bool read_number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string cookie_text(const Session& session) {
  return fmt::format("{}~{}~{}~{}~{}~{}", session.login, session.epoch, session.issued_s,
                     session.seen_s, session.stepped_up_s, session.id);
}

void forget_oldest(std::map<std::string, std::int64_t, std::less<>>& kept, std::size_t most) {
  if (kept.size() <= most) return;
  kept.erase(std::min_element(kept.begin(), kept.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; }));
}

}  // namespace

std::string make_token() { return std::string(kTokenPrefix) + random_hex(); }

std::string token_hash(std::string_view token) {
  return base::to_hex(base::digest(base::as_bytes(token)));
}

std::int64_t Sessions::wait_s(const LogIn& log_in, std::int64_t now_s) {
  const auto now = static_cast<double>(now_s);
  const std::string pair = log_in.login + " " + log_in.peer;
  if (!by_address_.take(log_in.peer, now)) return by_address_.wait_s(log_in.peer, now);
  if (!by_pair_.take(pair, now)) return by_pair_.wait_s(pair, now);
  // A stranger who guesses must not lock out the person.
  if (!known_.contains(pair) && !by_login_.take(log_in.login, now)) {
    return by_login_.wait_s(log_in.login, now);
  }
  if (!all_.take("", now)) return all_.wait_s("", now);
  return 0;
}

Sessions::Answer Sessions::log_in(const desk::Accounts& accounts, const LogIn& log_in,
                                  std::int64_t now_s) {
  if (log_in.login.size() > 64) return {};
  if (const std::int64_t wait = wait_s(log_in, now_s); wait != 0) return {{}, wait};
  if (nobodys_hash_.empty()) nobodys_hash_ = desk::hash_password(random_hex());
  const desk::Account* account = accounts.find(log_in.login);
  const bool is_right =
      desk::is_password(log_in.password, account == nullptr ? nobodys_hash_ : account->password);
  const auto now_ns = static_cast<TimestampNs>(now_s) * kSecondNs;
  if (account == nullptr || !is_right || !account->is_usable(now_ns)) return {};
  if (!is_code(*account, log_in.code, now_s)) return {};
  known_[log_in.login + " " + log_in.peer] = now_s;
  forget_oldest(known_, kKnownMax);
  Session session;
  session.login = account->login;
  session.epoch = account->epoch;
  session.issued_s = session.seen_s = session.stepped_up_s = now_s;
  session.id = random_hex();
  return {session, 0};
}

Sessions::Answer Sessions::step_up(const desk::Accounts& accounts, Session session,
                                   std::string_view code, std::int64_t now_s) {
  const auto now = static_cast<double>(now_s);
  if (!codes_.take(session.login, now)) return {{}, codes_.wait_s(session.login, now)};
  const desk::Account* account = accounts.find(session.login);
  if (account == nullptr || !is_code(*account, code, now_s)) return {};
  session.stepped_up_s = now_s;
  return {std::move(session), 0};
}

// Each code is good once.
bool Sessions::is_code(const desk::Account& account, std::string_view code, std::int64_t now_s) {
  auto secret = desk::open_secret(account.totp, account.login, keys_.accounts);
  if (!secret) return false;
  const auto used = used_codes_.find(account.login);
  const auto step =
      totp_step(code, secret.value(), now_s, used == used_codes_.end() ? 0 : used->second);
  sodium_memzero(secret.value().data(), secret.value().size());
  if (!step) return false;
  used_codes_[account.login] = *step;
  forget_oldest(used_codes_, kUsedCodesMax);
  return true;
}

std::optional<Caller> Sessions::caller(const desk::Accounts& accounts,
                                       const net::HttpRequest& request, std::int64_t now_s) {
  const auto now_ns = static_cast<TimestampNs>(now_s) * kSecondNs;
  constexpr std::string_view kBearer = "Bearer ";
  if (const auto header = request.header("authorization"); header) {
    if (!header->starts_with(kBearer)) return std::nullopt;
    const auto holder = accounts.find_token(token_hash(header->substr(kBearer.size())));
    if (holder.account == nullptr || !holder.account->is_usable(now_ns) ||
        now_ns >= holder.token->expires_ns) {
      return std::nullopt;
    }
    return Caller{holder.account->login, holder.account->roles, std::nullopt};
  }
  const auto cookie = request.cookie(cookie_name(request.is_tls));
  if (!cookie) return std::nullopt;
  const auto session = read_cookie(*cookie);
  if (!session) return std::nullopt;
  const bool is_fresh = now_s - session->issued_s < kLongestS && now_s - session->seen_s < kIdleS;
  const desk::Account* account = accounts.find(session->login);
  if (!is_fresh || account == nullptr || !account->is_usable(now_ns) ||
      account->epoch != session->epoch || accounts.is_signed_out(name_of(*session))) {
    return std::nullopt;
  }
  return Caller{account->login, account->roles, session};
}

std::optional<Session> Sessions::read_cookie(std::string_view text) const {
  const std::size_t end = text.rfind('~');
  if (text.size() > 600 || end == std::string_view::npos) return std::nullopt;
  base::Digest mac{};
  if (!base::from_hex(text.substr(end + 1), mac)) return std::nullopt;
  const std::string_view signed_part = text.substr(0, end);
  if (!base::equal_constant_time(mac,
                                 base::keyed_digest(keys_.cookies, base::as_bytes(signed_part)))) {
    return std::nullopt;
  }
  const auto parts = parts_of(signed_part);
  Session session;
  if (parts.size() != 6 || !read_number(parts[1], session.epoch) ||
      !read_number(parts[2], session.issued_s) || !read_number(parts[3], session.seen_s) ||
      !read_number(parts[4], session.stepped_up_s)) {
    return std::nullopt;
  }
  session.login = parts[0];
  session.id = parts[5];
  return session;
}

std::string Sessions::set_cookie(Session session, bool is_tls, std::int64_t now_s) const {
  session.seen_s = now_s;
  const std::string text = cookie_text(session);
  const base::Digest mac = base::keyed_digest(keys_.cookies, base::as_bytes(text));
  return fmt::format("{}={}~{}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(is_tls), text,
                     base::to_hex(mac), is_tls ? "; Secure" : "");
}

std::string Sessions::clear_cookie(bool is_tls) {
  return fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{}", cookie_name(is_tls),
                     is_tls ? "; Secure" : "");
}

std::string Sessions::csrf_token(const Session& session) const {
  const std::string text = "csrf~" + session.id;
  return base::to_hex(base::keyed_digest(keys_.cookies, base::as_bytes(text)));
}

bool Sessions::is_csrf_token(const Session& session, std::string_view token) const {
  base::Digest shown{};
  base::Digest right{};
  return base::from_hex(token, shown) && base::from_hex(csrf_token(session), right) &&
         base::equal_constant_time(shown, right);
}

std::string Sessions::name_of(const Session& session) {
  const std::string text = "session~" + session.id;
  return base::to_hex(base::digest(base::as_bytes(text)));
}

}  // namespace okiagari::web

#include "desk/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/signature.h"

namespace okiagari::desk {

namespace {

bool is_login(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

TimestampNs expiry_of(const boost::json::object& body) {
  const boost::json::value* value = body.if_contains("expires_ns");
  if (value == nullptr || value->is_null()) return kNever;
  boost::system::error_code error;
  const auto expires_ns = value->to_number<TimestampNs>(error);
  return error ? 0 : expires_ns;
}

base::Status read_roles(const boost::json::object& body, Account& account) {
  if (!body.contains("roles")) return {};
  Roles roles;
  for (const std::string& name : texts_of(body, "roles")) {
    const auto role = parse_role(name);
    if (!role) return base::Error{fmt::format("there is no role '{}'", name)};
    roles.add(*role);
  }
  if (roles.empty()) return base::Error{"'roles' names at least one role"};
  if (roles.has(Role::admin) && !roles.within(Roles(Role::admin, Role::viewer, Role::compliance))) {
    return base::Error{"who keeps the accounts has no power over the market: give another account"};
  }
  account.roles = roles;
  return {};
}

// Somebody from outside comes for one incident and for a time, and is nothing else here.
base::Status check_expert(const Account& account) {
  if (!account.roles.has(Role::outside_expert)) {
    return account.incident.empty()
               ? base::Status()
               : base::Error{"'incident' binds an outside_expert, and nobody else"};
  }
  if (account.roles != Roles(Role::outside_expert)) {
    return base::Error{"an outside_expert has no other role: give another account"};
  }
  if (!account.incident.empty() && account.expires_ns == kNever) {
    return base::Error{"an outside_expert's account ends: 'expires_ns' is missing"};
  }
  return {};
}

base::Status read_operator(const boost::json::object& body, Account& account) {
  const std::int64_t id = number_or(body, "operator", account.operator_id);
  if (id < 0 || id > 65'535) return base::Error{"'operator' is 0 to 65535"};
  account.operator_id = static_cast<std::uint16_t>(id);
  account.public_key = text_or(body, "public_key", account.public_key);
  base::PublicKey key{};
  if (!account.public_key.empty() && !base::from_hex(account.public_key, key)) {
    return base::Error{"'public_key' is 64 hex digits"};
  }
  return {};
}

base::Status read_account(const boost::json::object& body, Account& account) {
  account.name = text_or(body, "name", account.name);
  account.language = text_or(body, "language", account.language);
  account.password = text_or(body, "password", account.password);
  account.totp = text_or(body, "totp", account.totp);
  account.is_locked = flag_or(body, "locked", account.is_locked);
  if (body.contains("expires_ns")) account.expires_ns = expiry_of(body);
  if (base::Status status = read_roles(body, account); !status) return status;
  account.incident = text_or(body, "incident", account.incident);
  if (base::Status status = check_expert(account); !status) return status;
  if (base::Status status = read_operator(body, account); !status) return status;
  if (account.name.empty() || account.name.size() > 200) return base::Error{"'name' is missing"};
  if (account.language != "ja" && account.language != "en") {
    return base::Error{"'language' is ja or en"};
  }
  if (account.roles.empty()) return base::Error{"'roles' is missing"};
  if (!account.password.starts_with("$argon2id$") || account.password.size() > 200) {
    return base::Error{"'password' is an argon2id hash"};
  }
  if (account.totp.empty() || account.totp.size() > 400) {
    return base::Error{"'totp' is a sealed secret"};
  }
  return {};
}

bool ends_sessions(const Account& before, const Account& after) {
  return before.password != after.password || before.totp != after.totp ||
         before.roles != after.roles || before.is_locked != after.is_locked ||
         before.expires_ns != after.expires_ns || before.incident != after.incident;
}

}  // namespace

const Account* Accounts::find(std::string_view login) const {
  const auto found = accounts_.find(login);
  return found == accounts_.end() ? nullptr : &found->second;
}

bool Accounts::is_signed_out(std::string_view session) const {
  return signed_out_.contains(session);
}

Accounts::TokenHolder Accounts::find_token(std::string_view hash) const {
  const auto login = token_logins_.find(hash);
  if (login == token_logins_.end()) return {};
  const Account& account = accounts_.at(login->second);
  for (const auto& [id, token] : account.tokens) {
    if (token.hash == hash) return {&account, &token};
  }
  return {};
}

base::Status Accounts::apply(const Entry& entry, Context& context) {
  if (entry.what() == "set") return set(entry, context);
  if (entry.what() == "signed_out") return sign_out(entry, context);
  const std::string login = text_or(entry.body, "login");
  const auto found = accounts_.find(login);
  if (found == accounts_.end()) return base::Error{fmt::format("there is no account '{}'", login)};
  if (entry.what() == "token") return add_token(found->second, entry, context);
  if (entry.what() == "token_remove") return remove_token(found->second, entry, context);
  if (entry.what() != "remove") {
    return base::Error{fmt::format("there is no entry '{}'", entry.type)};
  }
  for (const auto& [id, token] : found->second.tokens) token_logins_.erase(token.hash);
  accounts_.erase(found);
  context.note(
      "", "account.removed",
      {fmt::format("account {} is removed", login), fmt::format("アカウント {} を削除", login)},
      {{"login", login}});
  return {};
}

base::Status Accounts::set(const Entry& entry, Context& context) {
  const std::string login = text_or(entry.body, "login");
  if (!is_login(login)) return base::Error{"'login' is 1 to 64 of a-z, 0-9, '-', '_' and '.'"};
  const auto found = accounts_.find(login);
  if (found == accounts_.end() && accounts_.size() >= kMost) {
    return base::Error{fmt::format("there are {} accounts already; remove one", kMost)};
  }
  const Account before = found == accounts_.end() ? Account{} : found->second;
  Account account = before;
  account.login = login;
  if (base::Status status = read_account(entry.body, account); !status) return status;
  if (ends_sessions(before, account)) account.epoch = ++changes_;
  std::string roles;
  for (const std::string& role : account.roles.names()) {
    roles += (roles.empty() ? "" : ", ") + role;
  }
  // What concerns an incident stands in its own timeline too.
  context.note(
      account.incident, "account.set",
      {fmt::format("account {}: {}{}", login, roles, account.is_locked ? ", locked" : ""),
       fmt::format("アカウント {}: {}{}", login, roles, account.is_locked ? "（ロック中）" : "")},
      {{"login", login}, {"expires_ns", account.expires_ns}});
  accounts_[login] = std::move(account);
  return {};
}

base::Status Accounts::add_token(Account& account, const Entry& entry, Context& context) {
  AccountToken token;
  token.id = text_or(entry.body, "id");
  token.name = text_or(entry.body, "name");
  token.hash = text_or(entry.body, "hash");
  token.expires_ns = expiry_of(entry.body);
  base::Digest hash{};
  if (token.id.empty() || token.id.size() > 64 || token.name.size() > 100 ||
      !base::from_hex(token.hash, hash)) {
    return base::Error{"a token has 'id', 'name' and 'hash'"};
  }
  if (account.tokens.size() >= kTokensMax) {
    return base::Error{fmt::format("{} has {} tokens; remove one", account.login, kTokensMax)};
  }
  if (account.tokens.contains(token.id) || token_logins_.contains(token.hash)) {
    return base::Error{"that token is there already"};
  }
  context.note("", "account.token",
               {fmt::format("{} has a new token for the command line", account.login),
                fmt::format("{} のコマンド行用トークンを発行", account.login)},
               {{"login", account.login}, {"token", token.id}});
  token_logins_[token.hash] = account.login;
  account.tokens.emplace(token.id, std::move(token));
  return {};
}

base::Status Accounts::remove_token(Account& account, const Entry& entry, Context& context) {
  const auto found = account.tokens.find(text_or(entry.body, "id"));
  if (found == account.tokens.end()) return base::Error{"there is no such token"};
  context.note("", "account.token_removed",
               {fmt::format("a token of {} is removed", account.login),
                fmt::format("{} のトークンを失効", account.login)},
               {{"login", account.login}, {"token", found->first}});
  token_logins_.erase(found->second.hash);
  account.tokens.erase(found);
  return {};
}

base::Status Accounts::sign_out(const Entry& entry, Context&) {
  const std::string session = text_or(entry.body, "session");
  base::Digest hash{};
  if (!base::from_hex(session, hash)) return base::Error{"'session' is 64 hex digits"};
  if (!signed_out_.insert(session).second) return {};
  signed_out_order_.push_back(session);
  if (signed_out_order_.size() > kSignedOutMax) {
    signed_out_.erase(signed_out_order_.front());
    signed_out_order_.pop_front();
  }
  return {};
}

boost::json::object to_json(const Account& account) {
  boost::json::array tokens;
  for (const auto& [id, token] : account.tokens) {
    tokens.push_back({{"id", id}, {"name", token.name}, {"expires_ns", token.expires_ns}});
  }
  boost::json::array roles;
  for (const std::string& role : account.roles.names()) roles.emplace_back(role);
  return {{"login", account.login},          {"name", account.name},
          {"roles", std::move(roles)},       {"language", account.language},
          {"operator", account.operator_id}, {"public_key", account.public_key},
          {"locked", account.is_locked},     {"expires_ns", account.expires_ns},
          {"incident", account.incident},    {"tokens", std::move(tokens)}};
}

boost::json::value Accounts::view() const {
  boost::json::array array;
  for (const auto& [login, account] : accounts_) array.push_back(to_json(account));
  return array;
}

}  // namespace okiagari::desk

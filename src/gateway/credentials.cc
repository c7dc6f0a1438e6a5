#include "gateway/credentials.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace okiagari::gateway {

namespace {

base::Error at(const std::string& origin, const toml::source_region& where,
               const std::string& what) {
  return {fmt::format("{}, line {}: {}", origin, where.begin.line, what)};
}

// The name of the first key that is none of `known`, or nothing.
std::string unknown_key(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      return std::string(key.str());
    }
  }
  return {};
}

base::Result<Credential> parse_session(const toml::table& table, const std::string& origin) {
  const auto wrong = [&](const std::string& what) { return at(origin, table.source(), what); };
  const std::string unknown = unknown_key(
      table, {"session", "name", "token_hash", "cancel_on_disconnect", "orders_per_second"});
  if (!unknown.empty()) {
    return wrong(
        fmt::format("a session has no key '{}'; it has session, name, token_hash, "
                    "cancel_on_disconnect, orders_per_second",
                    unknown));
  }
  Credential credential;
  const auto session = table["session"].value<std::int64_t>();
  if (!session || *session < 1 || *session > UINT16_MAX) {
    return wrong("'session' must be a number from 1 to 65535");
  }
  credential.session = static_cast<SessionId>(*session);
  credential.name = table["name"].value_or(std::string());
  if (credential.name.empty() || credential.name.size() > kSessionNameCharactersMax) {
    return wrong("'name' must have 1 to 6 characters");
  }
  const auto hash = table["token_hash"].value_or(std::string());
  if (!base::from_hex(hash, credential.token_hash)) {
    return wrong("'token_hash' must have 64 hexadecimal digits");
  }
  credential.cancel_on_disconnect = table["cancel_on_disconnect"].value_or(false);
  const auto limit = table["orders_per_second"].value_or(std::int64_t{0});
  if (limit < 0 || limit > UINT32_MAX) return wrong("'orders_per_second' is out of range");
  credential.orders_per_second = static_cast<std::uint32_t>(limit);
  return credential;
}

base::Result<Credentials> from_table(const toml::table& root, const std::string& origin) {
  const std::string unknown = unknown_key(root, {"key", "sessions"});
  if (!unknown.empty()) {
    return at(origin, root.source(),
              fmt::format("there is no key '{}'; there are key and sessions", unknown));
  }
  CredentialKey key;
  if (!base::from_hex(root["key"].value_or(std::string()), key)) {
    return at(origin, root.source(), "'key' must have 64 hexadecimal digits");
  }
  Credentials credentials(key);
  const toml::array* sessions = root["sessions"].as_array();
  if (sessions == nullptr) return credentials;
  for (const toml::node& node : *sessions) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return at(origin, node.source(), "a session must be a table");
    auto credential = parse_session(*table, origin);
    if (!credential.ok()) return credential.error();
    if (!credentials.add(std::move(credential.value()))) {
      return at(origin, table->source(), "a session or a name that is there already");
    }
  }
  return credentials;
}

}  // namespace

base::Result<Credentials> Credentials::load(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return base::Error{fmt::format("{}: cannot be read; it holds the members' log-ins", path)};
  }
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path);
}

base::Result<Credentials> Credentials::parse(std::string_view toml, const std::string& origin) {
  try {
    return from_table(toml::parse(toml, origin), origin);
  } catch (const toml::parse_error& error) {
    return at(origin, error.source(), std::string(error.description()));
  }
}

bool Credentials::add(Credential credential) {
  if (credential.session == 0 || credential.name.empty() ||
      credential.name.size() > kSessionNameCharactersMax || find(credential.session) != nullptr) {
    return false;
  }
  std::string name = credential.name;
  return by_name_.emplace(std::move(name), std::move(credential)).second;
}

std::string Credentials::to_toml() const {
  std::string text = fmt::format("key = \"{}\"\n", base::to_hex(key_));
  for (const auto& [name, credential] : by_name_) {
    fmt::format_to(std::back_inserter(text),
                   "\n[[sessions]]\nsession = {}\nname = \"{}\"\ntoken_hash = \"{}\"\n"
                   "cancel_on_disconnect = {}\norders_per_second = {}\n",
                   credential.session, name, base::to_hex(credential.token_hash),
                   credential.cancel_on_disconnect, credential.orders_per_second);
  }
  return text;
}

const Credential* Credentials::verify(std::string_view name, std::string_view token) const {
  const auto found = by_name_.find(name);
  const base::Digest given = hash_token(key_, name, token);
  static const base::Digest kNobody{};
  const bool is_right = base::equal_constant_time(
      given, found == by_name_.end() ? kNobody : found->second.token_hash);
  return is_right && found != by_name_.end() ? &found->second : nullptr;
}

const Credential* Credentials::find(SessionId session) const {
  for (const auto& [name, credential] : by_name_) {
    if (credential.session == session) return &credential;
  }
  return nullptr;
}

base::Digest Credentials::hash_token(const CredentialKey& key, std::string_view name,
                                     std::string_view token) {
  std::string message(name);
  message.resize(kSessionNameCharactersMax, ' ');
  message += token;
  message.resize(kSessionNameCharactersMax + kTokenCharactersMax, ' ');
  return base::keyed_digest(key, base::as_bytes(message));
}

}  // namespace okiagari::gateway

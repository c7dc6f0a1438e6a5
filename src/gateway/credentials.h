// Who may log in: sessions by name, with the keyed hash of their token. Tokens are random, so one
// fast keyed hash is enough, and ten thousand log-ins at once are no outage. docs/gateway.md shows
// the file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/types.h"

namespace okiagari::gateway {

using CredentialKey = base::Digest;

struct Credential {
  SessionId session = 0;
  std::string name;  // SoupBinTCP user name, 1 to 6 characters
  base::Digest token_hash{};
  bool cancel_on_disconnect = false;
  std::uint32_t orders_per_second = 0;  // 0: no limit
};

inline constexpr std::size_t kSessionNameCharactersMax = 6;
inline constexpr std::size_t kTokenCharactersMax = 10;  // SoupBinTCP password

class Credentials {
 public:
  // The errors name the file's line or key and what is wrong with it.
  [[nodiscard]] static base::Result<Credentials> load(const std::string& path);
  [[nodiscard]] static base::Result<Credentials> parse(std::string_view toml,
                                                       const std::string& origin);

  explicit Credentials(const CredentialKey& key) : key_(key) {}
  // False when the session or the name is there already, or the name does not fit.
  [[nodiscard]] bool add(Credential credential);
  [[nodiscard]] std::string to_toml() const;

  // Null unless name and token belong together; takes as long either way.
  [[nodiscard]] const Credential* verify(std::string_view name, std::string_view token) const;
  [[nodiscard]] const Credential* find(SessionId session) const;
  [[nodiscard]] const std::map<std::string, Credential, std::less<>>& by_name() const {
    return by_name_;
  }

  // The hash is bound to the name, so that two sessions with one token do not show it.
  [[nodiscard]] static base::Digest hash_token(const CredentialKey& key, std::string_view name,
                                               std::string_view token);

 private:
  CredentialKey key_;
  std::map<std::string, Credential, std::less<>> by_name_;
};

}  // namespace okiagari::gateway

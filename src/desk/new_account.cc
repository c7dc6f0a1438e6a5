#include "desk/new_account.h"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

constexpr unsigned long long kPasswordWork = 3;
constexpr std::size_t kPasswordMemoryBytes = 32u << 20;
constexpr std::size_t kPasswordBytesMin = 12;
constexpr std::size_t kPasswordBytesMax = 500;
constexpr std::size_t kTotpBytes = 20;

std::string base32(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += kDigits[(held >> (bits - 5)) & 31u];
  }
  if (bits > 0) text += kDigits[(held << (5 - bits)) & 31u];
  return text;
}

}  // namespace

base::Status check_password(std::string_view password) {
  if (password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax) return {};
  return base::Error{
      fmt::format("a password has {} to {} bytes", kPasswordBytesMin, kPasswordBytesMax)};
}

std::string hash_password(std::string_view password) {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  const int failed =
      crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasswordWork,
                            kPasswordMemoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  ASSERT(failed == 0, "no {} bytes of memory to hash a password", kPasswordMemoryBytes);
  hash.resize(hash.find('\0'));
  return hash;
}

bool is_password(std::string_view password, const std::string& hash) {
  return password.size() <= kPasswordBytesMax &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::string make_totp_secret() {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  std::string secret(kTotpBytes, '\0');
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

std::string totp_address(std::string_view login, std::string_view totp_secret) {
  return fmt::format("otpauth://totp/Okiagari:{}?secret={}&issuer=Okiagari", login,
                     base32(totp_secret));
}

base::Result<Entry> account_entry(const NewAccount& account, std::string by, const BoxKey& key) {
  if (base::Status status = check_password(account.password); !status) return status.error();
  if (account.totp_secret.size() < 16) return base::Error{"a shared secret has 16 bytes or more"};
  Entry entry;
  entry.type = "account.set";
  entry.by = std::move(by);
  boost::json::array roles;
  for (const std::string& role : account.roles) roles.emplace_back(role);
  entry.body = {{"login", account.login},
                {"name", account.name},
                {"roles", std::move(roles)},
                {"language", account.language},
                {"operator", account.operator_id},
                {"public_key", account.public_key},
                {"password", hash_password(account.password)},
                {"totp", seal_secret(account.totp_secret, account.login, key)}};
  return entry;
}

}  // namespace okiagari::desk

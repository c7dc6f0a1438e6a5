// Makes the entry that lets a person in, with everything secret hashed or sealed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "desk/entry.h"
#include "desk/secret_box.h"

namespace okiagari::desk {

struct NewAccount {
  std::string login;
  std::string name;
  std::vector<std::string> roles;
  std::string language = "ja";
  std::uint16_t operator_id = 0;
  std::string public_key;  // hex
  std::string password;
  std::string totp_secret;  // 20 bytes; see make_totp_secret()
};

// The error says what a password must be.
[[nodiscard]] base::Status check_password(std::string_view password);
// The work of hashing one password: about 50 ms and 32 MiB.
[[nodiscard]] std::string hash_password(std::string_view password);
// Takes as long whether it is right or not.
[[nodiscard]] bool is_password(std::string_view password, const std::string& hash);

[[nodiscard]] std::string make_totp_secret();
// What an authenticator's camera reads: "otpauth://totp/...".
[[nodiscard]] std::string totp_address(std::string_view login, std::string_view totp_secret);

// "account.set".
[[nodiscard]] base::Result<Entry> account_entry(const NewAccount& account, std::string by,
                                                const BoxKey& key);

}  // namespace okiagari::desk

// Who may come in: people's log-ins, roles, and what their sessions and tokens are checked against.
// Only hashes and sealed secrets are in here; they are made and checked at the doors
// (desk/new_account.h, web/sessions.h).
//
// Entries: account.set {login, name, roles, language, operator, public_key, password, totp, locked,
// expires_ns, incident}, where what is left out stays as it was; account.remove {login};
// account.token {login, id, name, hash, expires_ns}; account.token_remove {login, id};
// account.signed_out {session}.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"
#include "desk/role.h"

namespace okiagari::desk {

struct AccountToken {
  std::string id;
  std::string name;
  std::string hash;  // of the token, hex
  TimestampNs expires_ns = kNever;
};

struct Account {
  std::string login;
  std::string name;
  Roles roles;
  std::string language = "ja";
  std::uint16_t operator_id = 0;  // 0: signs nothing
  std::string public_key;         // hex
  std::string password;           // argon2id, in libsodium's text form
  std::string totp;               // the shared secret, sealed with the desks' key, hex
  bool is_locked = false;
  TimestampNs expires_ns = kNever;
  std::string incident;  // of an expert from outside: the one that they may look at
  // Changes with everything that ends the sessions there are: another password, other roles.
  std::uint64_t epoch = 0;
  std::map<std::string, AccountToken> tokens;  // by id

  [[nodiscard]] bool is_usable(TimestampNs now_ns) const {
    return !is_locked && now_ns < expires_ns;
  }
};

class Accounts final : public Part {
 public:
  static constexpr std::size_t kMost = 2'000;
  static constexpr std::size_t kTokensMax = 20;
  // Of sessions that were ended before their time; the oldest is forgotten.
  static constexpr std::size_t kSignedOutMax = 20'000;

  [[nodiscard]] const Account* find(std::string_view login) const;
  [[nodiscard]] bool is_signed_out(std::string_view session) const;
  // The account that has a token with this hash, and that token.
  struct TokenHolder {
    const Account* account = nullptr;
    const AccountToken* token = nullptr;
  };
  [[nodiscard]] TokenHolder find_token(std::string_view hash) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"account"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  // Without passwords, secrets and hashes.
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status set(const Entry& entry, Context& context);
  base::Status add_token(Account& account, const Entry& entry, Context& context);
  base::Status remove_token(Account& account, const Entry& entry, Context& context);
  base::Status sign_out(const Entry& entry, Context& context);

  std::map<std::string, Account, std::less<>> accounts_;
  std::map<std::string, std::string, std::less<>> token_logins_;  // by hash
  std::set<std::string, std::less<>> signed_out_;
  std::deque<std::string> signed_out_order_;
  std::uint64_t changes_ = 0;
};

[[nodiscard]] boost::json::object to_json(const Account& account);

}  // namespace okiagari::desk

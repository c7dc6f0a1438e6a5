// What the courier must know and the log must not: the mail server with its password, the keys of
// webhooks and pagers, the commands of sirens, the key of acknowledgement links. One file for each
// desk, the same on all of them; config/courier.toml is the example.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "desk/ack_token.h"

namespace okiagari::desk {

enum class MailSecurity : std::uint8_t { none, starttls, tls };

struct MailSettings {
  std::string host;  // empty: no mail is sent from here
  std::uint16_t port = 587;
  MailSecurity security = MailSecurity::starttls;
  std::string user;  // empty: no log-in
  std::string password;
  std::string from;       // an address
  std::string from_name;  // may be empty
};

struct CourierSettings {
  MailSettings mail;
  std::map<std::string, std::string, std::less<>> secrets;              // by name
  std::map<std::string, std::vector<std::string>, std::less<>> sirens;  // commands, by name
  std::string public_url;  // of the desk, without a slash at its end; links begin with it
  AckKey ack_key{};
  std::string ca_file;  // empty: those that the system trusts
  std::string proxy;    // empty: none
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t http_timeout_ms = 10'000;
  std::uint32_t mail_timeout_ms = 30'000;
  std::uint32_t siren_timeout_ms = 10'000;
  // Under way at once, in all and to one host: one that hangs costs only itself.
  std::uint32_t in_flight_max = 64;
  std::uint32_t per_host_max = 8;
};

// Errors name the origin, the line and the key. A file that others than its owner may read is one.
[[nodiscard]] base::Result<CourierSettings> load_courier_settings(const std::string& path);
[[nodiscard]] base::Result<CourierSettings> parse_courier_settings(std::string_view text,
                                                                   const std::string& origin);

}  // namespace okiagari::desk

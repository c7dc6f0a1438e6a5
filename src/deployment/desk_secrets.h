// The keys of a desk that are nobody's but its own: with which it signs notices, links in mails and
// sessions. One file that all desks of a market have, readable by its owner alone.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace okiagari::deployment {

struct DeskSecrets {
  using Key = std::array<std::byte, 32>;
  Key notice_seed{};        // Ed25519, of the key that notices and the page's copy are signed with
  Key link_key{};           // of acknowledgement and subscription links
  Key session_key{};        // of log-ins
  Key alert_key{};          // that senders of alerts show
  Key second_factor_key{};  // seals people's second factors
};

// Makes the file when it is not there. The error says what is wrong with it: it is not made anew
// over one that is damaged, because every link and log-in would end.
[[nodiscard]] base::Result<DeskSecrets> load_or_make_secrets(const std::string& path);

}  // namespace okiagari::deployment

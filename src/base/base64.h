// Base64 (RFC 4648) with padding, by libsodium: bodies of mails, signatures of webhooks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okiagari::base {

[[nodiscard]] std::string to_base64(std::string_view bytes);
// Nothing when it is none.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace okiagari::base

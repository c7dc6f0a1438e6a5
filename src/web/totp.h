// One-time codes of a shared secret and the time (RFC 6238: HMAC-SHA-1, 30 s, 6 digits), as every
// authenticator makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okiagari::web {

inline constexpr std::int64_t kTotpStepS = 30;

[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step);
// The step whose code it is: that of now, or a neighbour for clocks that differ. Codes of steps up
// to `used_step` were taken already.
[[nodiscard]] std::optional<std::int64_t> totp_step(std::string_view code, std::string_view secret,
                                                    std::int64_t now_s, std::int64_t used_step);

}  // namespace okiagari::web

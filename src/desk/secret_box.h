// Secrets that stand in the desk's log, sealed: readable only with a key that every desk has and
// that is in no log.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace okiagari::desk {

using BoxKey = std::array<std::byte, 32>;

// Hex of a random nonce and the sealed text. `bound_to` must be the same again when it is opened,
// so that one person's secret cannot be put in the place of another's.
[[nodiscard]] std::string seal_secret(std::string_view text, std::string_view bound_to,
                                      const BoxKey& key);
[[nodiscard]] base::Result<std::string> open_secret(std::string_view sealed,
                                                    std::string_view bound_to, const BoxKey& key);

}  // namespace okiagari::desk

// Tokens in the links of subscribers: keyed hashes, so that nothing has to be kept to know them
// again, and nobody can make one.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace okiagari::web {

class SubscriptionTokens {
 public:
  using Key = std::array<std::byte, 32>;
  explicit SubscriptionTokens(const Key& key) : key_(key) {}

  // One for each target, which does not tell the target.
  [[nodiscard]] std::string id_of(std::string_view kind, std::string_view target) const;
  // For exactly this choice: a link of an older request does not confirm a newer one.
  [[nodiscard]] std::string confirm_token(std::string_view id,
                                          const std::vector<std::string>& components,
                                          std::string_view language) const;
  [[nodiscard]] std::string leave_token(std::string_view id) const;

 private:
  [[nodiscard]] std::string token(std::string_view purpose, std::string_view of) const;
  Key key_;
};

// In constant time.
[[nodiscard]] bool is_same_token(std::string_view a, std::string_view b);

}  // namespace okiagari::web

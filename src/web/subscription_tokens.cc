#include "web/subscription_tokens.h"

#include <fmt/format.h>
#include <sodium.h>

#include "base/hash.h"

namespace okiagari::web {

std::string SubscriptionTokens::token(std::string_view purpose, std::string_view of) const {
  const std::string message = fmt::format("okiagari subscription\n{}\n{}", purpose, of);
  return base::to_hex(base::keyed_digest(key_, base::as_bytes(message)));
}

std::string SubscriptionTokens::id_of(std::string_view kind, std::string_view target) const {
  return token("id", fmt::format("{}\n{}", kind, target)).substr(0, 16);
}

std::string SubscriptionTokens::confirm_token(std::string_view id,
                                              const std::vector<std::string>& components,
                                              std::string_view language) const {
  std::string chosen = fmt::format("{}\n{}", id, language);
  for (const std::string& component : components) chosen.append("\n").append(component);
  return token("confirm", chosen);
}

std::string SubscriptionTokens::leave_token(std::string_view id) const {
  return token("leave", id);
}

bool is_same_token(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace okiagari::web

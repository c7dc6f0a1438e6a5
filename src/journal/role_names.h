// What a server is to the others, in words: reports, metrics and evidence say the same.
#pragma once

#include <array>
#include <string_view>

#include "journal/replica.h"

namespace okiagari::journal {

// In the order of their numbers, which begin at 1.
inline constexpr std::array<std::string_view, 4> kRoleNames{"follower", "candidate", "leader",
                                                            "standby"};

// Also of a number that somebody else sent; "unknown" when it is none.
[[nodiscard]] constexpr std::string_view name_of(Role role) {
  const auto place = static_cast<std::size_t>(role) - 1;
  return place < kRoleNames.size() ? kRoleNames[place] : "unknown";
}
static_assert(name_of(Role::follower) == "follower" && name_of(Role::standby) == "standby");

}  // namespace okiagari::journal

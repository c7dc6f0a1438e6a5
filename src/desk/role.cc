#include "desk/role.h"

#include <algorithm>
#include <array>

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, kRoles> kNames = {"viewer",
                                                         "duty_officer",
                                                         "incident_commander",
                                                         "market_ops_approver",
                                                         "comms_approver",
                                                         "technology_approver",
                                                         "claims_officer",
                                                         "compliance",
                                                         "regulator_room",
                                                         "drill_lead",
                                                         "admin",
                                                         "outside_expert"};

}  // namespace

std::string_view to_string(Role role) { return kNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Role>(found - kNames.begin());
}

std::vector<std::string> Roles::names() const {
  std::vector<std::string> names;
  for (std::size_t role = 0; role < kRoles; ++role) {
    if (has(static_cast<Role>(role))) names.emplace_back(kNames[role]);
  }
  return names;
}

}  // namespace okiagari::desk

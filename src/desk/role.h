// What people are on the desk. Roles are given one by one; what each may do is web/powers.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okiagari::desk {

enum class Role : std::uint8_t {
  viewer,
  duty_officer,
  incident_commander,
  market_ops_approver,
  comms_approver,
  technology_approver,
  claims_officer,
  compliance,
  regulator_room,
  drill_lead,
  admin,  // keeps the accounts and has no power over the market
  outside_expert,
};
inline constexpr std::size_t kRoles = 12;

[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  template <typename... R>
  constexpr explicit Roles(Role first, R... rest) {
    add(first);
    (add(rest), ...);
  }
  constexpr void add(Role role) { bits_ |= 1u << static_cast<unsigned>(role); }
  [[nodiscard]] constexpr bool has(Role role) const {
    return ((bits_ >> static_cast<unsigned>(role)) & 1u) != 0;
  }
  [[nodiscard]] constexpr bool meets(Roles other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr bool within(Roles other) const { return (bits_ & ~other.bits_) == 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::vector<std::string> names() const;

  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace okiagari::desk

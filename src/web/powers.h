// Which role may do what, as data. Everything that a request can ask for needs one of these powers,
// and a power that no row gives to a role is not that role's.
#pragma once

#include <cstdint>
#include <string_view>

#include "desk/role.h"

namespace okiagari::web {

enum class Power : std::uint8_t {
  open,             // nobody needs to be known
  self,             // one's own session and tokens
  look_public,      // what the public is told, with its drafts
  look,             // everything else that helps in an outage
  look_people,      // contacts, who was called
  look_audit,       // the whole record, with its proof
  look_incident,    // one incident; an expert from outside, the one that is theirs
  take_bundle,      // all of it in one file; likewise
  write,            // notes and links in an incident
  command,          // severity, state, roles, merging: the incident itself
  run_playbook,     // steps done, skipped, extended
  stop_market,      // one person is enough
  propose,          // acts that two must sign
  sign,             // one of the two
  page,             // call people, hand over
  acknowledge,      // "I am on it"
  draft_notice,     // write what the public is told
  release_notice,   // the second person
  set_component,    // what a component's state is said to be
  plan_work,        // maintenance
  manage_accounts,  // who may come in
};
inline constexpr std::size_t kPowers = 21;

[[nodiscard]] std::string_view to_string(Power power);
[[nodiscard]] desk::Roles roles_with(Power power);
[[nodiscard]] bool may(desk::Roles roles, Power power);
// Only as an expert from outside: then for the incident of the account, and no other.
[[nodiscard]] bool is_bound_to_incident(desk::Roles roles, Power power);

}  // namespace okiagari::web

#include "web/powers.h"

#include <array>

namespace okiagari::web {

namespace {

using enum desk::Role;
using desk::Roles;

struct Row {
  Power power;
  std::string_view name;
  Roles roles;
};

constexpr Roles kEverybody(viewer, duty_officer, incident_commander, market_ops_approver,
                           comms_approver, technology_approver, claims_officer, compliance,
                           regulator_room, drill_lead, admin);
constexpr Roles kAnybody(viewer, duty_officer, incident_commander, market_ops_approver,
                         comms_approver, technology_approver, claims_officer, compliance,
                         regulator_room, drill_lead, admin, outside_expert);
constexpr Roles kOfIncident(viewer, duty_officer, incident_commander, market_ops_approver,
                            comms_approver, technology_approver, claims_officer, compliance,
                            drill_lead, admin, outside_expert);
constexpr Roles kInsiders(viewer, duty_officer, incident_commander, market_ops_approver,
                          comms_approver, technology_approver, claims_officer, compliance,
                          drill_lead, admin);
constexpr Roles kWorkers(duty_officer, incident_commander, market_ops_approver, comms_approver,
                         technology_approver, claims_officer, drill_lead);

constexpr std::array<Row, kPowers> kTable = {{
    {Power::open, "open", kAnybody},
    {Power::self, "self", kAnybody},
    {Power::look_public, "look_public", kEverybody},
    {Power::look, "look", kInsiders},
    {Power::look_people, "look_people",
     Roles(duty_officer, incident_commander, market_ops_approver, comms_approver,
           technology_approver, compliance, drill_lead, admin)},
    {Power::look_audit, "look_audit", Roles(incident_commander, compliance, admin)},
    {Power::look_incident, "look_incident", kOfIncident},
    {Power::take_bundle, "take_bundle",
     Roles(duty_officer, incident_commander, compliance, admin, outside_expert)},
    {Power::write, "write", kWorkers},
    {Power::command, "command", Roles(duty_officer, incident_commander)},
    {Power::run_playbook, "run_playbook",
     Roles(duty_officer, incident_commander, market_ops_approver)},
    {Power::stop_market, "stop_market",
     Roles(duty_officer, incident_commander, market_ops_approver)},
    {Power::propose, "propose",
     Roles(incident_commander, market_ops_approver, technology_approver)},
    {Power::sign, "sign", Roles(market_ops_approver, technology_approver)},
    {Power::page, "page", Roles(duty_officer, incident_commander)},
    {Power::acknowledge, "acknowledge", kWorkers},
    {Power::draft_notice, "draft_notice", Roles(duty_officer, incident_commander, comms_approver)},
    {Power::release_notice, "release_notice", Roles(incident_commander, comms_approver)},
    {Power::set_component, "set_component",
     Roles(duty_officer, incident_commander, comms_approver)},
    {Power::plan_work, "plan_work", Roles(duty_officer, incident_commander, technology_approver)},
    {Power::manage_accounts, "manage_accounts", Roles(admin)},
}};

// The table is looked up by place.
consteval bool is_in_order() {
  for (std::size_t at = 0; at < kTable.size(); ++at) {
    if (kTable[at].power != static_cast<Power>(at)) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::string_view to_string(Power power) { return kTable[static_cast<std::size_t>(power)].name; }

desk::Roles roles_with(Power power) { return kTable[static_cast<std::size_t>(power)].roles; }

bool may(desk::Roles roles, Power power) {
  return power == Power::open || roles.meets(roles_with(power));
}

bool is_bound_to_incident(desk::Roles roles, Power power) {
  desk::Roles others;
  for (std::size_t role = 0; role < desk::kRoles; ++role) {
    const auto one = static_cast<desk::Role>(role);
    if (one != outside_expert && roles.has(one)) others.add(one);
  }
  return roles.has(outside_expert) && !others.meets(roles_with(power)) && power != Power::open &&
         power != Power::self;
}

}  // namespace okiagari::web

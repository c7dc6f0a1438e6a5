// Who may do what, written down a second time: by hand, role by role, not from the table.
#include "web/powers.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace okiagari::web {
namespace {

using desk::Role;
using desk::Roles;

std::set<std::string> powers_of(Role role) {
  std::set<std::string> found;
  for (std::size_t power = 0; power < kPowers; ++power) {
    if (may(Roles(role), static_cast<Power>(power))) {
      found.emplace(to_string(static_cast<Power>(power)));
    }
  }
  return found;
}

std::set<std::string> who_may(Power power) {
  const auto names = roles_with(power).names();
  return {names.begin(), names.end()};
}

TEST(PowersTest, ActsOnTheMarketAndWordsToThePublicAreForTheseRolesAndNoOthers) {
  using Names = std::set<std::string>;
  EXPECT_EQ(who_may(Power::stop_market),
            (Names{"duty_officer", "incident_commander", "market_ops_approver"}));
  EXPECT_EQ(who_may(Power::propose),
            (Names{"incident_commander", "market_ops_approver", "technology_approver"}));
  EXPECT_EQ(who_may(Power::sign), (Names{"market_ops_approver", "technology_approver"}));
  EXPECT_EQ(who_may(Power::release_notice), (Names{"incident_commander", "comms_approver"}));
  EXPECT_EQ(who_may(Power::manage_accounts), Names{"admin"});
  EXPECT_EQ(who_may(Power::look_audit), (Names{"incident_commander", "compliance", "admin"}));
}

TEST(PowersTest, AViewerAndAnOutsideExpertOnlyLookAndARegulatorSeesWhatThePublicMay) {
  EXPECT_EQ(powers_of(Role::viewer),
            (std::set<std::string>{"open", "self", "look_public", "look", "look_incident"}));
  EXPECT_EQ(powers_of(Role::outside_expert),
            (std::set<std::string>{"open", "self", "look_incident", "take_bundle"}));
  EXPECT_EQ(powers_of(Role::regulator_room),
            (std::set<std::string>{"open", "self", "look_public"}));
}

TEST(PowersTest, WhoKeepsTheAccountsHasNoPowerOverTheMarket) {
  EXPECT_EQ(powers_of(Role::admin),
            (std::set<std::string>{"open", "self", "look_public", "look", "look_incident",
                                   "take_bundle", "look_people", "look_audit", "manage_accounts"}));
}

}  // namespace
}  // namespace okiagari::web

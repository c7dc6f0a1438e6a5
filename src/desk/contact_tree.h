// Whom the desk calls and by which way: people with their routes, roles, schedules, and the
// policies that say who is called at which step. Read from TOML (docs/contacts.md); its text goes
// into the desk's log with the time zones it names, so that all desks have the same.
//
// Secrets (keys of webhooks and of PagerDuty, the sirens' commands) are not in it: a route names
// them, and the courier's settings hold them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "desk/schedule.h"

namespace okiagari::desk {

inline constexpr std::size_t kContactTextBytesMax = 128u << 10;

struct Route {
  std::string kind;    // "mail", "webhook", "pagerduty", "alertmanager", "siren"
  std::string to;      // an address, a URL, or the siren's name
  std::string secret;  // its name
  friend bool operator==(const Route&, const Route&) = default;
};

struct Person {
  std::string id;
  std::string name;
  std::string language = "ja";  // or "en"
  std::string time_zone;
  std::vector<std::string> roles;
  std::vector<Route> routes;  // the second is taken when the first fails
};

struct PolicyStep {
  std::uint32_t after_s = 0;         // behind the beginning of the step before
  std::vector<std::string> targets;  // "person:hanako", "role:management", "schedule:operations"
  bool is_for_everyone = false;      // each of them must acknowledge, not just anyone
  // The second route is taken when the first has failed, and also when nobody has answered on it
  // for that long; 0: then only.
  std::uint32_t second_route_after_s = 0;
  std::uint32_t give_up_s = 120;  // what has not left by then has failed
};

struct Policy {
  std::string id;
  int severity_max = 4;  // for incidents at least as bad as this
  std::uint32_t repeat = 0;
  std::uint32_t repeat_after_s = 300;  // behind the beginning of the last step
  std::vector<PolicyStep> steps;
};

using TimeZones = std::map<std::string, TimeZone, std::less<>>;

struct ContactTree {
  std::uint32_t pages_per_hour = 12;  // for each person; the worst severity goes through
  std::vector<Person> people;
  std::vector<Schedule> schedules;
  std::vector<Absence> absences;
  std::vector<Policy> policies;
  TimeZones zones;  // those that it names

  [[nodiscard]] const Person* find_person(std::string_view id) const;
  [[nodiscard]] const Schedule* find_schedule(std::string_view id) const;
  [[nodiscard]] const Policy* find_policy(std::string_view id) const;
  // The one made for the least range that holds the severity; null when none does.
  [[nodiscard]] const Policy* policy_for(int severity) const;
  // Ids, each once, in the order in which the targets name them.
  [[nodiscard]] std::vector<std::string> resolve(const std::vector<std::string>& targets,
                                                 std::int64_t at_s) const;
};

[[nodiscard]] const std::vector<std::string>& contact_roles();

// Errors name the origin, the line and the key.
using FindZone = std::function<base::Result<TimeZone>(const std::string& name)>;
[[nodiscard]] base::Result<ContactTree> parse_contact_tree(std::string_view text,
                                                           const std::string& origin,
                                                           const FindZone& find_zone);
[[nodiscard]] base::Result<ContactTree> load_contact_tree(const std::string& path);

// The body of an entry "contact.tree" for that text, with the zones of this system.
[[nodiscard]] base::Result<boost::json::object> make_contact_body(const std::string& text,
                                                                  const std::string& origin);
[[nodiscard]] base::Result<ContactTree> read_contact_body(const boost::json::object& body);

}  // namespace okiagari::desk

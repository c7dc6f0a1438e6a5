#include "web/contact_look.h"

#include <algorithm>
#include <boost/json.hpp>

#include "desk/contact_check.h"
#include "desk/paging.h"
#include "net/problem.h"
#include "web/answers.h"

namespace okiagari::web {

namespace {

using boost::json::array;
using boost::json::object;

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr int kDaysAhead = 30;
constexpr std::size_t kCallsMax = 500;

array texts(const std::vector<std::string>& from) { return array(from.begin(), from.end()); }

// Secrets are only named in a tree, and not even the names leave the desk.
object person_json(const desk::Person& person) {
  array routes;
  for (const desk::Route& route : person.routes) {
    routes.push_back({{"kind", route.kind}, {"to", route.to}});
  }
  return {{"id", person.id},
          {"name", person.name},
          {"language", person.language},
          {"time_zone", person.time_zone},
          {"roles", texts(person.roles)},
          {"routes", std::move(routes)}};
}

object policy_json(const desk::Policy& policy) {
  array steps;
  for (const desk::PolicyStep& step : policy.steps) {
    steps.push_back({{"after_s", step.after_s},
                     {"targets", texts(step.targets)},
                     {"everyone", step.is_for_everyone}});
  }
  return {{"id", policy.id},
          {"severity_max", policy.severity_max},
          {"repeat", policy.repeat},
          {"steps", std::move(steps)}};
}

const desk::ContactTree* tree_of(const desk::DeskPort& port) {
  const auto* paging = port.desk().part<desk::Paging>();
  return paging == nullptr ? nullptr : &paging->tree();
}

net::HttpResponse no_tree() { return net::problem(404, "this desk calls nobody"); }

}  // namespace

net::HttpResponse contact_look(const desk::DeskPort& port, TimestampNs now_ns) {
  const desk::ContactTree* tree = tree_of(port);
  if (tree == nullptr) return no_tree();
  const auto now_s = static_cast<std::int64_t>(now_ns / kSecondNs);
  array people;
  for (const desk::Person& person : tree->people) people.push_back(person_json(person));
  array schedules;
  for (const desk::Schedule& schedule : tree->schedules) {
    const desk::Interval days{now_s, now_s + std::int64_t{kDaysAhead} * 86'400};
    const auto duties = schedule.duties(days, tree->absences);
    object one{{"id", schedule.id}, {"on_duty", ""}, {"next", ""}, {"until_s", 0}};
    if (!duties.empty()) {
      one["on_duty"] = duties[0].person;
      one["until_s"] = duties[0].when.to_s;
    }
    if (duties.size() > 1) one["next"] = duties[1].person;
    schedules.push_back(std::move(one));
  }
  array policies;
  for (const desk::Policy& policy : tree->policies) policies.push_back(policy_json(policy));
  array problems;
  for (const desk::ContactProblem& problem : desk::check_contacts(*tree, now_s, kDaysAhead)) {
    problems.push_back({{"grave", problem.is_grave}, {"what", desk::to_json(problem.what)}});
  }
  return json_answer({{"people", std::move(people)},
                      {"schedules", std::move(schedules)},
                      {"policies", std::move(policies)},
                      {"problems", std::move(problems)},
                      {"pages_per_hour", tree->pages_per_hour}});
}

net::HttpResponse contact_dry_run(const desk::DeskPort& port, std::uint64_t severity,
                                  TimestampNs start_ns) {
  const desk::ContactTree* tree = tree_of(port);
  if (tree == nullptr) return no_tree();
  if (severity < 1 || severity > 4) return net::problem(422, "'severity' is 1 to 4");
  const auto calls = desk::dry_run(*tree, static_cast<int>(severity), start_ns);
  if (!calls) return net::problem(422, calls.error().message);
  array list;
  const std::size_t count = std::min(calls.value().size(), kCallsMax);
  for (std::size_t at = 0; at < count; ++at) {
    const desk::DryCall& call = calls.value()[at];
    list.push_back({{"after_s", (call.at_ns - start_ns) / kSecondNs},
                    {"at_ns", call.at_ns},
                    {"step", call.step},
                    {"person", call.person},
                    {"kind", call.route.kind},
                    {"to", call.route.to}});
  }
  return json_answer({{"severity", severity},
                      {"start_ns", start_ns},
                      {"calls", std::move(list)},
                      {"more", calls.value().size() - count}});
}

}  // namespace okiagari::web

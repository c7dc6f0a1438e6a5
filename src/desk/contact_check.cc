#include "desk/contact_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "desk/desk.h"
#include "desk/paging.h"

namespace okiagari::desk {

namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kToldOfEachMax = 5;
constexpr int kSeverities = 4;
// A policy of 100 rounds of a day's length is over by then.
constexpr TimestampNs kDryRunMaxNs = TimestampNs{400} * kDay * 1'000'000'000;

class Checker {
 public:
  Checker(const ContactTree& tree, Interval interval) : tree_(tree), interval_(interval) {}

  std::vector<ContactProblem> check() {
    for (const Schedule& schedule : tree_.schedules) check_schedule(schedule);
    for (const Person& person : tree_.people) check_person(person);
    for (const Policy& policy : tree_.policies) check_policy(policy);
    for (int severity = 1; severity <= kSeverities; ++severity) {
      if (tree_.policy_for(severity) == nullptr) {
        grave(fmt::format("severity {}: no policy, nobody is called", severity),
              fmt::format("重大度 {}: 方針がなく、誰も呼び出されない", severity));
      }
    }
    return std::move(problems_);
  }

 private:
  void grave(std::string en, std::string ja) {
    problems_.push_back({true, {std::move(en), std::move(ja)}});
  }
  void known(std::string en, std::string ja) {
    problems_.push_back({false, {std::move(en), std::move(ja)}});
  }

  void check_schedule(const Schedule& schedule) {
    const auto gaps = schedule.find_gaps(interval_, tree_.absences);
    for (std::size_t at = 0; at < gaps.size() && at < kToldOfEachMax; ++at) {
      grave(fmt::format("schedule '{}': nobody is on duty from {} to {} UTC", schedule.id,
                        local_text(gaps[at].from_s), local_text(gaps[at].to_s)),
            fmt::format("当番表「{}」: {} から {}（UTC）まで当番がいない", schedule.id,
                        local_text(gaps[at].from_s), local_text(gaps[at].to_s)));
    }
    if (gaps.size() > kToldOfEachMax) {
      const std::size_t more = gaps.size() - kToldOfEachMax;
      grave(fmt::format("schedule '{}': {} further gaps", schedule.id, more),
            fmt::format("当番表「{}」: ほかに {} 件の空白", schedule.id, more));
    }
    for (const Interval& overlap : schedule.find_overlaps()) {
      grave(fmt::format("schedule '{}': two overrides from {} to {} UTC; the later one counts",
                        schedule.id, local_text(overlap.from_s), local_text(overlap.to_s)),
            fmt::format("当番表「{}」: {} から {}（UTC）に差し替えが二つあり、後のものが有効",
                        schedule.id, local_text(overlap.from_s), local_text(overlap.to_s)));
    }
    for (const Override& one : schedule.overrides) {
      for (const Absence& absence : tree_.absences) {
        if (absence.person != one.person || absence.when.from_s >= one.when.to_s ||
            one.when.from_s >= absence.when.to_s) {
          continue;
        }
        grave(fmt::format("schedule '{}': '{}' is put on duty from {} UTC and is absent then",
                          schedule.id, one.person, local_text(one.when.from_s)),
              fmt::format("当番表「{}」: 「{}」は {}（UTC）から当番だが不在", schedule.id,
                          one.person, local_text(one.when.from_s)));
      }
    }
  }

  void check_person(const Person& person) {
    if (person.routes.empty()) {
      grave(fmt::format("person '{}' has no route and cannot be reached", person.id),
            fmt::format("「{}」には連絡手段がなく、連絡できない", person.id));
    } else if (person.routes.size() == 1) {
      grave(fmt::format("person '{}' has no second route", person.id),
            fmt::format("「{}」には第二の連絡手段がない", person.id));
    } else if (std::all_of(person.routes.begin(), person.routes.end(), [&](const Route& route) {
                 return route.kind == person.routes[0].kind;
               })) {
      known(fmt::format("person '{}': every route is '{}'; one cause can take them all", person.id,
                        person.routes[0].kind),
            fmt::format("「{}」の連絡手段はすべて「{}」で、一つの原因で全て失われうる", person.id,
                        person.routes[0].kind));
    }
    for (const Route& route : person.routes) {
      if (route.to.starts_with("http://")) {
        known(fmt::format("person '{}': the route to {} is not encrypted", person.id, route.to),
              fmt::format("「{}」への {} は暗号化されていない", person.id, route.to));
      }
    }
  }

  void check_policy(const Policy& policy) {
    std::size_t number = 0;
    for (const PolicyStep& step : policy.steps) {
      ++number;
      for (const std::string& target : step.targets) {
        // A schedule's gaps are told there.
        if (target.starts_with("role:") && tree_.resolve({target}, interval_.from_s).empty()) {
          grave(fmt::format("policy '{}', step {}: '{}' is nobody", policy.id, number, target),
                fmt::format("方針「{}」の段階 {}: 「{}」に当たる人がいない", policy.id, number,
                            target));
        }
      }
    }
  }

  const ContactTree& tree_;
  const Interval interval_;
  std::vector<ContactProblem> problems_;
};

// People whom no policy names, by any target.
std::vector<ContactProblem> find_uncalled(const ContactTree& tree) {
  std::set<std::string> called;
  for (const Policy& policy : tree.policies) {
    for (const PolicyStep& step : policy.steps) {
      for (const std::string& target : step.targets) {
        const std::string name = target.substr(target.find(':') + 1);
        if (target.starts_with("schedule:")) {
          const Schedule* schedule = tree.find_schedule(name);
          for (const Rotation& layer : schedule->layers) {
            called.insert(layer.people.begin(), layer.people.end());
          }
          for (const Override& one : schedule->overrides) called.insert(one.person);
        } else {
          for (const std::string& id : tree.resolve({target}, 0)) called.insert(id);
        }
      }
    }
  }
  std::vector<ContactProblem> problems;
  for (const Person& person : tree.people) {
    if (called.contains(person.id)) continue;
    problems.push_back({false,
                        {fmt::format("person '{}' is in no policy", person.id),
                         fmt::format("「{}」はどの方針にも含まれない", person.id)}});
  }
  return problems;
}

}  // namespace

std::vector<ContactProblem> check_contacts(const ContactTree& tree, std::int64_t from_s, int days) {
  std::vector<ContactProblem> problems = Checker(tree, {from_s, from_s + days * kDay}).check();
  for (ContactProblem& problem : find_uncalled(tree)) problems.push_back(std::move(problem));
  std::stable_sort(
      problems.begin(), problems.end(),
      [](const ContactProblem& a, const ContactProblem& b) { return a.is_grave && !b.is_grave; });
  return problems;
}

base::Result<std::vector<DryCall>> dry_run(const boost::json::object& body, int severity,
                                           TimestampNs start_ns) {
  const auto tree = read_contact_body(body);
  if (!tree) return tree.error();
  return dry_run(tree.value(), severity, start_ns);
}

base::Result<std::vector<DryCall>> dry_run(const ContactTree& tree, int severity,
                                           TimestampNs start_ns) {
  Desk desk;
  desk.add(std::make_unique<Paging>(tree));
  std::uint64_t index = 0;
  const auto apply = [&](const std::string& type, boost::json::object what, TimestampNs at_ns) {
    return desk.apply({type, "desk", "", at_ns, std::move(what)}, ++index);
  };
  const boost::json::object start{{"incident", "dry-run"}, {"severity", severity}, {"title", "-"}};
  if (base::Status status = apply("page.start", start, start_ns); !status) return status.error();
  std::vector<DryCall> calls;
  TimestampNs now_ns = start_ns;
  while (true) {
    for (const Effect* effect : desk.outbox().ready(now_ns, 10'000)) {
      const std::string person = text_or(effect->what, "person");
      calls.push_back({now_ns,
                       static_cast<std::uint32_t>(number_or(effect->what, "step", 0)),
                       person,
                       {effect->kind, text_or(effect->what, "to"), ""}});
      const base::Status status =
          apply("effect.done", {{"key", effect->key}, {"outcome", "dry run"}}, now_ns);
      ASSERT(status.ok(), "{}", status.error().message);
    }
    const TimestampNs due_ns = desk.next_due_ns();
    if (due_ns == kNever || due_ns > start_ns + kDryRunMaxNs) break;
    now_ns = due_ns;
    const base::Status status = apply("desk.tick", {}, now_ns);
    ASSERT(status.ok(), "{}", status.error().message);
  }
  return calls;
}

}  // namespace okiagari::desk

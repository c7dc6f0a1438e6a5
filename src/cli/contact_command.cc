#include <date/date.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "desk/contact_check.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;

struct ContactOptions {
  std::string file;
  std::string at;
  int severity = 1;
  int days = 30;
  bool json = false;
};

// "2026-11-26T22:30", UTC; now when it is empty.
base::Result<std::int64_t> instant_of(const std::string& text) {
  if (text.empty()) return static_cast<std::int64_t>(net::Loop::wall_ns() / kSecondNs);
  const std::string local = text.ends_with('Z') ? text.substr(0, text.size() - 1) : text;
  const auto seconds = desk::parse_local(local);
  if (!seconds) {
    return base::Error{
        fmt::format("--at {}: write it as 2026-11-26T22:30, in UTC, from 2000 to 2036", text)};
  }
  return *seconds;
}

std::string time_text(std::int64_t at_s) {
  return date::format("%F %T", date::sys_seconds(std::chrono::seconds(at_s)));
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int run_check(const ContactOptions& options) {
  const auto tree = desk::load_contact_tree(options.file);
  if (!tree) return failed(tree.error().message, kExitWrongUse);
  const auto at = instant_of(options.at);
  if (!at) return failed(at.error().message, kExitWrongUse);
  const auto problems = desk::check_contacts(tree.value(), at.value(), options.days);
  std::size_t grave = 0;
  for (const desk::ContactProblem& problem : problems) grave += problem.is_grave;
  if (options.json) {
    boost::json::array list;
    for (const desk::ContactProblem& problem : problems) {
      list.push_back({{"grave", problem.is_grave}, {"what", problem.what.en}});
    }
    print(boost::json::serialize(
              boost::json::object{{"holds", grave == 0}, {"problems", std::move(list)}}) +
          "\n");
  } else {
    for (const desk::ContactProblem& problem : problems) {
      print(fmt::format("{}  {}\n", problem.is_grave ? "WRONG" : "note ", problem.what.en));
    }
    print(
        fmt::format("{}: {} people, {} schedules, {} policies; {} wrong, {} to be known, in the "
                    "{} days from {} UTC\n",
                    options.file, tree.value().people.size(), tree.value().schedules.size(),
                    tree.value().policies.size(), grave, problems.size() - grave, options.days,
                    time_text(at.value())));
  }
  return grave == 0 ? kExitHolds : kExitDoesNotHold;
}

int run_dry_run(const ContactOptions& options) {
  std::ifstream file(options.file);
  if (!file) {
    return failed(fmt::format("{}: cannot be read; does the file exist?", options.file),
                  kExitWrongUse);
  }
  std::ostringstream text;
  text << file.rdbuf();
  const auto body = desk::make_contact_body(text.str(), options.file);
  if (!body) return failed(body.error().message, kExitWrongUse);
  const auto at = instant_of(options.at);
  if (!at) return failed(at.error().message, kExitWrongUse);
  const auto start_ns = static_cast<TimestampNs>(at.value()) * kSecondNs;
  const auto calls = desk::dry_run(body.value(), options.severity, start_ns);
  if (!calls) return failed(calls.error().message, kExitDoesNotHold);
  if (options.json) {
    boost::json::array list;
    for (const desk::DryCall& call : calls.value()) {
      list.push_back({{"at_ns", call.at_ns},
                      {"after_s", (call.at_ns - start_ns) / kSecondNs},
                      {"step", call.step},
                      {"person", call.person},
                      {"route", call.route.kind},
                      {"to", call.route.to}});
    }
    print(boost::json::serialize(list) + "\n");
    return kExitHolds;
  }
  print(fmt::format("severity {}, begun at {} UTC, if every route works and nobody answers:\n",
                    options.severity, time_text(at.value())));
  for (const desk::DryCall& call : calls.value()) {
    print(fmt::format("{}  +{:>6} s  step {:<3} {:<20} {:<12} {}\n",
                      time_text(static_cast<std::int64_t>(call.at_ns / kSecondNs)),
                      (call.at_ns - start_ns) / kSecondNs, call.step, call.person, call.route.kind,
                      call.route.to));
  }
  return kExitHolds;
}

int run_who(const ContactOptions& options) {
  const auto tree = desk::load_contact_tree(options.file);
  if (!tree) return failed(tree.error().message, kExitWrongUse);
  const auto at = instant_of(options.at);
  if (!at) return failed(at.error().message, kExitWrongUse);
  bool is_complete = true;
  for (const desk::Schedule& schedule : tree.value().schedules) {
    const desk::Interval days{at.value(), at.value() + std::int64_t{options.days} * 86'400};
    const auto duties = schedule.duties(days, tree.value().absences);
    const desk::Duty& now = duties.front();
    is_complete &= !now.person.empty();
    print(fmt::format("{}: {} until {} UTC", schedule.id,
                      now.person.empty() ? "nobody" : now.person, time_text(now.when.to_s)));
    if (duties.size() > 1) {
      print(fmt::format(", then {}", duties[1].person.empty() ? "nobody" : duties[1].person));
    }
    print("\n");
  }
  return is_complete ? kExitHolds : kExitDoesNotHold;
}

}  // namespace

void add_contact_command(Command app, const Exit& exit) {
  const Command contact =
      app.command("contact", "Check whom the desk would call, and see who would be called");
  contact.needs_command();
  const auto add = [&](const char* name, const char* what, auto run) {
    auto options = std::make_shared<ContactOptions>();
    const Command command = contact.command(name, what);
    command.option("FILE", options->file, "The contact tree, as config/contacts.toml").required();
    command.option("--at", options->at, "From when on: 2026-11-26T22:30, UTC (default: now)");
    set_action(command, exit, [options, run] { return run(*options); });
    return std::pair{command, options};
  };
  const auto [check, check_options] =
      add("check", "Find gaps and overlaps of duty, and people without a second route", run_check);
  check.option("--days", check_options->days, "How far ahead").within(1, 366);
  check.flag("--json", check_options->json, "Print one JSON object");
  const auto [dry, dry_options] =
      add("dry-run", "Say who would be called when, if nobody answered", run_dry_run);
  dry.option("--severity", dry_options->severity, "1 is the worst").within(1, 4);
  dry.flag("--json", dry_options->json, "Print a JSON array");
  add("who", "Say who is on duty", run_who);
}

}  // namespace okiagari::cli

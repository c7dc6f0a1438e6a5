#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/nodes_options.h"
#include "cli/operator_access.h"
#include "client/act_submission.h"
#include "client/day_end_act.h"
#include "client/plan_act.h"
#include "deployment/market_nodes.h"
#include "deployment/trading_calendar.h"
#include "net/loop.h"
#include "venue/names.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

constexpr std::int64_t kDayS = 86'400;

struct CalendarOptions {
  std::string file;
  std::string from;
  std::uint32_t days = 5;
  std::string out;
  std::uint32_t valid_s = 3'600;
  deployment::MarketNodesOptions nodes;
  OperatorAccess access;
};

std::int64_t now_s() { return static_cast<std::int64_t>(net::Loop::wall_ns() / 1'000'000'000); }

// The day that was asked for, else today by the clocks of the place.
base::Result<desk::LocalSeconds> first_day(const CalendarOptions& options,
                                           const deployment::TradingCalendar& calendar) {
  if (!options.from.empty()) return deployment::parse_day(options.from);
  const desk::LocalSeconds local = calendar.zone().local(now_s());
  return local - local % kDayS;
}

int show(const CalendarOptions& options) {
  auto calendar = deployment::TradingCalendar::load(options.file);
  if (!calendar) return failed(calendar.error().message, kExitWrongUse);
  auto first = first_day(options, calendar.value());
  if (!first) return failed(first.error().message, kExitWrongUse);
  fmt::print("{}, by the clocks of {}\n", calendar.value().name(), calendar.value().zone_name());
  for (std::uint32_t i = 0; i < options.days; ++i) {
    const desk::LocalSeconds day = first.value() + std::int64_t{i} * kDayS;
    const auto& phases = calendar.value().phases_on(day);
    const auto plan = calendar.value().plan_of(day);
    fmt::print("{}{}\n", desk::local_text(day).substr(0, 10), phases.empty() ? "  no trading" : "");
    for (std::size_t at = 0; at < plan.size(); ++at) {
      const auto utc_s = static_cast<std::int64_t>(plan[at].at_ns / 1'000'000'000);
      const std::string target =
          plan[at].target == 0 ? "" : fmt::format("  segment {}", +plan[at].target);
      fmt::print("  {}  {} UTC  {}{}\n", desk::local_text(calendar.value().zone().local(utc_s)),
                 desk::local_text(utc_s), venue::name_of(plan[at].state), target);
    }
  }
  return kExitHolds;
}

struct Market {
  std::uint64_t cluster = 0;
  std::uint64_t control_number = 0;
  std::optional<net::Endpoint> leader;
  json::object plan;
};

base::Result<Market> ask(const deployment::MarketNodesOptions& nodes) {
  auto endpoints = nodes.endpoints();
  if (!endpoints) return endpoints.error();
  Market market;
  std::string outdated;
  for (const deployment::NodeAnswer& answer :
       deployment::ask_nodes(endpoints.value(), nodes.timeout_ms)) {
    if (!answer.report) continue;
    const json::value report = json::parse(*answer.report);
    // A server of before there were days' ends tells nothing of them.
    const json::value* told = report.as_object().if_contains("plan");
    if (told == nullptr || !told->is_object() || !told->get_object().contains("ended_day")) {
      outdated = net::to_string(answer.endpoint);
      continue;
    }
    const auto& plan = told->get_object();
    const auto number = report.at("control_number").to_number<std::uint64_t>();
    market.cluster = report.at("cluster").to_number<std::uint64_t>();
    if (report.at("open").as_bool()) market.leader = answer.endpoint;
    if (number >= market.control_number) market.plan = plan;
    market.control_number = std::max(market.control_number, number);
  }
  if (market.cluster == 0 && !outdated.empty()) {
    return base::Error{fmt::format(
        "the node at {} is of a version before this one; start it again with this program",
        outdated)};
  }
  if (market.cluster == 0)
    return base::Error{"no node answers; is the market up? (okiagari status)"};
  return market;
}

// What is done alike with the plan of a day and with its end.
bool approve(client::PlanAct& act, const Signer& by, std::uint32_t until_s) {
  return client::approve_plan(act, by.operator_id, by.keys.secret_key, until_s);
}
bool approve(client::DayEndAct& act, const Signer& by, std::uint32_t until_s) {
  return client::approve_day_end(act, by.operator_id, by.keys.secret_key, until_s);
}
base::Result<client::ActResult> submit_to(const net::Endpoint& leader, const client::PlanAct& act,
                                          std::uint64_t timeout_ms) {
  return client::submit_plan(leader, act, timeout_ms);
}
base::Result<client::ActResult> submit_to(const net::Endpoint& leader, const client::DayEndAct& act,
                                          std::uint64_t timeout_ms) {
  return client::submit_day_end(leader, act, timeout_ms);
}

// False when a key has signed before, or two others have.
template <typename Act>
base::Status sign_with(const CalendarOptions& options, Act& act) {
  auto signers = options.access.signers(options.nodes.folder);
  if (!signers) return signers.error();
  const auto until_s = static_cast<std::uint32_t>(now_s() + options.valid_s);
  for (const Signer& signer : signers.value()) {
    if (!approve(act, signer, until_s)) {
      return base::Error{
          fmt::format("{} cannot sign: signed before, or two others have", signer.name)};
    }
  }
  return {};
}

template <typename Act>
int write(const Act& act, const std::string& path) {
  fmt::print("{}\ndigest {}\n", act.words(), base::to_hex(act.digest()));
  if (base::Status status = base::write_whole_file(path, client::to_json(act)); !status) {
    return failed(status.error().message);
  }
  fmt::print("{}\n", path);
  return kExitHolds;
}

template <typename Act>
int submit(const CalendarOptions& options, const Act& act) {
  auto market = ask(options.nodes);
  if (!market) return failed(market.error().message);
  if (!market.value().leader) return failed("no node leads; it may be submitted again");
  auto done = submit_to(*market.value().leader, act, options.nodes.timeout_ms);
  if (!done) return failed(done.error().message);
  if (done.value().reason != venue::Reason::none) {
    return failed(fmt::format("refused at sequence {}: {}", done.value().sequence,
                              venue::name_of(done.value().reason)),
                  kExitDoesNotHold);
  }
  fmt::print("{}\nin effect at sequence {}, event {}\n", act.words(), done.value().sequence,
             done.value().event);
  return kExitHolds;
}

// Above what the market has, or the clock if that is higher: as the numbers of halts.
std::uint64_t next_number(const Market& market) {
  return std::max(market.control_number + 1, net::Loop::wall_ns() / std::uint64_t{1'000'000});
}

void number_plan(client::PlanAct& act, const Market& market) {
  act.cluster = market.cluster;
  client::finish_plan(act, next_number(market));
}

int plan_day(const CalendarOptions& options) {
  auto calendar = deployment::TradingCalendar::load(options.file);
  if (!calendar) return failed(calendar.error().message, kExitWrongUse);
  auto day = first_day(options, calendar.value());
  if (!day) return failed(day.error().message, kExitWrongUse);
  std::vector<venue::PlannedPhase> phases = calendar.value().plan_of(day.value());
  if (phases.empty()) {
    return failed(desk::local_text(day.value()).substr(0, 10) + ": nobody trades on that day",
                  kExitWrongUse);
  }
  const std::size_t over =
      std::erase_if(phases, [](const auto& phase) { return phase.at_ns <= net::Loop::wall_ns(); });
  if (phases.empty()) return failed("that day is over", kExitWrongUse);
  if (over > 0) fmt::print("{} phases of the day are over and left out\n", over);
  auto market = ask(options.nodes);
  if (!market) return failed(market.error().message);
  client::PlanAct act;
  act.calendar = calendar.value().name();
  act.command.day = deployment::day_number(day.value());
  act.command.count = static_cast<std::uint16_t>(phases.size());
  std::copy(phases.begin(), phases.end(), act.command.phases.begin());
  number_plan(act, market.value());
  if (base::Status status = sign_with(options, act); !status) {
    return failed(status.error().message, kExitWrongUse);
  }
  return write(act, options.out);
}

int end_day(const CalendarOptions& options) {
  auto day = deployment::parse_day(options.from);
  if (!day) return failed(day.error().message, kExitWrongUse);
  auto market = ask(options.nodes);
  if (!market) return failed(market.error().message);
  client::DayEndAct act = client::make_day_end(
      market.value().cluster, deployment::day_number(day.value()), next_number(market.value()));
  if (base::Status status = sign_with(options, act); !status) {
    return failed(status.error().message, kExitWrongUse);
  }
  return write(act, options.out);
}

// Whichever of the two the file is; a plan is what its faults are told of.
template <typename Use>
int with_act(const CalendarOptions& options, Use use) {
  auto text = base::read_whole_file(options.file);
  if (!text) return failed(text.error().message, kExitWrongUse);
  if (auto day_end = client::parse_day_end(text.value()); day_end) return use(day_end.value());
  auto plan = client::parse_plan(text.value());
  if (!plan) return failed(options.file + ": " + plan.error().message, kExitWrongUse);
  return use(plan.value());
}

int sign_file(const CalendarOptions& options) {
  return with_act(options, [&](auto& act) {
    if (base::Status status = sign_with(options, act); !status) {
      return failed(status.error().message);
    }
    return write(act, options.file);
  });
}

int submit_file(const CalendarOptions& options) {
  return with_act(options, [&](const auto& act) { return submit(options, act); });
}

int withdraw(const CalendarOptions& options) {
  auto market = ask(options.nodes);
  if (!market) return failed(market.error().message);
  client::PlanAct act;
  number_plan(act, market.value());
  if (base::Status status = sign_with(options, act); !status) {
    return failed(status.error().message, kExitWrongUse);
  }
  return submit(options, act);
}

int status(const CalendarOptions& options) {
  auto market = ask(options.nodes);
  if (!market) return failed(market.error().message);
  const json::object& plan = market.value().plan;
  const auto number = [&](const char* key) { return plan.at(key).to_number<std::uint64_t>(); };
  if (number("ended_day") != 0) {
    fmt::print("{} has ended{}\n", number("ended_day"),
               plan.at("is_ending_day").as_bool() ? "; its orders are being looked for" : "");
  }
  if (number("control_number") == 0) {
    fmt::print("the market has no plan\n");
    return kExitHolds;
  }
  const std::uint64_t next_s = number("next_at_ns") / 1'000'000'000;
  fmt::print("plan of {} (control {}): {} of {} phases done{}\n", number("day"),
             number("control_number"), number("done"), number("phases"),
             next_s == 0 ? ""
                         : fmt::format("; the next at {} UTC",
                                       desk::local_text(static_cast<std::int64_t>(next_s))));
  return kExitHolds;
}

struct Part {
  const char* name;
  const char* what;
  int (*run)(const CalendarOptions&);
  bool has_file;
  bool has_day;
  bool has_market;
  bool signs;
};

void add_part(Command calendar, const Exit& exit, const Part& part) {
  auto options = std::make_shared<CalendarOptions>();
  const Command command = calendar.command(part.name, part.what);
  if (part.has_file) {
    command
        .option("file", options->file,
                part.has_day ? "A calendar, docs/formats/calendar.md" : "A day's plan, or its end")
        .required()
        .existing_file();
  }
  if (part.has_day) {
    const Option date = command.option("--date", options->from, "2026-11-26; today when left out");
    if (part.run == end_day) date.description("2026-11-26").required();
  }
  if (part.has_market) add_nodes_options(command, options->nodes);
  if (part.signs) {
    options->access.add_to(command);
    command.option("--valid-s", options->valid_s, "How long an approval holds").shows_default();
  }
  if (part.run == show) {
    command.option("--days", options->days, "How many days").within(1, 400).shows_default();
  }
  if (part.run == plan_day || part.run == end_day) {
    command.option("--out", options->out, "Where it goes, for others to sign").required();
  }
  set_action(command, exit, [options, run = part.run] { return run(*options); });
}

}  // namespace

void add_calendar_command(Command app, const Exit& exit) {
  const Command command = app.command(
      "calendar", "When the market trades: a day's plan that two sign and the market carries out");
  command.needs_command();
  constexpr Part kParts[] = {
      {"show", "The days of a calendar, by the clocks there and in UTC", show, true, true, false,
       false},
      {"plan", "Make the plan of one day, signed with the keys given", plan_day, true, true, true,
       true},
      {"end-day", "Make the end of a day that no plan ends, signed with the keys given", end_day,
       false, true, true, true},
      {"sign", "Add a signature to a plan or a day's end", sign_file, true, false, true, true},
      {"submit", "Give a plan, or a day's end, that two have signed to the market", submit_file,
       true, false, true, false},
      {"withdraw", "Drop what is left of the plan, with one key: no phase comes by itself",
       withdraw, false, false, true, true},
      {"status", "How far the market is in its plan", status, false, false, true, false},
  };
  for (const Part& part : kParts) add_part(command, exit, part);
}

}  // namespace okiagari::cli

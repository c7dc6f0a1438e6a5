// The simulator's command: runs seeds, says how often everything happened, and shrinks what fails.
// docs/simulator.md is its manual.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/simulation/campaign.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/simulation.h"

namespace okiagari::simulation {
namespace {

struct Arguments {
  CampaignOptions campaign;
  std::vector<std::size_t> only;  // places of faults in the schedule, from 1
  bool no_faults = false;
  bool flaky_links = false;
  bool network_cuts = false;
  bool loss_check_off = false;
  std::uint32_t commands = 0;
  bool traces = false;
  bool shrinks = false;
};

Scenario make(const Arguments& arguments, std::uint64_t seed) {
  Scenario scenario = scenario_of(seed);
  scenario.work_around_off = arguments.campaign.work_around_off;
  scenario.loss_check_off = arguments.loss_check_off;
  if (arguments.commands != 0) scenario.commands_per_member = arguments.commands;
  if (arguments.flaky_links) scenario.faults = flaky_links_of(seed);
  if (arguments.network_cuts) scenario.faults = network_cuts_of(seed);
  if (arguments.no_faults) scenario.faults.clear();
  if (arguments.only.empty()) return scenario;
  std::vector<Fault> kept;
  for (const std::size_t place : arguments.only) {
    if (place >= 1 && place <= scenario.faults.size()) kept.push_back(scenario.faults[place - 1]);
  }
  scenario.faults = kept;
  return scenario;
}

// What else must be said to get the same run again.
std::string flags(const Arguments& arguments) {
  std::string text;
  const std::uint32_t off = arguments.campaign.work_around_off;
  if (off != 0) text += fmt::format(" --work-around-off {}", off);
  if (arguments.loss_check_off) text += " --loss-check-off";
  if (arguments.flaky_links) text += " --flaky-links";
  if (arguments.network_cuts) text += " --network-cuts";
  if (arguments.commands != 0) text += fmt::format(" --commands {}", arguments.commands);
  return text;
}

void print_schedule(const Scenario& scenario) {
  fmt::print("seed {}: {} members, {} commands each, snapshot after {} bytes, {} bytes kept\n",
             scenario.seed, scenario.members, scenario.commands_per_member,
             scenario.snapshot_after_bytes, scenario.keep_log_bytes);
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    fmt::print("{:>3}  {}\n", i + 1, describe(scenario.faults[i]));
  }
}

int trace(const Arguments& arguments) {
  const Scenario scenario = make(arguments, arguments.campaign.first_seed);
  print_schedule(scenario);
  Tally tally;
  const Outcome outcome = simulate(scenario, tally, true);
  fmt::print("{} commands decided, fingerprint {:016x}, {}\n", tally.commands_decided,
             outcome.fingerprint,
             outcome.violation.empty() ? "all is well" : outcome.violation.c_str());
  return outcome.violation.empty() ? 0 : 1;
}

int shrink_one(const Arguments& arguments, std::uint64_t seed) {
  Scenario scenario = make(arguments, seed);
  const std::string before = run_apart(scenario);
  if (before.empty()) {
    fmt::print("seed {} does not fail\n", seed);
    return 0;
  }
  fmt::print("seed {} fails: {}\nshrinking {} faults ...\n", seed, before, scenario.faults.size());
  scenario = shrink(scenario, run_apart);
  print_schedule(scenario);
  fmt::print("still fails: {}\n", run_apart(scenario));
  return 1;
}

void print_tally(const Tally& tally) {
  const auto line = [](std::string_view name, std::uint64_t times) {
    fmt::print("  {:<44}{:>12}{}\n", name, times, times == 0 ? "  NEVER" : "");
  };
  fmt::print("Faults\n");
  for (std::size_t i = 0; i < kFaultKinds; ++i) {
    line(name_of(static_cast<FaultKind>(i)), tally.faults[i]);
  }
  fmt::print("Branches taken\n");
  for (std::size_t i = 0; i < kBranches; ++i) {
    line(name_of(static_cast<Branch>(i)), tally.branches[i]);
  }
}

int run(const Arguments& arguments) {
  const CampaignOptions& options = arguments.campaign;
  const CampaignResult result =
      run_campaign(options, [&](std::uint64_t seed) { return make(arguments, seed); });
  print_tally(result.tally);
  const auto seeds = static_cast<double>(result.seeds);
  fmt::print(
      "{} seeds in {:.1f} s: {:.0f} seeds/s with {} jobs, {:.0f} in a second of processor time; "
      "{:.2f} virtual seconds and {:.0f} commands a seed; slowest healing {} ms\n",
      result.seeds, result.seconds, seeds / result.seconds, options.jobs,
      seeds / result.processor_seconds, static_cast<double>(result.tally.virtual_us) / 1e6 / seeds,
      static_cast<double>(result.tally.commands_decided) / seeds,
      result.tally.longest_healing_us / 1'000);
  for (const Failure& failure : result.failures) {
    fmt::print("seed {} FAILED: {}\n  again: okiagari_simulate --first {} --trace{}\n",
               failure.seed, failure.what, failure.seed, flags(arguments));
  }
  if (!result.failures.empty()) {
    fmt::print("{} of {} seeds failed\n", result.failures.size(), result.seeds);
    if (arguments.shrinks) return shrink_one(arguments, result.failures.front().seed);
    return 1;
  }
  const int status = exit_status(options, result);
  if (status != 0) fmt::print("all seeds are good, but not everything was tried\n");
  return status;
}

}  // namespace
}  // namespace okiagari::simulation

int main(int argc, char** argv) {
  using okiagari::simulation::Arguments;
  Arguments arguments;
  CLI::App app{
      "Runs the replicated market on simulated time, disks and network, a seed at a time, and "
      "looks for broken promises. Exit status: 0 all good, 1 a seed failed or something was "
      "never tried, 2 the command line is wrong."};
  app.add_option("--seeds", arguments.campaign.seeds, "how many")->capture_default_str();
  app.add_option("--first", arguments.campaign.first_seed, "the first of them")
      ->capture_default_str();
  app.add_option("--jobs", arguments.campaign.jobs, "processes at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_option("--work-around-off", arguments.campaign.work_around_off,
                 "run without that work-around of the consensus library's bugs")
      ->check(CLI::Range(1, 7));
  app.add_flag("--loss-check-off", arguments.loss_check_off,
               "run without the check that a follower has what it acknowledged");
  app.add_option("--only", arguments.only, "only these faults of the schedule, from 1")
      ->delimiter(',');
  app.add_flag("--no-faults", arguments.no_faults, "no faults at all");
  app.add_flag("--flaky-links", arguments.flaky_links,
               "another schedule: only connections that break, many of them");
  app.add_flag("--network-cuts", arguments.network_cuts,
               "another schedule: only cuts of one of the two networks, many of them");
  app.add_option("--commands", arguments.commands, "commands of each member");
  app.add_option("--failures", arguments.campaign.failures_max, "end after so many failures")
      ->capture_default_str();
  app.add_flag("--trace", arguments.traces, "tell the story of the first seed");
  app.add_flag("--shrink", arguments.shrinks, "shrink the first seed that fails");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  arguments.campaign.tries_some_only = arguments.flaky_links || arguments.network_cuts ||
                                       arguments.no_faults || !arguments.only.empty();
  return arguments.traces ? okiagari::simulation::trace(arguments)
                          : okiagari::simulation::run(arguments);
}

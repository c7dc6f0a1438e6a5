// `okiagari drill`: faults inflicted for real on a market under load, and what the outage desk made
// of them.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/drill_campaign.h"
#include "cli/drill_run.h"
#include "cli/stop_signal.h"
#include "drill/inflictor.h"
#include "drill/own_world.h"
#include "drill/score.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

struct DrillCommandOptions {
  DrillOptions drill;
  ReportOptions report;
  std::string result_file;
};

std::string joined(const std::vector<std::string>& lines, const char* between) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : between) + line;
  return text;
}

int list_faults() {
  for (const drill::FaultCard& card : drill::fault_cards()) {
    const auto lacking = drill::lacks(card.needs);
    fmt::print("{:<17} {}\n", card.name, card.what);
    fmt::print("{:<17} right: {} ({})\n", "", card.right_causes.front(), card.right_class);
    if (!lacking.empty()) fmt::print("{:<17} not here; missing: {}\n", "", joined(lacking, "; "));
  }
  return kExitHolds;
}

void print_answer(const char* when, const std::optional<drill::Answer>& answer) {
  if (!answer) {
    fmt::print("{}: nothing said\n", when);
    return;
  }
  fmt::print("{}, {:.1f} s after the fault:\n", when, answer->ms / 1'000);
  for (const drill::ToldCause& cause : answer->causes) {
    fmt::print("  {:5.1f} %  {:<24} {:<28} {:<12} {}{}\n", 100 * cause.probability, cause.cause,
               cause.cause_class, cause.entity, cause.state,
               cause.is_confident ? ", with confidence" : "");
  }
}

void print_result(const drill::DrillResult& result) {
  fmt::print("inflicted: {}\n", result.inflicted);
  for (const std::string& line : result.evidence) fmt::print("  {}\n", line);
  if (result.incident_ms) {
    fmt::print("{:.2f} s after the fault: {}\n", *result.incident_ms / 1'000,
               result.incident_title);
  }
  if (!result.measured.empty()) fmt::print("as measured: {}\n", result.measured);
  print_answer("first answer", result.first);
  print_answer("last answer", result.last);
  fmt::print("taken back: {}\n", result.taken_back);
}

base::Report judge(const drill::DrillResult& result) {
  const drill::FaultCard& card = drill::card_of(result.fault);
  const drill::Score score = drill::score(result, result.last);
  base::Report report(fmt::format("drill {}", card.name), result.seed);
  if (result.incident_ms)
    report.figure("incident opened after the fault", *result.incident_ms, "ms");
  if (result.first) report.figure("first hypothesis after the fault", result.first->ms, "ms");
  report.check("class of the first hypothesis", score.first_class, std::string(card.right_class));
  report.check("the first hypothesis is the cause", score.cause_right, true);
  report.check("confidently wrong", score.confidently_wrong(), false);
  report.check("the fault was taken back, as verified", result.is_taken_back, true);
  return report;
}

int run_one(const DrillCommandOptions& options) {
  const drill::FaultCard& card = drill::card_of(options.drill.fault);
  const auto lacking = drill::lacks(card.needs);
  if (!lacking.empty()) {
    return failed(fmt::format("{} cannot be inflicted on this machine; missing: {}", card.name,
                              joined(lacking, "; ")));
  }
  catch_stop_signals();
  auto result = run_drill(options.drill);
  if (!result) return failed(result.error().message);
  if (!options.result_file.empty()) {
    std::ofstream file(options.result_file, std::ios::trunc);
    file << boost::json::serialize(drill::to_json(result.value())) << "\n";
    if (!file.flush()) {
      return failed(fmt::format("{}: cannot be written", options.result_file));
    }
  }
  if (!options.report.json) print_result(result.value());
  return options.report.print(judge(result.value()));
}

void add_fault(Command drill, const Exit& exit, const drill::FaultCard& card) {
  auto options = std::make_shared<DrillCommandOptions>();
  options->drill.fault = card.fault;
  options->drill.out = "out/drill";
  options->drill.tell = say;
  options->drill.seed = net::Loop::wall_ns() % 1'000'000'000;
  const Command command =
      drill.command(std::string(card.name), std::string(card.what)).group("Faults");
  command.option("--seed", options->drill.seed,
                 "Of the target, the moment and the variant; by default drawn");
  command.option("--target", options->drill.target,
                 "A server (node-2, gateway-1, leader) or a site; by default drawn");
  command.option("--out", options->drill.out, "The drill's folder, made anew").shows_default();
  command.option("--flow", options->drill.flow, "Recorded order flow (samples/README.md)")
      .existing_file()
      .shows_default();
  command.option("--result", options->result_file, "Also write the result there, as JSON");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_one(*options); });
}

int run_all(const CampaignOptions& options, const ReportOptions& report) {
  catch_stop_signals();
  auto campaign = run_campaign(options);
  if (!campaign) return failed(campaign.error().message);
  if (!report.json) {
    fmt::print("{}\n", drill::confusion_table(campaign.value().results));
    fmt::print("{0}/results.json, {0}/confusion.md\n", options.out);
  }
  return report.print(judge_campaign(campaign.value(), options.seed));
}

void add_campaign(Command drill, const Exit& exit) {
  auto options = std::make_shared<CampaignOptions>();
  auto report = std::make_shared<ReportOptions>();
  options->tell = say;
  const Command command = drill.command(
      "campaign", "Every fault several times in random order, and the table of confusion");
  command.option("--each", options->each, "How often each fault is inflicted")
      .within(1, 100)
      .shows_default();
  command.option("--seed", options->seed, "Of the order, the targets and the moments")
      .shows_default();
  command.option("--out", options->out, "Where results go").shows_default();
  command.option("--flow", options->flow, "Recorded order flow (samples/README.md)")
      .existing_file()
      .shows_default();
  command.option("--faults", options->faults, "Only these, by their names").separated_by(',');
  command.flag("--keep", options->keeps_markets, "Keep the folders of all markets");
  report->add_to(command);
  set_action(command, exit, [options, report] { return run_all(*options, *report); });
}

void add_inflict(Command drill, const Exit& exit) {
  auto words = std::make_shared<std::vector<std::string>>();
  // For the drill itself: a fault that is a process.
  const Command command = drill.command("inflict", "").group("");
  command.option("words", *words, "");
  set_action(command, exit, [words] {
    const base::Status status = drill::inflict_in_this_process(*words);
    return status ? int{kExitHolds} : failed(status.error().message);
  });
}

}  // namespace

void add_drill_command(Command app, const Exit& exit) {
  const Command drill = app.command(
      "drill", "Inflict real faults on a market under load and score what the desk says");
  drill.needs_command();
  const Command list = drill.command("list", "The faults, and what this machine lacks for them");
  set_action(list, exit, [] { return list_faults(); });
  add_campaign(drill, exit);
  for (const drill::FaultCard& card : drill::fault_cards()) add_fault(drill, exit, card);
  add_inflict(drill, exit);
}

}  // namespace okiagari::cli

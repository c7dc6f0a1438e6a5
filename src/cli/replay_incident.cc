#include "cli/replay_incident.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "base/child_process.h"
#include "cli/command_line.h"
#include "cli/desk_act_commands.h"
#include "cli/desk_record.h"
#include "cli/document_text.h"
#include "cli/journal_replay.h"
#include "deployment/deployment_file.h"
#include "deployment/desk_deployment.h"
#include "desk/entry.h"
#include "net/loop.h"
#include "node/applying_word.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

constexpr TimestampNs kMinuteNs = 60'000'000'000;

struct IncidentReplay {
  std::string incident;
  std::string at;
  std::string market_folder = "market";
  std::uint16_t node = 0;
  std::string node_folder;
  std::string program;
  std::uint32_t minutes = 1;
  bool tells_commands = false;
};

struct JournalOptions {
  JournalReplay replay;
  ReportOptions report;
};

// The desk need not run: its tables lie beside it.
base::Result<TimestampNs> began(const IncidentReplay& options) {
  auto desks = deployment::DeskDeployment::load(options.market_folder);
  if (!desks) return base::Error{desks.error().message + "; or give --at TIME"};
  for (const deployment::DeskDeployment::Place& place : desks.value()) {
    auto record = read_desk_record(place.folder);
    if (!record) continue;
    for (const DeskRecord::Item& item : record.value().items) {
      if (item.incident != options.incident || item.kind != "incident.opened") continue;
      boost::system::error_code error;
      const boost::json::value data = boost::json::parse(item.data, error);
      const std::int64_t began_ns =
          error || !data.is_object() ? 0 : desk::number_or(data.get_object(), "began_ns", 0);
      return began_ns > 0 ? static_cast<TimestampNs>(began_ns) : item.at_ns;
    }
  }
  return base::Error{fmt::format("no desk of {} knows of an incident '{}'; or give --at TIME",
                                 options.market_folder, options.incident)};
}

bool died_applying(const std::string& folder) {
  std::ifstream file(folder + "/applying", std::ios::binary);
  node::ApplyingFile applying;
  if (!file.read(reinterpret_cast<char*>(&applying), sizeof applying)) return false;
  return applying.magic == node::ApplyingFile::kMagic &&
         (applying.applying != 0 || applying.deaths != 0);
}

// The one that was named, else one that died in a command, else the first.
base::Result<std::string> log_folder(const IncidentReplay& options) {
  if (!options.node_folder.empty()) return options.node_folder;
  auto market = deployment::DeploymentFile::load(options.market_folder);
  if (!market) return base::Error{market.error().message + "; or give --node-data DIR"};
  const auto& nodes = market.value().nodes;
  if (nodes.empty()) return base::Error{options.market_folder + ": has no nodes"};
  const auto wanted =
      std::find_if(nodes.begin(), nodes.end(), [&](const deployment::NodePlace& place) {
        return options.node != 0 ? place.node == options.node : died_applying(place.folder);
      });
  if (wanted == nodes.end() && options.node != 0) {
    return base::Error{fmt::format("there is no node {}", options.node)};
  }
  return wanted == nodes.end() ? nodes.front().folder : wanted->folder;
}

// build/asan/okiagari beside build/release/okiagari.
std::string debug_program(const IncidentReplay& options) {
  if (!options.program.empty()) return options.program;
  const fs::path own = base::own_program();
  const fs::path debug = own.parent_path().parent_path() / "asan" / own.filename();
  std::error_code error;
  if (fs::exists(debug, error)) return debug.string();
  say(fmt::format(
      "{} is not there: the program that runs now replays, with all checks on. A build that "
      "finds more is made with: scripts/build.sh asan okiagari",
      debug.string()));
  return own.string();
}

int replay_incident(const IncidentReplay& options) {
  if (options.incident.empty() == options.at.empty()) {
    return failed(
        "okiagari replay needs a command: flow, lobster, journal; or --minute-before INCIDENT, or "
        "--at TIME\n'okiagari replay --help' says what there is",
        kExitWrongUse);
  }
  auto fault_ns =
      options.at.empty() ? began(options) : parse_time(options.at, net::Loop::wall_ns());
  if (!fault_ns) return failed(fault_ns.error().message, kExitWrongUse);
  auto folder = log_folder(options);
  if (!folder) return failed(folder.error().message, kExitWrongUse);
  JournalReplay replay;
  replay.folder = folder.value();
  replay.from_ns = fault_ns.value() - options.minutes * kMinuteNs;
  replay.position_path =
      fmt::format("{}/okiagari-replay-{}", fs::temp_directory_path().string(), ::getpid());
  replay.tells_commands = options.tells_commands;
  const std::string program = debug_program(options);
  say(fmt::format("the log of {}, from {} on, by {}", replay.folder, time_text(replay.from_ns),
                  program));
  const int status = watch_journal_replay(program, replay);
  std::error_code ignored;
  fs::remove(replay.position_path, ignored);
  return status;
}

int run_journal(const JournalOptions& options) {
  auto report = replay_journal(options.replay);
  if (!report) return failed(report.error().message);
  return options.report.print(report.value());
}

void add_journal_command(Command replay, const Exit& exit) {
  auto options = std::make_shared<JournalOptions>();
  const Command command = replay.command(
      "journal", "A node's log once more through the state machine, in this process");
  command.option("DIR", options->replay.folder, "The node's folder").required().existing_folder();
  command.option("--from-ns", options->replay.from_ns,
                 "Watch from this time on; begins with the newest snapshot before it");
  command.option("--position", options->replay.position_path,
                 "Keep in this file where it is, for whoever finds it dead");
  command.flag("--commands", options->replay.tells_commands, "Print each command before it");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_journal(*options); });
}

}  // namespace

void add_replay_incident(Command replay, const Exit& exit) {
  add_journal_command(replay, exit);
  auto options = std::make_shared<IncidentReplay>();
  replay.option("--minute-before", options->incident,
                "A node's log from the minute before this incident's fault, in a debug build");
  replay.option("--at", options->at,
                "The same before this time (2026-11-26T22:30, UTC), without a desk");
  replay.option("--minutes", options->minutes, "How long before").within(1, 1'440).shows_default();
  replay.option("--data", options->market_folder, "The market's folder").shows_default();
  replay.option("--node", options->node,
                "Whose log; default: of one that died in a command, else the first");
  replay.option("--node-data", options->node_folder, "The node's folder, instead")
      .existing_folder();
  replay
      .option("--program", options->program,
              "The build that replays; default: build/asan/okiagari when it is there")
      .existing_file();
  replay.flag("--commands", options->tells_commands, "Print each command before it is applied");
  set_own_action(replay, exit, [options] { return replay_incident(*options); });
}

}  // namespace okiagari::cli

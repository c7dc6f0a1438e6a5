// `okiagari replay`: recordings held to their own books, or sent into a market that runs.
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/replay_incident.h"
#include "cli/replay_into.h"
#include "recordings/bitstamp_replay.h"
#include "recordings/held_recording.h"
#include "recordings/itch_replay.h"
#include "recordings/kraken_replay.h"
#include "recordings/lobster_file.h"
#include "recordings/lobster_flow.h"
#include "recordings/lobster_replay.h"

namespace okiagari::cli {

namespace {

struct FlowOptions {
  std::string path;
  IntoOptions into;
  ReportOptions report;
};

struct LobsterOptions {
  std::vector<std::string> paths;
  bool check = false;
  IntoOptions into;
  ReportOptions report;
};

int run_flow(const FlowOptions& options) {
  auto flow = recordings::read_flow(options.path);
  if (!flow) return failed(flow.error().message, kExitWrongUse);
  IntoOptions into = options.into;
  if (!into.names_a_market()) into.folder = "market";
  return replay_into("replay flow", flow.value(), into, options.report);
}

int hold_to_books(const std::vector<std::string>& files, const LobsterOptions& options) {
  base::Report report("replay lobster", 0);
  for (const std::string& file : files) {
    auto counts = recordings::replay_lobster(
        file, [&](std::uint64_t rows) { say(fmt::format("{}: {} rows", file, rows)); });
    if (!counts) return failed(counts.error().message);
    if (!counts.value().first_mismatch.empty()) say(counts.value().first_mismatch);
    judge_lobster(file, recordings::book_file_of(file).has_value(), counts.value(), report);
  }
  const int status = options.report.print(report);
  return options.check ? status : kExitHolds;
}

int run_lobster(const LobsterOptions& options) {
  const std::vector<std::string> files = recordings::lobster_message_files(options.paths);
  if (files.empty())
    return failed("no LOBSTER message file (..._message_N.csv) is there", kExitWrongUse);
  if (!options.into.names_a_market()) return hold_to_books(files, options);
  auto read = recordings::read_lobster_flow(files);
  if (!read) return failed(read.error().message, kExitWrongUse);
  recordings::LobsterFlow& recorded = read.value();
  say(fmt::format(
      "{} rows; left out are {} hidden executions, {} halts, {} of orders from before "
      "the recording",
      recorded.rows, recorded.hidden_executions, recorded.halts, recorded.rows_of_older_orders));
  return replay_into("replay lobster", recorded.flow, options.into, options.report);
}

void add_flow_command(Command command, const Exit& exit) {
  auto options = std::make_shared<FlowOptions>();
  const Command flow = command.command(
      "flow", "Recorded order flow (samples/README.md) into a running market, by its members");
  flow.option("FILE", options->path, "Plain, .xz or .zst").required().existing_file();
  options->into.add_to(flow);
  options->report.add_to(flow);
  flow.footer(
      "Instruments that the market does not list are added to it, with cash and lots for its\n"
      "accounts. Ctrl-C ends the replay with what was measured so far. The exit status is 0 when\n"
      "every message was answered and none refused.\n\n"
      "Examples:\n"
      "  okiagari up --data market                        (in another terminal)\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market --speed 10 --instruments 50\n"
      "  okiagari replay flow samples/coinbase.flow.zst --data market --speed max --json\n"
      "  okiagari replay flow FILE --gateway 10.0.0.8:7001 --feed 10.0.0.5:7002 --session "
      "A1:secret");
  set_action(flow, exit, [options] { return run_flow(*options); });
}

void add_lobster_command(Command command, const Exit& exit) {
  auto options = std::make_shared<LobsterOptions>();
  const Command lobster = command.command(
      "lobster",
      "LOBSTER recordings held to their recorded books, or with --data into a running market");
  lobster
      .option("FILE", options->paths,
              "Message files, plain or .xz, or folders of them; order book files are found by name")
      .required()
      .existing_path();
  const Option check = lobster.flag("--check", options->check,
                                    "Exit with 1 when the recording and the venue disagree");
  options->into.add_to(lobster);
  for (const char* name : {"--data", "--gateway"}) check.excludes(lobster.option_named(name));
  options->report.add_to(lobster);
  lobster.footer(
      "Without --data or --gateway no market is needed: each recording goes through the venue's\n"
      "state machine, and the venue's book is held to the recorded one after every row.\n\n"
      "Examples:\n"
      "  okiagari replay lobster --check AAPL_2012-06-21_34200000_57600000_message_10.csv\n"
      "  okiagari replay lobster recordings/ --data market --speed 10");
  set_action(lobster, exit, [options] { return run_lobster(*options); });
}

struct HeldOptions {
  std::string path;
  bool check = false;
  IntoOptions into;
  ReportOptions report;
};

// A recording that says itself what is right.
struct HeldKind {
  const char* name;
  const char* title;
  const char* footer;
  recordings::Hold hold;
};

int run_held(const HeldKind& kind, const HeldOptions& options) {
  recordings::HoldOptions hold;
  hold.path = options.path;
  hold.keeps_flow = options.into.names_a_market();
  hold.progress = [&](std::uint64_t records) { say(fmt::format("{} records", records)); };
  auto held = kind.hold(hold);
  if (!held) return failed(held.error().message, kExitWrongUse);
  recordings::HeldRecording& recording = held.value();
  if (!recording.first_mismatch.empty()) say(recording.first_mismatch);
  if (!hold.keeps_flow) {
    const int status = options.report.print(recording.report);
    return options.check ? status : kExitHolds;
  }
  if (recording.flow.records.empty()) {
    return failed(options.path + ": has no order that a member could have sent", kExitWrongUse);
  }
  return replay_into(fmt::format("replay {}", kind.name), recording.flow, options.into,
                     options.report);
}

void add_held_command(Command command, const HeldKind& kind, const Exit& exit) {
  auto options = std::make_shared<HeldOptions>();
  const Command held = command.command(kind.name, kind.title);
  held.option("FILE", options->path, "Plain, .gz, .xz or .zst").required().existing_file();
  const Option check =
      held.flag("--check", options->check, "Exit with 1 when the recording and the venue disagree");
  options->into.add_to(held);
  for (const char* name : {"--data", "--gateway"}) check.excludes(held.option_named(name));
  options->report.add_to(held);
  held.footer(kind.footer);
  set_action(held, exit, [kind, options] { return run_held(kind, *options); });
}

constexpr HeldKind kHeldKinds[] = {
    {"bitstamp",
     "A log of Bitstamp's channels held to the exchange's own books in it, or with --data into a "
     "running market",
     "Without --data or --gateway no market is needed: each order goes through the venue's state\n"
     "machine and trades there by itself; at every snapshot of the log the venue's book is\n"
     "compared with it, five levels of each side.\n\n"
     "Examples:\n"
     "  okiagari replay bitstamp --check 2015-05-01.log.xz\n"
     "  okiagari replay bitstamp 2015-05-01.log.xz --data market --speed 60",
     recordings::hold_bitstamp},
    {"itch",
     "A daily ITCH 5.0 file held to the market that published it, or with --data into a running "
     "market",
     "Without --data or --gateway no market is needed: each order goes through the venue's state\n"
     "machine, and each execution must meet the very order that the file names.\n\n"
     "Examples:\n"
     "  okiagari replay itch --check 01302019.NASDAQ_ITCH50.gz\n"
     "  okiagari replay itch 01302019.NASDAQ_ITCH50.gz --data market --speed 10",
     recordings::hold_itch},
    {"kraken",
     "A recording of Kraken's book channel held to Kraken's checksums, or with --data into a "
     "running market",
     "Without --data or --gateway no market is needed: each level goes through the venue's state\n"
     "machine; the books rebuilt from the venue's own market data must have the checksum that\n"
     "Kraken sent with every update.\n\n"
     "Examples:\n"
     "  okiagari replay kraken --check KRAKEN.ws.50.0.xz\n"
     "  okiagari replay kraken KRAKEN.ws.50.0.xz --data market --speed 10",
     recordings::hold_kraken},
};

}  // namespace

void add_replay_command(Command app, const Exit& exit) {
  const Command command =
      app.command("replay",
                  "Recorded order flow: held to its books, or into a market; and "
                  "the minute before a fault, once more");
  add_flow_command(command, exit);
  add_lobster_command(command, exit);
  for (const HeldKind& kind : kHeldKinds) add_held_command(command, kind, exit);
  add_replay_incident(command, exit);
}

}  // namespace okiagari::cli

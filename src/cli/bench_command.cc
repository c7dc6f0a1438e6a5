#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "bench/auction.h"
#include "bench/book.h"
#include "bench/metrics.h"
#include "bench/recovery.h"
#include "bench/venue.h"
#include "cli/cluster_bench.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/failover_bench.h"
#include "cli/feed_bench.h"
#include "cli/halt_bench.h"
#include "cli/snapshot_bench.h"
#include "cli/standby_bench.h"
#include "cli/week_bench.h"

namespace okiagari::cli {

namespace {

struct StreamOptions {
  std::string stream = "A1";
  std::uint64_t commands = bench::kWholeStream;
  std::uint32_t rounds = 5;
  ReportOptions report;

  void add_to(Command command) {
    command.option("--stream", stream, "Neutral stream (docs/benchmarks.md)")
        .one_of({"A1", "A100", "B", "D"})
        .shows_default();
    command.option("--commands", commands, "How many commands of it").shows_default();
    command.option("--rounds", rounds, "Measured rounds; figures are medians")
        .within(1, 100)
        .shows_default();
    report.add_to(command);
  }
};

void tell(std::string_view line) { say(std::string(line)); }

int run_book(const StreamOptions& options) {
  bench::BookOptions book;
  book.stream = bench::find_stream(options.stream);
  book.commands = options.commands;
  book.rounds = options.rounds;
  book.progress = tell;
  return options.report.print(bench::bench_book(book));
}

int run_metrics(const StreamOptions& options) {
  bench::MetricsOptions metrics;
  metrics.stream = bench::find_stream(options.stream);
  metrics.commands = options.commands;
  metrics.rounds = options.rounds;
  metrics.progress = tell;
  return options.report.print(bench::bench_metrics(metrics));
}

int run_venue(const StreamOptions& options) {
  bench::VenueOptions venue;
  venue.stream = bench::find_stream(options.stream);
  venue.commands = options.commands;
  venue.rounds = options.rounds;
  venue.progress = tell;
  return options.report.print(bench::bench_venue(venue));
}

void add_auction(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<bench::AuctionOptions, ReportOptions>>();
  const Command command = bench.command(
      "auction", "Calls: an order with its indicative price, and an uncross in one command");
  bench::AuctionOptions& own = options->first;
  command.option("--call-orders", own.call_orders, "Orders in the call while others are timed")
      .within(100'000u, 10'000'000u)
      .shows_default();
  command.option("--uncross-orders", own.uncross_orders, "Orders that uncross in one command")
      .within(1u, 10'000'000u)
      .shows_default();
  command.option("--rounds", own.rounds, "Measured rounds; figures are medians")
      .within(1, 100)
      .shows_default();
  command.option("--seed", own.seed, "Repeats the orders").shows_default();
  options->second.add_to(command);
  set_action(command, exit, [options] {
    options->first.progress = tell;
    return options->second.print(bench::bench_auction(options->first));
  });
}

// On the disk of the folder that the command is called in.
std::string own_folder(std::string_view bench) {
  return fmt::format("out/bench-{}-{}", bench, ::getpid());
}

struct RecoveryCommandOptions {
  bench::RecoveryOptions bench;
  ReportOptions report;
};

int run_recovery(RecoveryCommandOptions options) {
  const bool is_own_folder = options.bench.folder.empty();
  if (is_own_folder) options.bench.folder = own_folder("recovery");
  options.bench.progress = tell;
  auto report = bench::bench_recovery(options.bench);
  std::error_code ignored;
  if (is_own_folder) std::filesystem::remove_all(options.bench.folder, ignored);
  if (!report) return failed(report.error().message);
  return options.report.print(report.value());
}

void add_recovery(Command bench, const Exit& exit) {
  auto options = std::make_shared<RecoveryCommandOptions>();
  const Command command =
      bench.command("recovery", "Loading a snapshot, and reading and applying a log");
  command.option("--folder", options->bench.folder,
                 "Where the log is written; on the disk that is to be measured");
  command.option("--live-orders", options->bench.live_orders, "Orders in the snapshot")
      .shows_default();
  command.option("--commands", options->bench.commands, "Commands in the log").shows_default();
  command.option("--rounds", options->bench.rounds, "Measured rounds; figures are medians")
      .within(1, 100)
      .shows_default();
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_recovery(*options); });
}

// Runs `bench` with a folder of its own unless one was named, and prints its report. The data,
// which can be gigabytes, is kept for whoever looks for the cause when something was wrong with it.
template <typename Options, typename Bench>
int run_in_folder(Options options, const ReportOptions& report_options, const char* name,
                  Bench&& bench) {
  const bool is_own_folder = options.folder.empty();
  if (is_own_folder) options.folder = own_folder(name);
  options.progress = say;
  auto report = bench(options);
  std::error_code ignored;
  if (is_own_folder && report && report.value().checks_hold()) {
    std::filesystem::remove_all(options.folder, ignored);
  } else if (is_own_folder) {
    say(fmt::format("the data is kept in {}", options.folder));
  }
  if (!report) return failed(report.error().message);
  return report_options.print(report.value());
}

void add_cluster(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<ClusterOptions, ReportOptions>>();
  const Command command =
      bench.command("cluster", "Three servers, two gateways and their members on this machine");
  command.option("--seconds", options->first.seconds, "Measured seconds of each part")
      .shows_default();
  command.option("--rounds", options->first.rounds, "Figures are medians over so many rounds")
      .within(1, 100)
      .shows_default();
  command.option("--rate", options->first.moderate_rate, "Orders a second of the latency part")
      .shows_default();
  command.option("--window", options->first.window, "Unanswered orders of a session at saturation")
      .shows_default();
  command.option("--sessions", options->first.sessions, "Members' sessions").shows_default();
  command.flag("--tls", options->first.tls, "Links between processes are of TLS");
  command.option("--seed", options->first.seed, "Repeats the orders").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "cluster", bench_cluster);
  });
}

void add_failover(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<FailoverOptions, ReportOptions>>();
  const Command command =
      bench.command("failover", "How long members feel the loss of the leading server");
  const std::vector<std::pair<std::string, FailoverMode>> modes{
      {"kill", FailoverMode::kill},         {"minority", FailoverMode::minority},
      {"all", FailoverMode::all},           {"stop", FailoverMode::stop},
      {"transfer", FailoverMode::transfer}, {"replace", FailoverMode::replace},
      {"hogs", FailoverMode::hogs},         {"cut", FailoverMode::cut},
      {"flap", FailoverMode::flap}};
  command
      .choice(
          "--mode", options->first.mode, modes,
          "What happens to the leader: kill, stop, transfer; minority, all: it is killed "
          "with others; replace: one server after the other is replaced, every second one killed "
          "before; hogs: nothing; cut, flap: of two networks between the servers, the one in use "
          "is cut, or cut and mended several times a second")
      .value_name("MODE");
  command.option("--kills", options->first.faults, "How many times").shows_default();
  command.option("--nodes", options->first.nodes, "Servers of the market")
      .one_of({3, 5})
      .shows_default();
  command.flag("--tls", options->first.tls, "Links between processes are of TLS");
  command.option("--rate", options->first.rate, "Messages a second").shows_default();
  command.option("--interval-ms", options->first.interval_ms, "From one to the next")
      .shows_default();
  command
      .option("--seconds,--hog-seconds", options->first.seconds,
              "How long hogs run or networks flap")
      .shows_default();
  command.option("--seed", options->first.seed, "Repeats the messages").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "failover", bench_failover);
  });
}

void add_feed(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<FeedBenchOptions, ReportOptions>>();
  const Command command =
      bench.command("feed", "How far the lines of the feed lie apart, as a listener sees them");
  command.option("--seconds", options->first.seconds, "Of each part")
      .within(1, 3'600)
      .shows_default();
  command.option("--rate", options->first.busy_rate, "Messages a second of the busy part")
      .shows_default();
  command.option("--seed", options->first.seed, "Repeats the messages").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "feed", bench_feed);
  });
}

void add_snapshot(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<SnapshotBenchOptions, ReportOptions>>();
  const Command command = bench.command(
      "snapshot", "What members feel while snapshots are taken and a new server joins");
  command.option("--live-orders", options->first.live_orders, "Orders in the books")
      .within(1'000, 10'000'000)
      .shows_default();
  command.option("--commands", options->first.commands, "Commands before anything is measured")
      .shows_default();
  command.option("--rate", options->first.rate, "Orders a second, and as many cancels")
      .within(1, 1'000'000)
      .shows_default();
  command.option("--snapshots", options->first.snapshots, "That the leading server takes")
      .within(1, 100)
      .shows_default();
  command
      .option("--snapshot-after-mib", options->first.snapshot_after_mib,
              "Of log, from one snapshot to the next")
      .within(1, 1'024)
      .shows_default();
  command.flag("--tls", options->first.tls, "Links between processes are of TLS");
  command.option("--seed", options->first.seed, "Repeats the orders").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "snapshot", bench_snapshot);
  });
}

void add_standby(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<StandbyBenchOptions, ReportOptions>>();
  const Command command = bench.command(
      "standby", "What a standby at a site far away costs members, and how far behind it is");
  command.option("--delay-ms", options->first.delay_ms, "Of the line there, each way")
      .within(0, 1'000)
      .shows_default();
  command.option("--rate", options->first.rate, "Orders a second").shows_default();
  command
      .option("--seconds", options->first.seconds,
              "Measured seconds of each round with it, and as many without")
      .within(1, 3'600)
      .shows_default();
  command.option("--rounds", options->first.rounds, "Figures are medians over so many rounds")
      .within(1, 100)
      .shows_default();
  command.option("--sessions", options->first.sessions, "Members' sessions").shows_default();
  command.option("--seed", options->first.seed, "Repeats the orders").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "standby", bench_standby);
  });
}

void add_week(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<WeekBenchOptions, ReportOptions>>();
  const Command command = bench.command(
      "week", "Whether memory stays what it is over the days of a week, each in seconds");
  command.option("--days", options->first.days, "Days of trading, each with its end")
      .within(3, 25)
      .shows_default();
  command.option("--day-seconds", options->first.day_s, "Of load in each")
      .within(1, 3'600)
      .shows_default();
  command.option("--rate", options->first.rate, "Orders a second")
      .within(1, 1'000'000)
      .shows_default();
  command.option("--seed", options->first.seed, "Repeats the orders").shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "week", bench_week);
  });
}

void add_halt(Command bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<HaltBenchOptions, ReportOptions>>();
  const Command command = bench.command(
      "halt", "How long after the decision new orders are still taken, by every way to halt");
  command.option("--rounds", options->first.rounds, "How many times by each way")
      .within(1, 1'000)
      .shows_default();
  command.option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(command);
  set_action(command, exit, [options] {
    return run_in_folder(options->first, options->second, "halt", bench_halt);
  });
}

void add_stream_bench(Command bench, const Exit& exit, const char* name, const char* what,
                      int (*run)(const StreamOptions&)) {
  auto options = std::make_shared<StreamOptions>();
  const Command command = bench.command(name, what);
  options->add_to(command);
  set_action(command, exit, [options, run] { return run(*options); });
}

}  // namespace

void add_bench_command(Command app, const Exit& exit) {
  const Command command = app.command("bench", "Measure what this project claims");
  command.needs_command();
  add_stream_bench(command, exit, "book", "The order books beside a plain one, on a neutral stream",
                   run_book);
  add_stream_bench(command, exit, "venue", "The whole state machine on a neutral stream",
                   run_venue);
  add_auction(command, exit);
  add_stream_bench(command, exit, "metrics",
                   "What counting for the pages of metrics costs, on a neutral stream",
                   run_metrics);
  add_cluster(command, exit);
  add_failover(command, exit);
  add_halt(command, exit);
  add_feed(command, exit);
  add_snapshot(command, exit);
  add_standby(command, exit);
  add_week(command, exit);
  add_recovery(command, exit);
  add_cause_bench(command, exit);
}

}  // namespace okiagari::cli

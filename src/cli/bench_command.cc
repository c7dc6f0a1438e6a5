#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
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

  void add_to(CLI::App& command) {
    command.add_option("--stream", stream, "Neutral stream (docs/benchmarks.md)")
        ->check(CLI::IsMember({"A1", "A100", "B", "D"}))
        ->capture_default_str();
    command.add_option("--commands", commands, "How many commands of it")->capture_default_str();
    command.add_option("--rounds", rounds, "Measured rounds; figures are medians")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
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

void add_auction(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<bench::AuctionOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "auction", "Calls: an order with its indicative price, and an uncross in one command");
  bench::AuctionOptions& own = options->first;
  command->add_option("--call-orders", own.call_orders, "Orders in the call while others are timed")
      ->check(CLI::Range(100'000u, 10'000'000u))
      ->capture_default_str();
  command->add_option("--uncross-orders", own.uncross_orders, "Orders that uncross in one command")
      ->check(CLI::Range(1u, 10'000'000u))
      ->capture_default_str();
  command->add_option("--rounds", own.rounds, "Measured rounds; figures are medians")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--seed", own.seed, "Repeats the orders")->capture_default_str();
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
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

void add_recovery(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<RecoveryCommandOptions>();
  CLI::App* command =
      bench.add_subcommand("recovery", "Loading a snapshot, and reading and applying a log");
  command->add_option("--folder", options->bench.folder,
                      "Where the log is written; on the disk that is to be measured");
  command->add_option("--live-orders", options->bench.live_orders, "Orders in the snapshot")
      ->capture_default_str();
  command->add_option("--commands", options->bench.commands, "Commands in the log")
      ->capture_default_str();
  command->add_option("--rounds", options->bench.rounds, "Measured rounds; figures are medians")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  options->report.add_to(*command);
  set_action(*command, exit, [options] { return run_recovery(*options); });
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

void add_cluster(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<ClusterOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "cluster", "Three servers, two gateways and their members on this machine");
  command->add_option("--seconds", options->first.seconds, "Measured seconds of each part")
      ->capture_default_str();
  command->add_option("--rounds", options->first.rounds, "Figures are medians over so many rounds")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--rate", options->first.moderate_rate, "Orders a second of the latency part")
      ->capture_default_str();
  command
      ->add_option("--window", options->first.window,
                   "Unanswered orders of a session at saturation")
      ->capture_default_str();
  command->add_option("--sessions", options->first.sessions, "Members' sessions")
      ->capture_default_str();
  command->add_flag("--tls", options->first.tls, "Links between processes are of TLS");
  command->add_option("--seed", options->first.seed, "Repeats the orders")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "cluster", bench_cluster);
  });
}

void add_failover(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<FailoverOptions, ReportOptions>>();
  CLI::App* command =
      bench.add_subcommand("failover", "How long members feel the loss of the leading server");
  const std::map<std::string, FailoverMode> modes{
      {"kill", FailoverMode::kill},         {"minority", FailoverMode::minority},
      {"all", FailoverMode::all},           {"stop", FailoverMode::stop},
      {"transfer", FailoverMode::transfer}, {"replace", FailoverMode::replace},
      {"hogs", FailoverMode::hogs},         {"cut", FailoverMode::cut},
      {"flap", FailoverMode::flap}};
  command
      ->add_option(
          "--mode", options->first.mode,
          "What happens to the leader: kill, stop, transfer; minority, all: it is killed "
          "with others; replace: one server after the other is replaced, every second one killed "
          "before; hogs: nothing; cut, flap: of two networks between the servers, the one in use "
          "is cut, or cut and mended several times a second")
      ->transform(CLI::CheckedTransformer(modes).description(""))
      ->type_name("MODE");
  command->add_option("--kills", options->first.faults, "How many times")->capture_default_str();
  command->add_option("--nodes", options->first.nodes, "Servers of the market")
      ->check(CLI::IsMember({3, 5}))
      ->capture_default_str();
  command->add_flag("--tls", options->first.tls, "Links between processes are of TLS");
  command->add_option("--rate", options->first.rate, "Messages a second")->capture_default_str();
  command->add_option("--interval-ms", options->first.interval_ms, "From one to the next")
      ->capture_default_str();
  command
      ->add_option("--seconds,--hog-seconds", options->first.seconds,
                   "How long hogs run or networks flap")
      ->capture_default_str();
  command->add_option("--seed", options->first.seed, "Repeats the messages")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "failover", bench_failover);
  });
}

void add_feed(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<FeedBenchOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "feed", "How far the lines of the feed lie apart, as a listener sees them");
  command->add_option("--seconds", options->first.seconds, "Of each part")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  command->add_option("--rate", options->first.busy_rate, "Messages a second of the busy part")
      ->capture_default_str();
  command->add_option("--seed", options->first.seed, "Repeats the messages")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "feed", bench_feed);
  });
}

void add_snapshot(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<SnapshotBenchOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "snapshot", "What members feel while snapshots are taken and a new server joins");
  command->add_option("--live-orders", options->first.live_orders, "Orders in the books")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  command->add_option("--commands", options->first.commands, "Commands before anything is measured")
      ->capture_default_str();
  command->add_option("--rate", options->first.rate, "Orders a second, and as many cancels")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--snapshots", options->first.snapshots, "That the leading server takes")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command
      ->add_option("--snapshot-after-mib", options->first.snapshot_after_mib,
                   "Of log, from one snapshot to the next")
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  command->add_flag("--tls", options->first.tls, "Links between processes are of TLS");
  command->add_option("--seed", options->first.seed, "Repeats the orders")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "snapshot", bench_snapshot);
  });
}

void add_standby(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<StandbyBenchOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "standby", "What a standby at a site far away costs members, and how far behind it is");
  command->add_option("--delay-ms", options->first.delay_ms, "Of the line there, each way")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  command->add_option("--rate", options->first.rate, "Orders a second")->capture_default_str();
  command
      ->add_option("--seconds", options->first.seconds,
                   "Measured seconds of each round with it, and as many without")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  command->add_option("--rounds", options->first.rounds, "Figures are medians over so many rounds")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--sessions", options->first.sessions, "Members' sessions")
      ->capture_default_str();
  command->add_option("--seed", options->first.seed, "Repeats the orders")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "standby", bench_standby);
  });
}

void add_week(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<WeekBenchOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "week", "Whether memory stays what it is over the days of a week, each in seconds");
  command->add_option("--days", options->first.days, "Days of trading, each with its end")
      ->check(CLI::Range(3, 25))
      ->capture_default_str();
  command->add_option("--day-seconds", options->first.day_s, "Of load in each")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  command->add_option("--rate", options->first.rate, "Orders a second")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", options->first.seed, "Repeats the orders")->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "week", bench_week);
  });
}

void add_halt(CLI::App& bench, const Exit& exit) {
  auto options = std::make_shared<std::pair<HaltBenchOptions, ReportOptions>>();
  CLI::App* command = bench.add_subcommand(
      "halt", "How long after the decision new orders are still taken, by every way to halt");
  command->add_option("--rounds", options->first.rounds, "How many times by each way")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--folder", options->first.folder, "Keep the data here");
  options->second.add_to(*command);
  set_action(*command, exit, [options] {
    return run_in_folder(options->first, options->second, "halt", bench_halt);
  });
}

void add_stream_bench(CLI::App& bench, const Exit& exit, const char* name, const char* what,
                      int (*run)(const StreamOptions&)) {
  auto options = std::make_shared<StreamOptions>();
  CLI::App* command = bench.add_subcommand(name, what);
  options->add_to(*command);
  set_action(*command, exit, [options, run] { return run(*options); });
}

}  // namespace

void add_bench_command(CLI::App& app, const Exit& exit) {
  CLI::App* command = app.add_subcommand("bench", "Measure what this project claims");
  command->require_subcommand(1);
  add_stream_bench(*command, exit, "book",
                   "The order books beside a plain one, on a neutral stream", run_book);
  add_stream_bench(*command, exit, "venue", "The whole state machine on a neutral stream",
                   run_venue);
  add_auction(*command, exit);
  add_stream_bench(*command, exit, "metrics",
                   "What counting for the pages of metrics costs, on a neutral stream",
                   run_metrics);
  add_cluster(*command, exit);
  add_failover(*command, exit);
  add_halt(*command, exit);
  add_feed(*command, exit);
  add_snapshot(*command, exit);
  add_standby(*command, exit);
  add_week(*command, exit);
  add_recovery(*command, exit);
  add_cause_bench(*command, exit);
}

}  // namespace okiagari::cli

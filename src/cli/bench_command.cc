#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "bench/book.h"
#include "bench/recovery.h"
#include "bench/venue.h"
#include "cli/commands.h"

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

int run_venue(const StreamOptions& options) {
  bench::VenueOptions venue;
  venue.stream = bench::find_stream(options.stream);
  venue.commands = options.commands;
  venue.rounds = options.rounds;
  venue.progress = tell;
  return options.report.print(bench::bench_venue(venue));
}

struct RecoveryCommandOptions {
  bench::RecoveryOptions bench;
  ReportOptions report;
};

int run_recovery(RecoveryCommandOptions options) {
  const bool is_own_folder = options.bench.folder.empty();
  if (is_own_folder) options.bench.folder = fmt::format("okiagari-bench-recovery-{}", ::getpid());
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
  add_recovery(*command, exit);
}

}  // namespace okiagari::cli

#include <fmt/format.h>

#include "bench/book.h"
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
}

}  // namespace okiagari::cli

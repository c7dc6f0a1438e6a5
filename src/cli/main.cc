// The okiagari command: finds the subcommand and runs it.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/commands.h"
#include "node/nearest_name.h"

namespace okiagari::cli {
namespace {

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

// The innermost subcommand that was named: its help is the one that is wanted.
const CLI::App& innermost(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) return innermost(*command);
  return app;
}

// The first word that is no option where a subcommand should stand.
std::string stray_word(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') return argv[i];
  }
  return {};
}

int explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App& command = innermost(app);
  std::string message = error.what();
  if (&command == &app) {
    const std::string word = stray_word(argc, argv);
    if (!word.empty()) {
      message = fmt::format("there is no command '{}'", word);
      const std::string meant(node::nearest_name(word, names_of_commands(app)));
      if (!meant.empty()) message += fmt::format("; did you mean '{}'?", meant);
    }
  }
  const std::string name = &command == &app ? "okiagari" : "okiagari " + command.get_name();
  return failed(fmt::format("{}\n'{} --help' says what there is", message, name), kExitWrongUse);
}

int run(int argc, char** argv) {
  CLI::App app("Okiagari: a market that keeps its promises when its servers go down", "okiagari");
  app.require_subcommand(1);
  app.set_version_flag("--version", "okiagari 0.1.0");
  const Exit exit = std::make_shared<int>(kExitHolds);
  add_run_command(app, exit);
  add_up_command(app, exit);
  add_status_command(app, exit);
  add_transfer_command(app, exit);
  add_node_command(app, exit);
  add_gateway_command(app, exit);
  add_replay_command(app, exit);
  add_verify_command(app, exit);
  add_bench_command(app, exit);
  add_check_command(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, argc, argv);
  }
  return *exit;
}

}  // namespace
}  // namespace okiagari::cli

int main(int argc, char** argv) { return okiagari::cli::run(argc, argv); }

// The okiagari command: finds the subcommand and runs it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "base/crash_report.h"
#include "base/nearest_name.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/script_command.h"

namespace okiagari::cli {
namespace {

// What could have stood in a place of that command's line.
std::vector<std::string> known_words(const CLI::App& command, bool options) {
  std::vector<std::string> words;
  for (const CLI::App* inner : command.get_subcommands({})) {
    if (!options) words.push_back(inner->get_name());
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (options) words.push_back("--" + name);
    }
  }
  return words;
}

// The innermost subcommand that was named: its help is the one that is wanted.
const CLI::App& innermost(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) return innermost(*command);
  return app;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

// The first word that the command has no place for.
std::string stray_word(const CLI::App& app, const CLI::App& command, int argc, char** argv) {
  const std::vector<std::string> strays = app.remaining(true);
  // The value behind a misspelt option is a stray too.
  for (const std::string& stray : strays) {
    if (stray.starts_with("-")) return stray;
  }
  if (!strays.empty()) return strays.front();
  // A missing subcommand is complained of before the word that stands in its place.
  for (int i = 1; &command == &app && i < argc; ++i) {
    if (argv[i][0] != '-') return argv[i];
  }
  return {};
}

// "book, cluster, wire"
std::string names_of_commands(const CLI::App& command) {
  std::string names;
  for (const CLI::App* inner : command.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + inner->get_name();
  }
  return names;
}

// What is wrong with a word that the command has no place for.
std::string explain_stray(const CLI::App& command, const std::string& word) {
  const bool is_option = word.starts_with("-");
  if (!is_option && command.get_subcommands({}).empty()) {
    return fmt::format("{} takes no word '{}'", full_name(command), word);
  }
  const std::string name = word.substr(0, word.find('='));
  const std::string meant = base::nearest_name(name, known_words(command, is_option));
  return fmt::format("{} has no {} '{}'{}", full_name(command), is_option ? "option" : "command",
                     name, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
}

int explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App& command = innermost(app);
  std::string message = error.what();
  const std::string word = stray_word(app, command, argc, argv);
  if (!word.empty()) {
    message = explain_stray(command, word);
  } else if (error.get_name() == "RequiredError" && !command.get_subcommands({}).empty()) {
    message = fmt::format("{} needs a command: {}", full_name(command), names_of_commands(command));
  }
  return failed(fmt::format("{}\n'{} --help' says what there is", message, full_name(command)),
                kExitWrongUse);
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
  add_member_command(app, exit);
  add_watch_command(app, exit);
  add_halt_command(app, exit);
  add_calendar_command(app, exit);
  add_key_command(app, exit);
  add_certificate_command(app, exit);
  add_node_command(app, exit);
  add_gateway_command(app, exit);
  add_desk_command(app, exit);
  add_incident_command(app, exit);
  add_audit_command(app, exit);
  add_contact_command(app, exit);
  add_replay_command(app, exit);
  add_decode_command(app, exit);
  add_encode_command(app, exit);
  add_auction_command(app, exit);
  add_script_command(app, exit);
  add_verify_command(app, exit);
  add_promote_command(app, exit);
  add_bench_command(app, exit);
  add_check_command(app, exit);
  add_check_feed_command(app, exit);
  add_cause_command(app, exit);
  add_drill_command(app, exit);
  add_notice_command(app, exit);
  add_contact_acts(app, exit);
  add_approval_command(app, exit);
  add_account_command(app, exit);
  add_desk_act_commands(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, argc, argv);
  }
  return *exit;
}

}  // namespace
}  // namespace okiagari::cli

int main(int argc, char** argv) {
  okiagari::base::report_crashes();
  return okiagari::cli::run(argc, argv);
}

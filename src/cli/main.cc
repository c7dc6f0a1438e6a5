// The okiagari command: finds the subcommand and runs it.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/crash_report.h"
#include "base/nearest_name.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/script_command.h"

namespace okiagari::cli {
namespace {

// What could have stood in a place of that command's line.
std::vector<std::string> known_words(Command command, bool options) {
  if (options) return command.long_options();
  std::vector<std::string> words;
  for (const Command inner : command.commands()) words.push_back(inner.name());
  return words;
}

// The innermost subcommand that was named: its help is the one that is wanted.
Command innermost(Command command) {
  const std::optional<Command> inner = command.chosen();
  return inner ? innermost(*inner) : command;
}

// The first word that the command has no place for.
std::string stray_word(const CommandLine& line, Command command,
                       const std::vector<std::string>& words) {
  const std::vector<std::string> strays = line.strays();
  // The value behind a misspelt option is a stray too.
  for (const std::string& stray : strays) {
    if (stray.starts_with("-")) return stray;
  }
  if (!strays.empty()) return strays.front();
  // A missing subcommand is complained of before the word that stands in its place.
  if (command == line.program()) {
    for (const std::string& word : words) {
      if (!word.starts_with("-")) return word;
    }
  }
  return {};
}

// "book, cluster, wire"
std::string names_of_commands(Command command) {
  std::string names;
  for (const Command inner : command.commands()) {
    names += (names.empty() ? "" : ", ") + inner.name();
  }
  return names;
}

// What is wrong with a word that the command has no place for.
std::string explain_stray(Command command, const std::string& word) {
  const bool is_option = word.starts_with("-");
  if (!is_option && command.commands().empty()) {
    return fmt::format("{} takes no word '{}'", command.full_name(), word);
  }
  const std::string name = word.substr(0, word.find('='));
  const std::string meant = base::nearest_name(name, known_words(command, is_option));
  return fmt::format("{} has no {} '{}'{}", command.full_name(), is_option ? "option" : "command",
                     name, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
}

int explain(const CommandLine& line, const Misread& misread,
            const std::vector<std::string>& words) {
  const Command command = innermost(line.program());
  std::string message = misread.message;
  const std::string word = stray_word(line, command, words);
  if (!word.empty()) {
    message = explain_stray(command, word);
  } else if (misread.is_missing && !command.commands().empty()) {
    message =
        fmt::format("{} needs a command: {}", command.full_name(), names_of_commands(command));
  }
  return failed(fmt::format("{}\n'{} --help' says what there is", message, command.full_name()),
                kExitWrongUse);
}

int run(const std::vector<std::string>& words) {
  CommandLine line("okiagari",
                   "Okiagari: a market that keeps its promises when its servers go down",
                   "okiagari 0.1.0");
  const Command app = line.program().needs_command();
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
  if (const auto misread = line.read(words)) return explain(line, *misread, words);
  return *exit;
}

}  // namespace
}  // namespace okiagari::cli

int main(int argc, char** argv) {
  okiagari::base::report_crashes();
  return okiagari::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}

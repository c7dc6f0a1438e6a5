#include "cli/script_command.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/script_file.h"
#include "cli/script_run.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kFileBytesMax = 16u << 20;

struct ScriptOptions {
  std::vector<std::string> paths;
  bool update = false;
};

base::Result<Script> read_script(const std::string& path) {
  auto text = base::read_whole_file(path, kFileBytesMax);
  if (!text) return text.error();
  auto script = parse_script(text.value());
  if (!script) return base::Error{fmt::format("{}:{}", path, script.error().message)};
  return script;
}

base::Status write_came(const std::string& path, Script script, const ScriptOutcome& outcome) {
  for (std::size_t i = 0; i < script.steps.size(); ++i) {
    script.steps[i].expected.clear();
    for (const std::string& line : outcome.came[i]) script.steps[i].expected.push_back({0, line});
  }
  return base::write_whole_file(path, text_of(script));
}

int run_scripts(const ScriptOptions& options) {
  int status = kExitHolds;
  for (const std::string& path : options.paths) {
    auto script = read_script(path);
    if (!script) return failed(script.error().message, kExitWrongUse);
    auto outcome = run_script(path, script.value());
    if (!outcome) return failed(outcome.error().message, kExitWrongUse);
    const auto& differences = outcome.value().differences;
    for (const std::string& line : differences) fmt::print("{}\n", line);
    if (options.update && !differences.empty()) {
      const base::Status written = write_came(path, script.value(), outcome.value());
      if (!written) return failed(written.error().message);
      fmt::print("{}: updated\n", path);
      continue;
    }
    if (!differences.empty()) status = kExitDoesNotHold;
    fmt::print("{}: {} commands, {}\n", path, script.value().steps.size(),
               differences.empty() ? "as expected" : "not as expected");
  }
  return status;
}

}  // namespace

void add_script_command(Command app, const Exit& exit) {
  const Command command =
      app.command("script",
                  "Commands to a market and the events expected of them, from texts: what differs, "
                  "line by line");
  auto options = std::make_shared<ScriptOptions>();
  command.option("FILE", options->paths, "Scripts (docs/scripts.md)").required().existing_file();
  command.flag("--update", options->update,
               "Write what came into the files, in place of what was expected");
  command.footer(
      "No market is needed. The exit status is 1 when something is not as expected.\n\n"
      "Examples:\n"
      "  okiagari script docs/scripts/*.txt\n"
      "  okiagari script --update mine.txt");
  set_action(command, exit, [options] { return run_scripts(*options); });
}

}  // namespace okiagari::cli

#include "cli/command.h"

#include <cstdio>
#include <utility>

namespace okiagari::cli {

void set_action(Command command, const Exit& exit, std::function<int()> action) {
  command.on_run([exit, action = std::move(action)] { *exit = action(); });
}

void set_own_action(Command command, const Exit& exit, std::function<int()> action) {
  command.on_run([command, exit, action = std::move(action)] {
    if (!command.chosen()) *exit = action();
  });
}

void ReportOptions::add_to(Command command) {
  command.flag("--json", json, "Print one JSON object (docs/report.md) instead of a table");
}

int ReportOptions::print(const base::Report& report) const {
  const std::string text = json ? report.to_json() + "\n" : report.to_table();
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return report.exit_status();
}

void say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

int failed(const std::string& message, int status) {
  std::fprintf(stderr, "okiagari: %s\n", message.c_str());
  return status;
}

}  // namespace okiagari::cli

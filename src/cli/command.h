// What every subcommand is made of. A subcommand has a file of its own with one function that adds
// it to the application; what it does returns the exit status of the program.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/report.h"
#include "cli/command_line.h"

namespace okiagari::cli {

// Exit statuses, as docs/operating.md explains them to people.
enum ExitStatus : int {
  kExitHolds = 0,        // done, and what was judged holds
  kExitDoesNotHold = 1,  // done, and something that was judged does not hold
  kExitWrongUse = 2,     // the command line or a configuration is wrong; nothing was done
  kExitFailed = 3,       // it could not be done
};

// The exit status of the subcommand that ran.
using Exit = std::shared_ptr<int>;

// Sets what a subcommand does. `action` returns the exit status.
void set_action(Command command, const Exit& exit, std::function<int()> action);
// The same for one with commands below it: what it does when none of those is named.
void set_own_action(Command command, const Exit& exit, std::function<int()> action);

// "--json" and what follows from it: prints the verdict and returns the exit status.
struct ReportOptions {
  bool json = false;
  void add_to(Command command);
  [[nodiscard]] int print(const base::Report& report) const;
};

// One line to standard error, for progress and errors, so that standard output stays the result's.
void say(const std::string& line);
// An error that ends a subcommand.
[[nodiscard]] int failed(const std::string& message, int status = kExitFailed);

}  // namespace okiagari::cli

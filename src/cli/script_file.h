// A script: commands to a market, and below each, indented, the events that are expected of it.
// docs/scripts.md describes the commands. What belongs here: lines. What does not: what a command
// does (script_run.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::cli {

struct ScriptLine {
  std::uint64_t number = 0;  // in the file, from 1
  std::string text;
};

// A command with what is expected of it, and what stands above it.
struct ScriptStep {
  std::vector<std::string> above;  // comments and empty lines, as they are
  ScriptLine command;
  std::vector<ScriptLine> expected;  // without their indentation
};

struct Script {
  std::vector<ScriptStep> steps;
  std::vector<std::string> below;  // comments behind the last step
};

// Errors name the line.
[[nodiscard]] base::Result<Script> parse_script(std::string_view text);
// The script as text; parse_script() of it gives the script.
[[nodiscard]] std::string text_of(const Script& script);

// What is wrong between the first and the last line that differ: "-" is missing, "+" came besides.
// Empty when the two are the same.
[[nodiscard]] std::vector<std::string> differences(std::string_view name, const ScriptStep& step,
                                                   const std::vector<std::string>& came);

}  // namespace okiagari::cli

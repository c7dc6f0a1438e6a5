// Carries out the commands of a script on a venue in this process and says what came of each.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/script_file.h"

namespace okiagari::cli {

struct ScriptOutcome {
  // What came, by step.
  std::vector<std::vector<std::string>> came;
  // Where that is not what was expected (script_file.h).
  std::vector<std::string> differences;
};

// `name` is what differences and errors begin with. Errors are about commands that are none.
[[nodiscard]] base::Result<ScriptOutcome> run_script(const std::string& name, const Script& script);

}  // namespace okiagari::cli

// Runs a tool of the system to its end, without a shell in between.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace okiagari::drill {

// The error has what it printed. The first word is looked for in the usual folders of programs.
[[nodiscard]] base::Result<std::string> run_program(const std::vector<std::string>& words);
[[nodiscard]] bool has_program(const std::string& name);

}  // namespace okiagari::drill

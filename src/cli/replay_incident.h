// `okiagari replay --minute-before INCIDENT`: which log, from when, by which program.
#pragma once

#include "cli/cli_fwd.h"
#include "cli/command.h"

namespace okiagari::cli {

// The options on `replay` itself, and `replay journal`, which it starts.
void add_replay_incident(CLI::App& replay, const Exit& exit);

}  // namespace okiagari::cli

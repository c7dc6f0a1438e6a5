// `okiagari replay --minute-before INCIDENT`: which log, from when, by which program.
#pragma once

#include "cli/command.h"
#include "cli/command_line.h"

namespace okiagari::cli {

// The options on `replay` itself, and `replay journal`, which it starts.
void add_replay_incident(Command replay, const Exit& exit);

}  // namespace okiagari::cli

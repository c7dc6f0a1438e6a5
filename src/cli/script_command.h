// The subcommand `okiagari script`.
#pragma once

#include "cli/command.h"
#include "cli/command_line.h"

namespace okiagari::cli {

void add_script_command(Command app, const Exit& exit);

}  // namespace okiagari::cli

// The subcommand `okiagari script`.
#pragma once

#include "cli/cli_fwd.h"
#include "cli/command.h"

namespace okiagari::cli {

void add_script_command(CLI::App& app, const Exit& exit);

}  // namespace okiagari::cli

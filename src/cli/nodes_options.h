// Which nodes a command is about, as options of the command line.
#pragma once

#include "cli/cli_fwd.h"
#include "deployment/market_nodes.h"

namespace okiagari::cli {

// Writes into `nodes`, which lives as long as the command.
void add_nodes_options(CLI::App& command, deployment::MarketNodesOptions& nodes);

}  // namespace okiagari::cli

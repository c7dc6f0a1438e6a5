// Which nodes a command is about, as options of the command line.
#pragma once

#include "cli/command_line.h"
#include "deployment/market_nodes.h"

namespace okiagari::cli {

// Writes into `nodes`, which lives as long as the command.
void add_nodes_options(Command command, deployment::MarketNodesOptions& nodes);

}  // namespace okiagari::cli

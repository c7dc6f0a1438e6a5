#include "cli/nodes_options.h"

#include <CLI/CLI.hpp>

namespace okiagari::cli {

void add_nodes_options(CLI::App& command, deployment::MarketNodesOptions& nodes) {
  command.add_option("--data", nodes.folder, "Folder of a market that `up` made")
      ->capture_default_str();
  command.add_option("--config", nodes.config,
                     "Configuration of one of the nodes, instead of --data");
  command.add_option("--node", nodes.nodes,
                     "A node's address for gateways, HOST:PORT; once for each, instead of --data");
  command.add_option("--timeout-ms", nodes.timeout_ms, "How long to wait for answers")
      ->capture_default_str();
}

}  // namespace okiagari::cli

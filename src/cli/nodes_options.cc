#include "cli/nodes_options.h"

namespace okiagari::cli {

void add_nodes_options(Command command, deployment::MarketNodesOptions& nodes) {
  command.option("--data", nodes.folder, "Folder of a market that `up` made").shows_default();
  command.option("--config", nodes.config, "Configuration of one of the nodes, instead of --data");
  command.option("--node", nodes.nodes,
                 "A node's address for gateways, HOST:PORT; once for each, instead of --data");
  command.option("--timeout-ms", nodes.timeout_ms, "How long to wait for answers").shows_default();
}

}  // namespace okiagari::cli

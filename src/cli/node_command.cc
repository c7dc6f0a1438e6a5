#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "node/config.h"
#include "node/node.h"

namespace okiagari::cli {

namespace {

struct NodeCommandOptions {
  std::string folder;
  std::string config;
  bool format = false;
  bool joins = false;
};

int run_node_command(const NodeCommandOptions& options) {
  auto config = node::load_node_config(options.config);
  if (!config) return failed(config.error().message, kExitWrongUse);
  if (options.format) {
    if (base::Status status = node::format_node(config.value(), options.folder, options.joins);
        !status) {
      return failed(status.error().message);
    }
    say(fmt::format("{}: formatted for node {} of cluster {}", options.folder, config.value().node,
                    config.value().cluster));
    if (options.joins) {
      say("start it, and add it to the cluster with `okiagari member add`: docs/operating.md");
    }
    return kExitHolds;
  }
  if (!node::is_formatted(options.folder)) {
    return failed(fmt::format(
        "{}: is not the folder of a node. For a new node make it with `okiagari node --data {} "
        "--config {} --format`, once; a server that was in a cluster before must not be formatted "
        "under its old name, it would forget what it promised (docs/operating.md)",
        options.folder, options.folder, options.config));
  }
  return node::exit_status(node::run_node(config.value(), options.folder));
}

}  // namespace

void add_node_command(Command app, const Exit& exit) {
  auto options = std::make_shared<NodeCommandOptions>();
  const Command command = app.command(
      "node", "Run one server of a market, until SIGTERM; it hands leadership over first");
  command.option("--data", options->folder, "The node's folder").required();
  command.option("--config", options->config, "Its configuration (config/node.toml)").required();
  command.flag("--format", options->format,
               "Make the folder of a new node, with an identity of its own, and end");
  command.flag("--join", options->joins,
               "With --format: for a cluster that runs already, which sends it its log");
  set_action(command, exit, [options] { return run_node_command(*options); });
}

}  // namespace okiagari::cli

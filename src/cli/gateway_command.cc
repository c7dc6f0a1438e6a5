#include <fmt/format.h>

#include "base/json_log.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "deployment/gateway_settings.h"
#include "gateway/run.h"
#include "net/tcp.h"

namespace okiagari::cli {

namespace {

struct GatewayCommandOptions {
  std::string folder;
  std::string config;
};

int run_gateway_command(const GatewayCommandOptions& options) {
  auto settings = deployment::load_gateway_settings(options.config);
  if (!settings) return failed(settings.error().message, kExitWrongUse);
  settings.value().data_dir = options.folder;
  const GatewayId id = settings.value().id;
  const std::uint64_t cluster = settings.value().cluster;
  base::use_json_log(fmt::format("gateway-{}", id));
  const std::atomic<bool>& stop_asked = catch_stop_signals();
  const base::Status status =
      gateway::run_gateway(settings.value(), stop_asked, [&](const net::Endpoint& members) {
        base::log_info(
            "started",
            {{"cluster", cluster}, {"gateway", id}, {"members", net::to_string(members)}},
            "members log in at {}", net::to_string(members));
      });
  if (!status) {
    base::log_critical("start_refused", {}, "{}", status.error().message);
    return kExitFailed;
  }
  base::log_info("stopped", {}, "stopped");
  return kExitHolds;
}

}  // namespace

void add_gateway_command(Command app, const Exit& exit) {
  auto options = std::make_shared<GatewayCommandOptions>();
  const Command command =
      app.command("gateway", "Run one gateway for members' sessions, until SIGTERM");
  command.option("--data", options->folder, "Where its receipt log goes").required();
  command.option("--config", options->config, "Its configuration (config/gateway.toml)").required();
  set_action(command, exit, [options] { return run_gateway_command(*options); });
}

}  // namespace okiagari::cli

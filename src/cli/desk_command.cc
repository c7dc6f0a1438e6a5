#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_process.h"
#include "cli/stop_signal.h"
#include "deployment/desk_settings.h"
#include "node/exit_code.h"

namespace okiagari::cli {

namespace {

struct DeskCommandOptions {
  std::string folder;
  std::string config;
  bool format = false;
};

int run_desk_command(const DeskCommandOptions& options) {
  if (options.folder.empty() || options.config.empty()) {
    return failed(
        "okiagari desk: --data and --config are required; 'okiagari desk --help' says more",
        kExitWrongUse);
  }
  auto settings = deployment::load_desk_settings(options.config);
  if (!settings) return failed(settings.error().message, kExitWrongUse);
  desk::DeskHostOptions host = settings.value().host;
  host.data_folder = options.folder;
  if (options.format) {
    if (base::Status status = desk::format_desk(host); !status) {
      return failed(status.error().message);
    }
    say(fmt::format("{}: formatted for desk {}", options.folder, host.desk));
    return kExitHolds;
  }
  if (!desk::is_desk_formatted(options.folder)) {
    return failed(
        fmt::format("{}: is not the folder of a desk. For a new desk make it with "
                    "`okiagari desk --data {} --config {} --format`, once",
                    options.folder, options.folder, options.config));
  }
  spdlog::set_pattern(fmt::format("%Y-%m-%dT%H:%M:%S.%f desk {} %l: %v", host.desk));
  spdlog::flush_on(spdlog::level::info);
  const std::atomic<bool>& stop_asked = catch_stop_signals();
  auto desk = DeskProcess::open(std::move(settings.value()), options.folder);
  if (!desk) return failed(desk.error().message);
  if (base::Status status = desk.value()->run(stop_asked); !status) {
    spdlog::critical("{}", status.error().message);
    return node::exit_status(node::ExitCode::disk_failed);
  }
  spdlog::info("stopped");
  return kExitHolds;
}

}  // namespace

void add_desk_command(Command app, const Exit& exit) {
  auto options = std::make_shared<DeskCommandOptions>();
  const Command command = app.command(
      "desk",
      "Run one desk: it watches a market and leads people through its outages; and what people do "
      "there");
  command.option("--data", options->folder, "The desk's folder");
  command.option("--config", options->config, "Its configuration (config/desk.toml)");
  command.flag("--format", options->format, "Make the folder of a new desk, and end");
  set_own_action(command, exit, [options] { return run_desk_command(*options); });
}

}  // namespace okiagari::cli

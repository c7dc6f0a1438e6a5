#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/deployment.h"
#include "cli/stop_signal.h"

namespace okiagari::cli {

namespace {

struct UpOptions {
  std::string folder = "market";
  std::uint16_t base_port = 0;
  std::size_t nodes = 3;
  std::size_t gateways = 2;
  std::size_t sessions = 8;
  std::string instruments = "4";
};

base::Result<std::vector<InstrumentPlace>> instruments_of(const std::string& option) {
  if (option.find_first_not_of("0123456789") != std::string::npos) return load_instruments(option);
  const unsigned long count = std::strtoul(option.c_str(), nullptr, 10);
  if (count < 1 || count > 9'999) {
    return base::Error{"--instruments: a number from 1 to 9999, or a file that lists them"};
  }
  return made_up_instruments(count);
}

void print_addresses(const DeploymentFile& market, NodeId leader) {
  fmt::print("market in {}, cluster {}\n", market.folder, market.cluster);
  for (const NodePlace& place : market.nodes) {
    fmt::print("  node {}     process {:>7}  feed {} (ITCH 5.0, SoupBinTCP){}\n", place.node,
               place.pid, net::to_string(place.feed), place.node == leader ? "  leads" : "");
  }
  for (const GatewayPlace& place : market.gateways) {
    fmt::print("  gateway {}  process {:>7}  members {} (OUCH 5.0, SoupBinTCP)\n", place.gateway,
               place.pid, net::to_string(place.members));
  }
  fmt::print("  {} instruments, {} sessions; log-ins are in {}\n", market.instruments.size(),
             market.sessions.size(), DeploymentFile::path_in(market.folder));
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
}

int run_up(const UpOptions& options) {
  auto instruments = instruments_of(options.instruments);
  if (!instruments) return failed(instruments.error().message, kExitWrongUse);
  DeploymentOptions deployment_options;
  deployment_options.folder = options.folder;
  deployment_options.base_port = options.base_port;
  deployment_options.nodes = options.nodes;
  deployment_options.gateways = options.gateways;
  deployment_options.sessions = options.sessions;
  deployment_options.instruments = std::move(instruments.value());
  deployment_options.tell = say;
  deployment_options.is_cancelled = is_stop_asked;
  catch_stop_signals();
  auto prepared = Deployment::prepare(std::move(deployment_options));
  if (!prepared) return failed(prepared.error().message);
  Deployment& deployment = *prepared.value();
  if (base::Status status = deployment.start(); !status) {
    deployment.stop();
    return is_stop_asked() ? int{kExitHolds} : failed(status.error().message);
  }
  print_addresses(deployment.file(), deployment.find_leader(1'000));
  while (!is_stop_asked()) deployment.supervise(20);
  say("stopping");
  deployment.stop();
  return kExitHolds;
}

}  // namespace

void add_up_command(CLI::App& app, const Exit& exit) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* command = app.add_subcommand(
      "up", "Run a whole market on this machine, supervised: what dies comes back");
  command->add_option("--data", options->folder, "Its folder; a market that is there goes on")
      ->capture_default_str();
  command
      ->add_option("--base-port", options->base_port,
                   "First of its ports, all in a row; 0 takes free ones")
      ->check(CLI::Range(0, 65'000))
      ->capture_default_str();
  command->add_option("--nodes", options->nodes, "Servers of a new market")
      ->check(CLI::IsMember({1, 3, 5}))
      ->capture_default_str();
  command->add_option("--gateways", options->gateways, "Gateways of a new market")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->add_option("--sessions", options->sessions, "Members' sessions of a new market")
      ->check(CLI::Range(1, 16'384))
      ->capture_default_str();
  command
      ->add_option("--instruments", options->instruments,
                   "Instruments of a new market: how many, or a file (config/instruments.toml)")
      ->capture_default_str();
  set_action(*command, exit, [options] { return run_up(*options); });
}

}  // namespace okiagari::cli

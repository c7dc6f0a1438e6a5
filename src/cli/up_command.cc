#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "deployment/deployment.h"
#include "deployment/desk_deployment.h"

namespace okiagari::cli {

namespace {

struct UpOptions {
  std::string folder = "market";
  std::uint16_t base_port = 0;
  std::size_t nodes = 3;
  std::size_t gateways = 2;
  std::size_t sessions = 8;
  std::string instruments = "4";
  std::size_t desks = 1;
  bool tls = false;
  bool two_networks = false;
};

base::Result<std::vector<deployment::InstrumentPlace>> instruments_of(const std::string& option) {
  if (option.find_first_not_of("0123456789") != std::string::npos)
    return deployment::load_instruments(option);
  const unsigned long count = std::strtoul(option.c_str(), nullptr, 10);
  if (count < 1 || count > 9'999) {
    return base::Error{"--instruments: a number from 1 to 9999, or a file that lists them"};
  }
  return deployment::made_up_instruments(count);
}

void print_addresses(const deployment::DeploymentFile& market, NodeId leader) {
  fmt::print("market in {}, cluster {}\n", market.folder, market.cluster);
  for (const deployment::NodePlace& place : market.nodes) {
    fmt::print("  node {}     process {:>7}  feed {} (ITCH 5.0, SoupBinTCP){}\n", place.node,
               place.pid, net::to_string(place.feed), place.node == leader ? "  leads" : "");
  }
  for (const deployment::GatewayPlace& place : market.gateways) {
    fmt::print("  gateway {}  process {:>7}  members {} (OUCH 5.0, SoupBinTCP)\n", place.gateway,
               place.pid, net::to_string(place.members));
  }
  fmt::print("  {} instruments, {} sessions; log-ins are in {}\n", market.instruments.size(),
             market.sessions.size(), deployment::DeploymentFile::path_in(market.folder));
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
}

void print_desks(const deployment::DeskDeployment& desks, const std::string& market_folder) {
  for (const deployment::DeskDeployment::Place& place : desks.places()) {
    fmt::print("  desk {}     process {:>7}  http://{}\n", place.desk, place.pid,
               net::to_string(place.http));
  }
  fmt::print("  to log in at its /console/: okiagari desk rehearsal operator-1 --data {}\n",
             market_folder);
}

base::Status start_desks(const UpOptions& options,
                         std::unique_ptr<deployment::DeskDeployment>& desks) {
  if (options.desks == 0) return {};
  deployment::DeskDeploymentOptions desk_options;
  desk_options.market_folder = options.folder;
  desk_options.desks = options.desks;
  desk_options.tell = say;
  auto prepared = deployment::DeskDeployment::prepare(std::move(desk_options));
  if (!prepared) return prepared.error();
  desks = std::move(prepared.value());
  if (base::Status status = desks->start(); !status) return status;
  print_desks(*desks, options.folder);
  return {};
}

int run_up(const UpOptions& options) {
  auto instruments = instruments_of(options.instruments);
  if (!instruments) return failed(instruments.error().message, kExitWrongUse);
  deployment::DeploymentOptions deployment_options;
  deployment_options.folder = options.folder;
  deployment_options.base_port = options.base_port;
  deployment_options.nodes = options.nodes;
  deployment_options.gateways = options.gateways;
  deployment_options.sessions = options.sessions;
  deployment_options.tls = options.tls;
  deployment_options.two_networks = options.two_networks;
  deployment_options.instruments = std::move(instruments.value());
  deployment_options.tell = say;
  deployment_options.is_cancelled = is_stop_asked;
  catch_stop_signals();
  auto prepared = deployment::Deployment::prepare(std::move(deployment_options));
  if (!prepared) return failed(prepared.error().message);
  deployment::Deployment& deployment = *prepared.value();
  if (base::Status status = deployment.start(); !status) {
    deployment.stop();
    return is_stop_asked() ? int{kExitHolds} : failed(status.error().message);
  }
  std::unique_ptr<deployment::DeskDeployment> desks;
  if (base::Status status = start_desks(options, desks); !status) {
    deployment.stop();
    return failed(status.error().message);
  }
  print_addresses(deployment.file(), deployment.find_leader(1'000));
  while (!is_stop_asked()) {
    deployment.supervise(20);
    if (desks) desks->supervise();
  }
  say("stopping");
  if (desks) desks->stop();
  deployment.stop();
  return kExitHolds;
}

}  // namespace

void add_up_command(Command app, const Exit& exit) {
  auto options = std::make_shared<UpOptions>();
  const Command command =
      app.command("up", "Run a whole market on this machine, supervised: what dies comes back");
  command.option("--data", options->folder, "Its folder; a market that is there goes on")
      .shows_default();
  command
      .option("--base-port", options->base_port,
              "First of its ports, all in a row; 0 takes free ones")
      .within(0, 65'000)
      .shows_default();
  command.flag("--tls", options->tls,
               "Links between the processes of a new market are of TLS, with certificates");
  command.flag("--two-networks", options->two_networks,
               "Servers of a new market reach each other by 127.0.0.1 and by 127.0.0.2");
  command.option("--nodes", options->nodes, "Servers of a new market")
      .one_of({1, 3, 5})
      .shows_default();
  command.option("--gateways", options->gateways, "Gateways of a new market")
      .within(1, 16)
      .shows_default();
  command.option("--desks", options->desks, "Desks of a new market; 0: none")
      .one_of({0, 1, 3})
      .shows_default();
  command.option("--sessions", options->sessions, "Members' sessions of a new market")
      .within(1, 16'384)
      .shows_default();
  command
      .option("--instruments", options->instruments,
              "Instruments of a new market: how many, or a file (config/instruments.toml)")
      .shows_default();
  set_action(command, exit, [options] { return run_up(*options); });
}

}  // namespace okiagari::cli

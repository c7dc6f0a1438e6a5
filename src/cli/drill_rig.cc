#include "cli/drill_rig.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/hash.h"
#include "cli/hazard_delivery.h"
#include "cli/stop_signal.h"
#include "deployment/desk_secrets.h"
#include "deployment/market_addresses.h"
#include "drill/memory_group.h"
#include "drill/own_world.h"
#include "drill/site.h"
#include "drill/small_disk.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTraders = 8;
constexpr std::uint16_t kInstruments = 50;
constexpr std::uint32_t kMessagesPerSecond = 2'000;
constexpr std::uint64_t kConnectMs = 20'000;
constexpr drill::SmallDiskSizes kDisk{.disk_bytes = 1u << 30, .store_bytes = 700u << 20};
constexpr std::uint64_t kMemoryBytes = 1'536u << 20;
// Longer than any drill; what is left of the rig then goes.
constexpr std::uint64_t kRigLastsMs = 300'000;

std::string server_name(bool is_node, unsigned id) {
  return fmt::format("{}-{}", is_node ? "node" : "gateway", id);
}

}  // namespace

base::Result<std::unique_ptr<DrillRig>> DrillRig::start(const DrillRigOptions& options) {
  std::unique_ptr<DrillRig> rig(new DrillRig(options));
  for (const auto step :
       {&DrillRig::prepare_folder, &DrillRig::prepare_disks, &DrillRig::prepare_memory,
        &DrillRig::start_market, &DrillRig::start_desk, &DrillRig::start_load}) {
    if (base::Status status = (rig.get()->*step)(); !status) return status.error();
    if (is_stop_asked()) return base::Error{"stopped before the drill began"};
  }
  return rig;
}

DrillRig::~DrillRig() { stop(); }

base::Status DrillRig::prepare_folder() {
  std::error_code error;
  const std::string folder = fs::absolute(options_.folder, error).string();
  market_folder_ = folder + "/market";
  work_folder_ = folder + "/inflicted";
  fs::remove_all(market_folder_, error);
  fs::remove_all(work_folder_, error);
  fs::create_directories(market_folder_, error);
  fs::create_directories(work_folder_, error);
  if (error) return base::Error{fmt::format("{}: {}", folder, error.message())};
  auto guard = drill::ExpiryGuard::start(work_folder_ + "/guard.log");
  if (!guard) return guard.error();
  guard_ = std::move(guard.value());
  auto flow = recordings::read_flow(options_.flow);
  if (!flow) return flow.error();
  flow_ = recordings::spread_over(flow.value(), kInstruments);
  source_ = std::make_unique<FlowSource>(flow_, kTraders);
  return {};
}

base::Status DrillRig::prepare_disks() {
  if (!drill::lacks({.disks = true}).empty()) return {};
  for (unsigned node = 1; node <= kNodes; ++node) {
    const std::string name = server_name(true, node);
    auto disk = drill::make_small_disk(market_folder_ + "/" + name,
                                       fmt::format("{}/store-{}", work_folder_, node), kDisk);
    if (!disk) return disk.error();
    stores_[name] = disk.value().store;
    clearing_.push_back(drill::unmount(disk.value().folder));
    clearing_.push_back(drill::unmount(disk.value().store));
  }
  return {};
}

base::Status DrillRig::prepare_memory() {
  if (!drill::lacks({.memory_groups = true}).empty()) return {};
  for (unsigned at = 0; at < kNodes + kGateways; ++at) {
    const bool is_node = at < kNodes;
    const std::string name =
        server_name(is_node, is_node ? at + 1 : at - static_cast<unsigned>(kNodes) + 1);
    auto group = drill::make_memory_group(fmt::format("okiagari-drill-{}-{}", ::getpid(), name),
                                          kMemoryBytes);
    if (!group) return group.error();
    memory_groups_[name] = group.value();
    clearing_.push_back(drill::remove_folder(group.value()));
  }
  return {};
}

// Servers begin in their control groups: what starts them is a script that joins first.
base::Result<std::string> DrillRig::write_program() const {
  if (memory_groups_.empty()) return options_.program;
  const std::string path = work_folder_ + "/start";
  {
    std::ofstream file(path, std::ios::trunc);
    file << "#!/bin/sh\n# KIND --data FOLDER ...\ncase ${3##*/} in\n";
    for (const auto& [name, group] : memory_groups_) {
      file << fmt::format("{}) echo $$ >'{}/cgroup.procs' ;;\n", name, group);
    }
    // Of all processes in its group, the kernel shall end the server: nobody may say of a hog that
    // it is never to be ended, without a right that not every root has.
    file << fmt::format("esac\necho 1000 >/proc/self/oom_score_adj\nexec '{}' \"$@\"\n",
                        options_.program);
    if (!file.flush()) return base::Error{fmt::format("{}: cannot be written", path)};
  }
  std::error_code error;
  fs::permissions(path, fs::perms::owner_all, error);
  return path;
}

base::Status DrillRig::start_market() {
  std::array<std::vector<std::string>, drill::kSites.size()> servers;
  for (unsigned at = 0; at < drill::kSites.size(); ++at) {
    if (at < kNodes) servers[at].push_back(server_name(true, at + 1));
    if (at < kGateways) servers[at].push_back(server_name(false, at + 1));
  }
  std::ofstream(market_folder_ + "/sites.toml") << drill::sites_text(servers);
  if (auto armed = guard_->arm(kRigLastsMs, clearing_); !armed) return armed.error();
  auto program = write_program();
  if (!program) return program.error();
  deployment::DeploymentOptions options;
  options.folder = market_folder_;
  options.program = program.value();
  options.nodes = kNodes;
  options.gateways = kGateways;
  options.sessions = kTraders + 1;  // the last one's is the member that may flood
  options.instruments = instruments_of(flow_);
  options.funds.cash = 4'000'000'000'000'000'000;
  options.funds.lots = 1'000'000'000'000'000;
  options.is_cancelled = is_stop_asked;
  options.tell = options_.tell;
  auto prepared = deployment::Deployment::prepare(std::move(options));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  return market_->start();
}

base::Status DrillRig::start_desk() {
  deployment::DeskDeploymentOptions options;
  options.market_folder = market_folder_;
  options.program = options_.program;
  options.tell = options_.tell;
  auto prepared = deployment::DeskDeployment::prepare(std::move(options));
  if (!prepared) return prepared.error();
  desks_ = std::move(prepared.value());
  return desks_->start();
}

base::Status DrillRig::start_load() {
  check::LoadOptions options;
  options.messages_per_second = kMessagesPerSecond;
  options.source = source_.get();
  load_ = std::make_unique<check::Load>(
      loop_, history_, deployment::market_addresses(market_->file(), kTraders), options);
  load_->while_waiting = [this] {
    market_->supervise();
    desks_->supervise();
  };
  return load_->connect(kConnectMs);
}

void DrillRig::turn() {
  load_->turn();
  market_->supervise();
  desks_->supervise();
}

void DrillRig::stop() {
  if (desks_) desks_->stop();
  desks_.reset();
  load_.reset();
  if (market_) market_->stop();
  market_.reset();
}

void DrillRig::lose(const std::string& server, bool is_lost) {
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (server_name(true, place.node) == server) market_->lose_node(place.node, is_lost);
  }
  for (const deployment::GatewayPlace& place : market_->file().gateways) {
    if (server_name(false, place.gateway) == server) market_->lose_gateway(place.gateway, is_lost);
  }
}

drill::TargetMarket DrillRig::target() {
  drill::TargetMarket target;
  const deployment::DeploymentFile& file = market_->file();
  target.cluster = file.cluster;
  const auto add = [&](bool is_node, unsigned id, pid_t process, const std::string& folder) {
    drill::TargetServer& server = target.servers.emplace_back();
    server.name = server_name(is_node, id);
    server.is_node = is_node;
    server.process = process;
    server.folder = folder;
    server.configuration = fmt::format("{}/{}.toml", folder, is_node ? "node" : "gateway");
    server.store = stores_[server.name];
    server.memory_group = memory_groups_[server.name];
    server.site = drill::site_of(id).name;
    return &server;
  };
  for (const deployment::NodePlace& place : file.nodes) {
    drill::TargetServer* server = add(true, place.node, place.pid, place.folder);
    server->operators = place.gateways;
    server->peers_port = place.peers.port;
    server->ports = {place.peers.port, place.gateways.port, place.feed.port};
    if (place.http) server->ports.push_back(place.http->port);
  }
  for (const deployment::GatewayPlace& place : file.gateways) {
    drill::TargetServer* server = add(false, place.gateway, place.pid, place.folder);
    server->members = place.members;
    server->ports = {place.members.port};
    if (place.http) server->ports.push_back(place.http->port);
  }
  target.find_leader = [this]() -> std::string {
    const NodeId leader = market_->find_leader(1'000);
    return leader == 0 ? std::string() : server_name(true, leader);
  };
  for (const deployment::OperatorPlace& person : file.operators) {
    if (!person.stop_only) target.operators.push_back({person.id, person.key_file});
  }
  target.session = file.sessions.back().name;
  target.session_token = file.sessions.back().token;
  for (const deployment::InstrumentPlace& instrument : file.instruments) {
    target.symbols.push_back(instrument.symbol);
  }
  target.program = options_.program;
  target.work_folder = work_folder_;
  target.lose = [this](const std::string& server, bool is_lost) { lose(server, is_lost); };
  target.publish_hazard = [this](const std::string& xml) { return publish(xml); };
  return target;
}

base::Status DrillRig::publish(const std::string& xml) const {
  auto secrets = deployment::load_or_make_secrets(market_folder_ + "/desk/secrets.json");
  if (!secrets) return secrets.error();
  return deliver_public_message(desks_->places().front().http,
                                base::to_hex(secrets.value().alert_key), xml);
}

base::Result<DeskRecord> DrillRig::record() const {
  return read_desk_record(market_folder_ + "/desk-1");
}

}  // namespace okiagari::cli

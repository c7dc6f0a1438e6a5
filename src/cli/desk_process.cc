#include "cli/desk_process.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cause/cause_table.h"
#include "cli/desk_watch.h"
#include "cli/desk_web.h"
#include "cli/market_hands.h"
#include "cli/market_stops.h"
#include "deployment/desk_configuration.h"
#include "deployment/desk_secrets.h"
#include "deployment/market_watching.h"
#include "desk/accounts.h"
#include "desk/approvals.h"
#include "desk/clocks.h"
#include "desk/component_measures.h"
#include "desk/components.h"
#include "desk/courier.h"
#include "desk/first_look.h"
#include "desk/halts.h"
#include "desk/maintenance_cover.h"
#include "desk/maintenances.h"
#include "desk/notice_signer.h"
#include "desk/notices.h"
#include "desk/paging.h"
#include "desk/playbook_runs.h"
#include "desk/recovery.h"
#include "desk/relief.h"
#include "desk/subscriptions.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kIdleMs = 100;

desk::MarketShape shape_of(const deployment::DeploymentFile& market) {
  desk::MarketShape shape;
  shape.instruments = market.instruments.size();
  for (const deployment::SessionAccess& access : market.sessions) {
    shape.members.emplace(access.member, fmt::format("M{:03}", access.member));
  }
  return shape;
}

// Servers stand before the market and beside each other on this host.
cause::Topology topology_of(const deployment::DeploymentFile& market) {
  cause::Topology topology;
  for (const deployment::NodePlace& node : market.nodes) {
    const std::string name = fmt::format("node-{}", node.node);
    (void)topology.connect(name, "host local");
    for (const deployment::GatewayPlace& gateway : market.gateways) {
      (void)topology.connect(fmt::format("gateway-{}", gateway.gateway), name);
    }
  }
  for (const deployment::GatewayPlace& gateway : market.gateways) {
    (void)topology.connect(fmt::format("gateway-{}", gateway.gateway), "host local");
  }
  for (const watch::SiteSettings& site : deployment::watch_settings(market).sites) {
    for (const std::string& server : site.servers) {
      (void)topology.connect(server, "site " + site.name);
    }
  }
  return topology;
}

std::unique_ptr<desk::Desk> make_desk(const desk::Playbook& playbook) {
  auto desk = std::make_unique<desk::Desk>();
  auto& incidents = desk->add(std::make_unique<desk::Incidents>(playbook.triggers));
  desk->add(std::make_unique<desk::PlaybookRuns>(playbook, incidents));
  const auto& halts = desk->add(std::make_unique<desk::Halts>());
  desk->add(std::make_unique<desk::Recovery>(halts));
  desk->add(std::make_unique<desk::Relief>(incidents));
  desk->add(std::make_unique<desk::Approvals>());
  desk->add(std::make_unique<desk::Accounts>());
  const auto& maintenances = desk->add(std::make_unique<desk::Maintenances>());
  const auto& components = desk->add(std::make_unique<desk::Components>(&maintenances));
  desk->add(
      std::make_unique<desk::Paging>(desk::MaintenanceCover(incidents, maintenances, components)));
  desk->add(std::make_unique<desk::Clocks>(&incidents));
  const auto& subscriptions = desk->add(std::make_unique<desk::Subscriptions>());
  desk->add(std::make_unique<desk::Notices>(&subscriptions));
  return desk;
}

}  // namespace

struct DeskProcess::Parts {
  Parts(deployment::DeskSettings given, deployment::DeploymentFile market_file, desk::Playbook book)
      : settings(std::move(given)),
        market(std::move(market_file)),
        playbook(std::move(book)),
        sizing(shape_of(market)),
        topology(topology_of(market)) {}

  deployment::DeskSettings settings;
  deployment::DeploymentFile market;
  desk::Playbook playbook;
  desk::Sizing sizing;
  cause::Topology topology;
  deployment::DeskSecrets secrets;
  std::vector<desk::Entry> configuration;
  net::Loop loop;
  std::unique_ptr<desk::DeskHost> host;
  std::unique_ptr<desk::Courier> courier;
  std::unique_ptr<desk::NoticeSigner> signer;
  std::unique_ptr<MarketHands> market_hands;
  std::unique_ptr<DeskWeb> web;
  std::unique_ptr<DeskWatch> watch;
  std::unique_ptr<MarketStops> stops;
  std::unique_ptr<desk::FirstLook> first_look;
  std::unique_ptr<desk::ComponentMeasures> measures;

  base::Status read_files();
  base::Status open_courier();
  base::Status open_hands();
  void attach();
  void lead(bool leads);
};

base::Status DeskProcess::Parts::read_files() {
  auto keys = deployment::load_or_make_secrets(settings.secrets_path);
  if (!keys) return keys.error();
  secrets = keys.value();
  auto entries = deployment::configuration_entries(settings, market, secrets);
  if (!entries) return entries.error();
  configuration = std::move(entries.value());
  return {};
}

base::Status DeskProcess::Parts::open_courier() {
  if (settings.courier_path.empty()) return {};
  auto courier_settings = desk::load_courier_settings(settings.courier_path);
  if (!courier_settings) return courier_settings.error();
  auto opened = desk::Courier::open(loop, std::move(courier_settings.value()));
  if (!opened) return opened.error();
  courier = std::move(opened.value());
  host->attach(*courier);
  return {};
}

base::Status DeskProcess::Parts::open_hands() {
  auto key = load_desk_key(market);
  if (!key) return key.error();
  market_hands = std::make_unique<MarketHands>(loop, market.folder, std::move(key.value()));
  host->attach(*market_hands);
  auto opened = DeskWeb::open(loop, *host, settings, secrets);
  if (!opened) return opened.error();
  web = std::move(opened.value());
  host->attach(web->hands());
  host->attach([this](std::uint64_t now_ms) { return web->tick(now_ms); });
  return {};
}

void DeskProcess::Parts::attach() {
  host->picture = [this] { return watch->picture(); };
  host->on_lead = [this](bool leads) { lead(leads); };
  host->attach([this](std::uint64_t now_ms) { return watch->tick(now_ms); });
  host->attach([this](std::uint64_t now_ms) { return stops->tick(now_ms); });
  host->attach([this](std::uint64_t now_ms) { return first_look->tick(now_ms); });
  host->attach([this](std::uint64_t now_ms) { return measures->look(sizing.picture(), now_ms); });
  host->attach([this](std::uint64_t now_ms) {
    if (host->leads()) signer->turn();
    return now_ms + kIdleMs;
  });
}

void DeskProcess::Parts::lead(bool leads) {
  watch->lead(leads);
  if (!leads) return;
  measures->begin_to_lead();
  for (const desk::Entry& entry : configuration) host->submit(entry, nullptr);
  // The state may be another one than at the last time, after a snapshot.
  signer = std::make_unique<desk::NoticeSigner>(*host, *host->desk().part<desk::Notices>(),
                                                base::key_pair_from_seed(secrets.notice_seed));
  signer->begin();
}

DeskProcess::DeskProcess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DeskProcess::~DeskProcess() = default;

base::Result<std::unique_ptr<DeskProcess>> DeskProcess::open(deployment::DeskSettings settings,
                                                             std::string data_folder) {
  auto market = deployment::DeploymentFile::load(settings.market_folder);
  if (!market) return market.error();
  auto playbook = desk::load_playbook(settings.playbook_path);
  if (!playbook) return playbook.error();
  settings.host.data_folder = std::move(data_folder);
  auto parts = std::make_unique<Parts>(std::move(settings), std::move(market.value()),
                                       std::move(playbook.value()));
  if (base::Status status = parts->read_files(); !status) return status.error();
  auto host = desk::DeskHost::open(parts->loop, parts->settings.host,
                                   [&book = parts->playbook] { return make_desk(book); });
  if (!host) return host.error();
  parts->host = std::move(host.value());
  parts->watch =
      std::make_unique<DeskWatch>(parts->loop, *parts->host, parts->sizing, parts->market,
                                  fmt::format("desk-{}", parts->settings.host.desk));
  parts->stops =
      std::make_unique<MarketStops>(parts->loop, *parts->host, parts->sizing, parts->market.folder);
  parts->first_look = std::make_unique<desk::FirstLook>(
      *parts->host, parts->sizing, cause::CauseTable::builtin(), parts->topology);
  parts->measures =
      std::make_unique<desk::ComponentMeasures>(*parts->host, parts->settings.measures);
  parts->attach();
  if (base::Status status = parts->open_courier(); !status) return status.error();
  if (base::Status status = parts->open_hands(); !status) return status.error();
  return std::unique_ptr<DeskProcess>(new DeskProcess(std::move(parts)));
}

base::Status DeskProcess::run(const std::atomic<bool>& stop_asked) {
  while (true) {
    if (base::Status status = parts_->host->turn(); !status) return status;
    if (stop_asked && parts_->host->leave(net::Loop::now_ms())) return {};
  }
}

}  // namespace okiagari::cli

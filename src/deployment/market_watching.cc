#include "deployment/market_watching.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "feed/market_data.h"
#include "watch/process_endings.h"
#include "watch/reporter.h"

namespace okiagari::deployment {

namespace {

constexpr std::uint64_t kLookoutIntervalMs = 250;

// All lines but that of one node: two of three are enough for who listens.
watch::LineWatchSettings lines_without(const DeploymentFile& market, std::size_t left_out) {
  watch::LineWatchSettings lines;
  lines.session = feed::session_of(market.cluster);
  lines.interface = "127.0.0.1";
  for (std::size_t at = 0; at < market.nodes.size(); ++at) {
    const NodePlace& place = market.nodes[at];
    if (place.feed_line && (at != left_out || market.nodes.size() < 3)) {
      lines.lines.push_back({place.node, *place.feed_line});
    }
    if (place.feed_requests) lines.requests.push_back(*place.feed_requests);
  }
  return lines;
}

watch::CanarySettings canary_without_sessions(const CanaryPlace& place) {
  watch::CanarySettings canary;
  canary.symbol = place.instrument.symbol;
  canary.price_e4 = std::uint64_t{place.instrument.tick_e4} *
                    static_cast<std::uint64_t>(place.instrument.low_ticks);
  return canary;
}

}  // namespace

// Behind those of a desk and the spare one.
bool has_lookout(const DeploymentFile& market) {
  return market.canary.sessions.size() > 2 * market.gateways.size();
}

watch::WatchSettings lookout_settings(const DeploymentFile& market) {
  watch::WatchSettings settings;
  settings.name = "lookout";
  settings.watches_host = false;
  settings.market.cluster = market.cluster;
  for (const NodePlace& place : market.nodes) {
    settings.market.nodes.push_back({place.node, place.gateways, place.feed});
  }
  settings.lines = lines_without(market, 0);
  settings.canary = canary_without_sessions(market.canary);
  settings.canary.interval_ms = kLookoutIntervalMs;
  for (std::size_t at = 0; at < market.gateways.size(); ++at) {
    const GatewayPlace& place = market.gateways[at];
    settings.market.gateways.push_back({place.gateway, place.members});
    if (!has_lookout(market)) continue;
    const SessionAccess& access = market.canary.sessions[market.gateways.size() + 1 + at];
    settings.canary.sessions.push_back({place.gateway, access.name, access.token});
  }
  return settings;
}

watch::WatchSettings watch_settings(const DeploymentFile& market) {
  watch::WatchSettings settings;
  settings.market.cluster = market.cluster;
  for (const NodePlace& place : market.nodes) {
    settings.market.nodes.push_back({place.node, place.gateways, place.feed});
    settings.host.ports[place.feed.port] = watch::node_name(place.node);
    settings.logs.files[place.folder + "/output.log"] = watch::node_name(place.node);
    if (place.http) settings.metrics.targets.push_back({watch::node_name(place.node), *place.http});
    settings.changes.files[place.folder + "/node.toml"] = watch::node_name(place.node);
  }
  for (const GatewayPlace& place : market.gateways) {
    settings.market.gateways.push_back({place.gateway, place.members});
    settings.host.ports[place.members.port] = watch::gateway_name(place.gateway);
    settings.logs.files[place.folder + "/output.log"] = watch::gateway_name(place.gateway);
    if (place.http) {
      settings.metrics.targets.push_back({watch::gateway_name(place.gateway), *place.http});
    }
    settings.changes.files[place.folder + "/gateway.toml"] = watch::gateway_name(place.gateway);
    settings.changes.halts[place.folder + "/halt_state.json"] = watch::gateway_name(place.gateway);
  }
  settings.changes.files[market.folder + "/credentials.toml"] = "market";
  settings.changes.program = base::own_program();
  settings.changes.files[sites_path_in(market.folder)] = "market";
  if (auto sites = watch::load_sites(sites_path_in(market.folder))) settings.sites = sites.value();
  settings.message_folder = market.folder + "/public-messages";
  settings.endings_file = watch::endings_path_in(market.folder);
  settings.lines = lines_without(market, market.nodes.size() - 1);
  const CanaryPlace& canary = market.canary;
  settings.canary = canary_without_sessions(canary);
  // The session behind these is to spare, and those behind it are the lookout's.
  for (std::size_t at = 0; at < market.gateways.size() && at + 1 < canary.sessions.size(); ++at) {
    const SessionAccess& access = canary.sessions[at];
    settings.canary.sessions.push_back({market.gateways[at].gateway, access.name, access.token});
  }
  // The market's own first: what stands on the same disk needs no probe of its own.
  settings.host.folders = {market.folder};
  for (const NodePlace& place : market.nodes) {
    settings.host.folders.push_back(place.folder);
    settings.host.owners[place.folder] = watch::node_name(place.node);
  }
  for (const GatewayPlace& place : market.gateways) {
    settings.host.folders.push_back(place.folder);
    settings.host.owners[place.folder] = watch::gateway_name(place.gateway);
  }
  return settings;
}

std::string sites_path_in(const std::string& folder) { return folder + "/sites.toml"; }

std::string default_sites(const DeploymentFile& market) {
  struct Where {
    const char* name;
    const char* areas;
    const char* latitude;
    const char* longitude;
  };
  constexpr std::array kWhere = {
      Where{"tokyo", "\"東京都\", \"東京\", \"130000\"", "35.68", "139.77"},
      Where{"osaka", "\"大阪府\", \"大阪\", \"270000\"", "34.69", "135.50"},
      Where{"fukuoka", "\"福岡県\", \"福岡\", \"400000\"", "33.59", "130.40"}};
  std::string text =
      "# Where the servers stand, for public messages and the loss of a site: config/watch.toml.\n"
      "# A rehearsal's sites are made up.\n";
  for (std::size_t at = 0; at < std::min(kWhere.size(), market.nodes.size()); ++at) {
    std::string servers;
    const auto add = [&](const std::string& name) {
      servers += fmt::format("{}\"{}\"", servers.empty() ? "" : ", ", name);
    };
    for (std::size_t i = at; i < market.nodes.size(); i += kWhere.size()) {
      add(watch::node_name(market.nodes[i].node));
    }
    for (std::size_t i = at; i < market.gateways.size(); i += kWhere.size()) {
      add(watch::gateway_name(market.gateways[i].gateway));
    }
    text += fmt::format(
        "\n[[site]]\nname = \"{}\"\nservers = [{}]\nareas = [{}]\nlatitude = \"{}\"\n"
        "longitude = \"{}\"\n",
        kWhere[at].name, servers, kWhere[at].areas, kWhere[at].latitude, kWhere[at].longitude);
  }
  return text;
}

watch::HostWatch::Processes market_processes(const std::string& folder) {
  struct Known {
    std::filesystem::file_time_type written;
    std::map<std::string, pid_t> processes;
  };
  return [folder, known = std::make_shared<Known>()] {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(DeploymentFile::path_in(folder), error);
    if (error || written == known->written) return known->processes;
    const auto market = DeploymentFile::load(folder);
    if (!market) return known->processes;
    known->written = written;
    for (const NodePlace& place : market.value().nodes) {
      known->processes[watch::node_name(place.node)] = place.pid;
    }
    for (const GatewayPlace& place : market.value().gateways) {
      known->processes[watch::gateway_name(place.gateway)] = place.pid;
    }
    return known->processes;
  };
}

}  // namespace okiagari::deployment

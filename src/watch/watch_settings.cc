#include "watch/watch_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/settings.h"
#include "net/endpoint_setting.h"

namespace okiagari::watch {

namespace {

using Presence = base::Settings::Presence;

constexpr std::size_t kSymbolCharactersMax = 8;

// What a node or gateway may have besides its address.
void read_server(base::Settings& table, const std::string& entity, WatchSettings& into) {
  net::Endpoint health;
  if (net::read_endpoint(table, "health", health)) {
    into.metrics.targets.push_back({entity, health});
  }
  std::string path;
  if (table.text("log", path)) into.logs.files[path] = entity;
  if (table.text("config", path)) into.changes.files[path] = entity;
}

// Lines are named where they are to be heard from this place; requests go to whoever answers them.
void read_lines(base::Settings& node, NodeId number, LineWatchSettings& into) {
  LineAddress line{.node = number, .line = {}};
  if (net::read_endpoint(node, "feed_line", line.line)) into.lines.push_back(line);
  net::Endpoint requests;
  if (net::read_endpoint(node, "feed_requests", requests)) into.requests.push_back(requests);
}

void read_vantage(base::Settings& root, VantageSettings& into) {
  for (base::Settings& table : root.tables("vantage")) {
    net::read_endpoint(table, "at", into.others.emplace_back(), Presence::required);
  }
}

void read_market(base::Settings& root, WatchSettings& into) {
  root.integer("cluster", into.market.cluster, 1, INT64_MAX, Presence::required);
  for (base::Settings& table : root.tables("node")) {
    NodeAddress& node = into.market.nodes.emplace_back();
    node.feed.port = 0;
    table.integer("node", node.node, 1, 65'535, Presence::required);
    net::read_endpoint(table, "gateways", node.gateways, Presence::required);
    net::read_endpoint(table, "feed", node.feed);
    read_lines(table, node.node, into.lines);
    read_server(table, node_name(node.node), into);
  }
  root.text("feed_session", into.lines.session);
  root.text("feed_interface", into.lines.interface);
  if (!into.lines.lines.empty() && into.lines.session.empty()) {
    root.refuse("feed_session", "the lines of the feed are told apart by 'feed_session'");
  }
  if (into.market.nodes.empty()) root.refuse("node", "no [[node]] is there to be watched");
  for (base::Settings& table : root.tables("gateway")) {
    GatewayAddress& gateway = into.market.gateways.emplace_back();
    table.integer("gateway", gateway.gateway, 1, 65'535, Presence::required);
    net::read_endpoint(table, "members", gateway.members, Presence::required);
    read_server(table, gateway_name(gateway.gateway), into);
  }
}

void read_canary(base::Settings& root, WatchSettings& into) {
  base::Settings table = root.table("canary");
  CanarySettings& canary = into.canary;
  table.text("symbol", canary.symbol);
  if (canary.symbol.size() > kSymbolCharactersMax) {
    table.refuse("symbol", "'symbol' has at most 8 characters");
  }
  table.integer("price_e4", canary.price_e4, 1, 4'000'000'000);
  table.integer("interval_ms", canary.interval_ms, 1, 60'000);
  table.integer("after_loss_ms", canary.after_loss_ms, 1, 60'000);
  table.integer("fail_ms", canary.limits.fail_ms, 10, 60'000);
  for (base::Settings& session : table.tables("session")) {
    CanarySession& one = canary.sessions.emplace_back();
    session.integer("gateway", one.gateway, 1, 65'535, Presence::required);
    session.text("name", one.name, Presence::required);
    session.text("token", one.token, Presence::required);
    const bool is_watched =
        std::any_of(into.market.gateways.begin(), into.market.gateways.end(),
                    [&](const GatewayAddress& gateway) { return gateway.gateway == one.gateway; });
    if (!is_watched) {
      session.refuse("gateway", fmt::format("there is no [[gateway]] {}", one.gateway));
    }
  }
  if (!canary.sessions.empty() && canary.symbol.empty()) {
    root.refuse("canary", "the canary needs the 'symbol' of a test instrument");
  }
}

void read_host(base::Settings& root, WatchSettings& into) {
  base::Settings table = root.table("host");
  table.flag("watched", into.watches_host);
  table.text("name", into.host.host);
  into.host.folders = table.texts("folders");
  table.integer("interval_ms", into.host.interval_ms, 50, 60'000);
  table.integer("disk_probe_ms", into.host.disk_probe_ms, 0, 60'000);
  for (const GatewayAddress& gateway : into.market.gateways) {
    into.host.ports[gateway.members.port] = gateway_name(gateway.gateway);
  }
}

// Degrees as a text: the files of this house have no floating point.
bool read_degrees(base::Settings& table, std::string_view key, double most, double& into) {
  std::string text;
  if (!table.text(key, text)) return false;
  char* end = nullptr;
  into = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0' && into >= -most && into <= most) return true;
  table.refuse(key, fmt::format("'{}' is a text like \"35.68\"", key));
  return false;
}

void read_sites(base::Settings& root, std::vector<SiteSettings>& into) {
  for (base::Settings& table : root.tables("site")) {
    SiteSettings& site = into.emplace_back();
    table.text("name", site.name, Presence::required);
    site.servers = table.texts("servers");
    site.areas = table.texts("areas");
    std::string intensity;
    if (table.text("intensity_least", intensity)) {
      const auto rank = intensity_rank(intensity);
      if (!rank) table.refuse("intensity_least", "0, 1, 2, 3, 4, 5-, 5+, 6-, 6+ or 7");
      site.intensity_least = rank.value_or(site.intensity_least);
    }
    std::uint32_t radius_km = 100;
    table.integer("radius_km", radius_km, 1, 20'000);
    site.radius_km = radius_km;
    Coordinate where;
    const bool has_latitude = read_degrees(table, "latitude", 90, where.latitude);
    const bool has_longitude = read_degrees(table, "longitude", 180, where.longitude);
    if (has_latitude && has_longitude) site.where = where;
  }
}

base::Result<WatchSettings> read(base::Result<base::Settings> settings) {
  if (!settings) return settings.error();
  base::Settings& root = settings.value();
  WatchSettings into;
  root.text("name", into.name);
  root.text("program", into.changes.program);
  read_market(root, into);
  read_canary(root, into);
  read_host(root, into);
  read_vantage(root, into.vantage);
  root.text("public_messages", into.message_folder);
  read_sites(root, into.sites);
  if (base::Status status = root.finish(); !status) return status.error();
  return into;
}

}  // namespace

base::Result<WatchSettings> load_watch_settings(const std::string& path) {
  return read(base::Settings::load(path));
}

base::Result<std::vector<SiteSettings>> load_sites(const std::string& path) {
  std::vector<SiteSettings> sites;
  if (!std::filesystem::exists(path)) return sites;
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  read_sites(settings.value(), sites);
  if (base::Status status = settings.value().finish(); !status) return status.error();
  return sites;
}

base::Result<WatchSettings> parse_watch_settings(std::string_view text, const std::string& origin) {
  return read(base::Settings::parse(text, origin));
}

}  // namespace okiagari::watch

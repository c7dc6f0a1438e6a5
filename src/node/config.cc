#include "node/config.h"

#include <algorithm>

#include "base/assert.h"
#include "base/settings.h"
#include "net/endpoint_setting.h"

namespace okiagari::node {

namespace {

using base::Settings;
using Presence = Settings::Presence;

void read_timeouts(Settings table, journal::Timeouts& into) {
  table.integer("election_ms", into.election_ms, 50, 60'000);
  table.integer("heartbeat_ms", into.heartbeat_ms, 5, 5'000);
  table.integer("silence_ms", into.silence_ms, 20, 60'000);
  table.integer("no_progress_ms", into.no_progress_ms, 50, 60'000);
  table.integer("take_over_stagger_ms", into.take_over_stagger_ms, 0, 1'000);
  table.integer("quick_election_ms", into.quick_election_ms, 5, 5'000);
  table.integer("own_lateness_ms", into.own_lateness_ms, 10, 10'000);
  table.integer("max_depositions_per_minute", into.max_depositions_per_minute, 0, 1'000);
  table.integer("max_confirmed_depositions_per_minute", into.max_confirmed_depositions_per_minute,
                0, 1'000);
  table.integer("quick_election_for_ms", into.quick_election_for_ms, 50, 60'000);
  table.integer("transfer_ms", into.transfer_ms, 50, 60'000);
  table.integer("install_snapshot_ms", into.install_snapshot_ms, 1'000, 3'600'000);
}

void read_journal(Settings table, NodeConfig& into) {
  table.integer("segment_mib", into.segment_mib, 1, 4'096);
  table.integer("cache_mib", into.cache_mib, 1, 65'536);
  table.integer("min_free_mib", into.min_free_mib, 0, 1u << 20);
  table.integer("snapshot_after_mib", into.snapshot_after_mib, 1, 1u << 20);
  table.integer("keep_log_mib", into.keep_log_mib, 0, 1u << 20);
  table.integer("batches_in_flight_max", into.batches_in_flight_max, 1, 32);
  table.integer("batch_kib", into.batch_kib, 4, venue::kMaxBatchBytes >> 10);
}

void read_market(Settings table, NodeConfig& into) {
  table.integer("pending_mib", into.pending_mib, 8, 1'024);
  table.integer("recent_events_mib", into.recent_events_mib, 1, 16'384);
  table.integer("checkpoint_ms", into.checkpoint_ms, 10, 60'000);
  table.integer("time_step_max_s", into.time_step_max_s, 1, 86'400);
  table.integer("format_level", into.format_level, wire::kLowestFormatLevel,
                wire::kNewestFormatLevel);
}

void read_limits(Settings table, venue::Limits& into) {
  table.integer("live_orders_max", into.books.max_live_orders, 1'000, 100'000'000);
  table.integer("instruments_max", into.books.max_instruments, 1,
                market::StopOrders::kInstrumentsMax);
  table.integer("members_max", into.max_members, 1, 65'535);
  table.integer("sessions_max", into.max_sessions, 1, 65'535);
  table.integer("accounts_max", into.max_accounts, 1, 10'000'000);
  table.integer("positions_max", into.max_positions, 1, 1'000'000'000);
}

ServerAddresses read_server(Settings table) {
  ServerAddresses server;
  table.integer("node", server.node, 1, 65'535, Presence::required);
  net::read_endpoint(table, "peers", server.peers, Presence::required);
  net::read_endpoint(table, "peers_b", server.peers_b);
  net::read_endpoint(table, "gateways", server.gateways, Presence::required);
  net::read_endpoint(table, "feed", server.feed, Presence::required);
  net::read_endpoint(table, "feed_line", server.feed_line);
  net::read_endpoint(table, "feed_requests", server.feed_requests);
  net::read_endpoint(table, "feed_images", server.feed_images);
  net::read_endpoint(table, "http", server.http);
  return server;
}

void check_servers(Settings& root, const NodeConfig& config) {
  if (config.servers.empty()) root.refuse("server", "no [[server]] is there: name all of them");
  for (const ServerAddresses& server : config.servers) {
    const auto same = std::count_if(config.servers.begin(), config.servers.end(),
                                    [&](const auto& other) { return other.node == server.node; });
    if (same > 1) root.refuse("server", fmt::format("two servers have the node {}", server.node));
  }
  if (config.find(config.node) == nullptr) {
    root.refuse("node",
                fmt::format("no [[server]] has the node {}, which this one is to be", config.node));
  }
}

base::Result<NodeConfig> read(base::Result<Settings> settings) {
  if (!settings) return settings.error();
  Settings& root = settings.value();
  NodeConfig config;
  root.integer("cluster", config.cluster, 1, INT64_MAX, Presence::required);
  root.integer("node", config.node, 1, 65'535, Presence::required);
  for (Settings& table : root.tables("server")) config.servers.push_back(read_server(table));
  read_timeouts(root.table("timeouts"), config.timeouts);
  read_journal(root.table("journal"), config);
  read_market(root.table("market"), config);
  read_limits(root.table("limits"), config.limits);
  config.tls = net::read_link_identity(root.table("tls"));
  check_servers(root, config);
  config.limits.voters = static_cast<std::uint16_t>(config.servers.size());
  if (base::Status status = root.finish(); !status) return status.error();
  return config;
}

}  // namespace

const ServerAddresses& NodeConfig::own() const {
  const ServerAddresses* found = find(node);
  ASSERT(found != nullptr, "node {} is none of its own servers", node);
  return *found;
}

const ServerAddresses* NodeConfig::find(NodeId other) const {
  for (const ServerAddresses& server : servers) {
    if (server.node == other) return &server;
  }
  return nullptr;
}

base::Result<NodeConfig> load_node_config(const std::string& path) {
  return read(Settings::load(path));
}

base::Result<NodeConfig> parse_node_config(std::string_view text, const std::string& origin) {
  return read(Settings::parse(text, origin));
}

}  // namespace okiagari::node

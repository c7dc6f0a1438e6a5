// One node's configuration: a TOML file that names the cluster, all its servers, and which of them
// this is. Everything else has a default, with its reason. config/node.toml is an example with
// every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "journal/replica.h"
#include "net/link_identity.h"
#include "net/tcp.h"
#include "venue/venue.h"
#include "wire/format_level.h"

namespace okiagari::node {

struct ServerAddresses {
  NodeId node = 0;
  net::Endpoint peers;  // replicas of the log
  // The same on a second network, where there is one.
  std::optional<net::Endpoint> peers_b;
  net::Endpoint gateways;  // gateways and operators
  net::Endpoint feed;      // market data
  // Where its line of datagrams goes, and where those who missed some and late joiners ask.
  std::optional<net::Endpoint> feed_line;
  std::optional<net::Endpoint> feed_requests;
  std::optional<net::Endpoint> feed_images;
  std::optional<net::Endpoint> http;  // metrics and health; none without it
};

struct NodeConfig {
  journal::ClusterId cluster = 0;
  NodeId node = 0;
  std::vector<ServerAddresses> servers;

  journal::Timeouts timeouts;
  std::uint64_t segment_mib = 64;
  std::uint64_t cache_mib = 64;
  std::uint64_t min_free_mib = 256;
  std::uint64_t snapshot_after_mib = 1024;
  std::uint64_t keep_log_mib = 512;
  // With the sync beside the loop, more only make batches smaller; between servers that are far
  // apart they hide the way.
  std::uint32_t batches_in_flight_max = 1;
  std::uint32_t batch_kib = 256;

  // Commands taken from gateways and not yet in the log; beyond it gateways are not read.
  std::uint64_t pending_mib = 16;
  // Events in memory for gateways that change their node; one that was away for longer must log its
  // sessions in again.
  std::uint64_t recent_events_mib = 64;
  // The full circle of the scrub has 64 checkpoints and shall take no more than five seconds;
  // beyond half a million orders it takes longer.
  std::uint32_t checkpoint_ms = 75;
  // How far one batch may move the market's time. A leader whose clock is far ahead moves it slowly
  // enough to be noticed.
  std::uint32_t time_step_max_s = 3'600;

  // The level of formats (wire/format_level.h) that this server says it understands: a lower one
  // than the program does keeps the market at it.
  wire::FormatLevel format_level = wire::kNewestFormatLevel;

  venue::Limits limits;

  // Links to other servers, gateways and operators are of TLS when it is there.
  std::optional<net::LinkIdentityFiles> tls;

  [[nodiscard]] const ServerAddresses& own() const;
  [[nodiscard]] const ServerAddresses* find(NodeId other) const;
};

// Errors name the file, the line and the key.
[[nodiscard]] base::Result<NodeConfig> load_node_config(const std::string& path);
[[nodiscard]] base::Result<NodeConfig> parse_node_config(std::string_view text,
                                                         const std::string& origin);

}  // namespace okiagari::node

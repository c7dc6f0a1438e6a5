// What a node shows of itself: its metrics page and whether it is ready. Reads only.
#pragma once

#include <vector>

#include "journal/posix_disk.h"
#include "journal/replica.h"
#include "net/health_server.h"
#include "net/metrics.h"
#include "node/config.h"
#include "node/market_server.h"

namespace okiagari::node {

struct NodeParts {
  const NodeConfig& config;
  const MarketServer& server;
  const journal::PosixDisk& disk;
};

void write_node_metrics(net::MetricsWriter& writer, const NodeParts& parts,
                        const journal::ReplicaView& view);

// By which network each other server is reached.
void write_peer_networks(net::MetricsWriter& writer,
                         const std::vector<MarketServer::PeerLink>& links);

// Ready: it leads and is open, or follows a leader and lags little.
[[nodiscard]] net::Readiness node_readiness(Verdict verdict, const journal::ReplicaView& view);

}  // namespace okiagari::node

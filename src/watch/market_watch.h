// Sees the servers of a market from outside: a connection to every node, which says at once how it
// is, and one to every gateway's member port. What it takes from them goes to detectors; it judges
// nothing itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "client/operator_link.h"
#include "journal/identity.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "watch/cluster_detector.h"
#include "watch/knock.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/server_liveness.h"

namespace okiagari::watch {

struct NodeAddress {
  NodeId node = 0;
  net::Endpoint gateways;  // where gateways and operators connect
  net::Endpoint feed;
};

struct GatewayAddress {
  GatewayId gateway = 0;
  net::Endpoint members;
  // Somebody reads it and tells MarketWatch::page_read: then its silence counts, also where nobody
  // is logged in.
  bool has_page = false;
};

struct MarketWatchSettings {
  journal::ClusterId cluster = 0;
  std::vector<NodeAddress> nodes;
  std::vector<GatewayAddress> gateways;
  LivenessLimits node_limits;
  // A gateway that owes no answer says something once a second.
  LivenessLimits gateway_limits{.heartbeat_ms = 1'500, .silent_ms = 2'000};
  ClusterLimits cluster_limits;
  // How often a node is asked for its report, which also shows how fast it answers.
  std::uint64_t report_ms = 100;
};

class MarketWatch {
 public:
  // The reporter is borrowed.
  MarketWatch(net::Loop& loop, MarketWatchSettings settings, Reporter& reporter);
  ~MarketWatch();

  void tick(const Moment& moment);

  // Events of the market, in order, from whichever node can tell them; some may come twice after a
  // loss. To be set before the first tick.
  void on_event(std::function<void(const venue::EventHeader&)> handler);

  [[nodiscard]] ClusterDetector& cluster() { return cluster_; }
  [[nodiscard]] const ClusterDetector& cluster() const { return cluster_; }
  [[nodiscard]] const ServerLiveness& node(NodeId node) const;
  [[nodiscard]] const ServerLiveness& gateway(GatewayId gateway) const;
  // How long the node took for its last report, or has been taking for the one that is due, if that
  // is longer. Nothing while it is not connected.
  [[nodiscard]] std::optional<double> answer_ms(NodeId node, const Moment& moment) const;
  [[nodiscard]] ServerLiveness& gateway(GatewayId gateway);
  // The gateway has just told its metrics.
  void page_read(GatewayId gateway, const Moment& moment);
  [[nodiscard]] const MarketWatchSettings& settings() const { return settings_; }

 private:
  class NodeLine;
  class GatewayLine;
  [[nodiscard]] const NodeLine& line_of(NodeId node) const;
  [[nodiscard]] GatewayLine& line_of_gateway(GatewayId gateway) const;

  MarketWatchSettings settings_;
  Reporter& reporter_;
  ClusterDetector cluster_;
  std::function<void(const venue::EventHeader&)> on_event_;
  std::uint64_t last_event_ = 0;
  std::vector<std::unique_ptr<NodeLine>> nodes_;
  std::vector<std::unique_ptr<GatewayLine>> gateways_;
};

}  // namespace okiagari::watch

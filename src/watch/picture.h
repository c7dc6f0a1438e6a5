// How everything is at this moment, as the watch sees it: what the desk shows, and sizes incidents
// with. Small, rebuilt whenever somebody asks.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace okiagari::watch {

struct Picture {
  struct Server {
    NodeId node = 0;
    std::string state;  // alive, gone, frozen, unreachable, unknown
    std::string role;   // follower, candidate, leader, standby; empty when nothing was heard
    bool is_open = false;
    std::uint64_t term = 0;
    Sequence applied = 0;
    std::uint64_t lag_ms = 0;
    std::uint64_t heard_ms_ago = 0;
    // As the node last told of its log, and of the newest state that replicas compare.
    std::uint64_t log_first = 0;
    std::uint64_t log_last = 0;
    std::uint64_t log_synced = 0;
    std::uint64_t log_committed = 0;
    std::uint64_t log_bytes = 0;
    Sequence checkpoint = 0;
    std::string state_hash;
  };
  struct Gateway {
    GatewayId gateway = 0;
    std::string state;
    bool is_serving = false;  // the canary's last order was answered in time
    double acknowledged_ms = 0;
    double median_ms = 0;
    double on_feed_ms = 0;
    std::uint64_t orders = 0;
    std::uint64_t answers = 0;
  };
  struct Host {
    double processor_percent = 0;
    double stolen_percent = 0;
    double memory_available_percent = 0;
    double disk_free_percent = 0;
    double disk_probe_ms = 0;
  };
  TimestampNs at_ns = 0;
  NodeId leader = 0;  // 0: nobody
  std::uint64_t term = 0;
  std::uint64_t feed_head = 0;
  bool has_canary = false;
  std::vector<Server> servers;
  std::vector<Gateway> gateways;
  Host host;
};

[[nodiscard]] boost::json::object to_json(const Picture& picture);

}  // namespace okiagari::watch

// Scrapes the pages of metrics of gateways and nodes, for ServerMetrics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_client.h"
#include "net/loop.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/server_metrics.h"

namespace okiagari::watch {

struct ScrapeTarget {
  std::string entity;  // "gateway-1", "node-2"
  net::Endpoint health;
};

struct GatewayWatchSettings {
  std::vector<ScrapeTarget> targets;
  std::uint64_t interval_ms = 500;
  ServerMetricsLimits limits;
};

class GatewayWatch {
 public:
  GatewayWatch(net::Loop& loop, GatewayWatchSettings settings, Reporter& reporter);
  void tick(const Moment& moment);
  // Who has told its page, each time; to be set before the first tick.
  void on_page(std::function<void(const std::string& entity)> handler) {
    on_page_ = std::move(handler);
  }

  // Pages that were read and understood.
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  // Of a server that has told; see ServerMetrics.
  [[nodiscard]] std::optional<double> sync_seconds(std::string_view entity) const;

 private:
  struct Place {
    ScrapeTarget target;
    ServerMetrics metrics;
    bool is_asked = false;  // one call at a time: a server that is slow is not asked more
  };
  void ask(Place& place);

  GatewayWatchSettings settings_;
  std::function<void(const std::string& entity)> on_page_;
  std::vector<std::unique_ptr<Place>> places_;
  std::uint64_t next_ms_ = 0;
  std::uint64_t pages_ = 0;
  net::HttpClient client_;
};

}  // namespace okiagari::watch

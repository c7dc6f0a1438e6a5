// What a node's or gateway's page of metrics shows over time (docs/formats/metrics.md): orders,
// refusals, log-ins, malformed messages, who sends them, and how long things take; each against its
// own past. What a gateway counts of its members is a witness's word; what a server tells of its
// own times is its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/metrics_text.h"
#include "watch/metric_detector.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct ServerMetricsLimits {
  MetricLimits metric;
  double dominates_percent = 70;        // of all messages, from one of several members
  double dominates_per_second = 1'000;  // and so many at least
  double rate_least = 20;               // per second; a rate that stays below it is never high
  double failures_least = 2;            // of log-ins and malformed messages, per second
  double connections_least = 50;        // taken per second
  double seconds_least = 0.005;         // a mean time that stays below it is never long
};

class ServerMetrics {
 public:
  ServerMetrics(std::string entity, ServerMetricsLimits limits, Reporter& reporter);

  void take(const net::MetricsText& page, const Moment& moment);

  // Of the last page, per second; nothing before the second one.
  [[nodiscard]] std::optional<double> orders_per_second() const { return orders_per_second_; }
  // How long a sync of its log took on average, of late.
  [[nodiscard]] std::optional<double> sync_seconds() const { return sync_seconds_; }

 private:
  // How much a counter has grown per second; nothing at its first sight and after a restart.
  std::optional<double> rate(const std::string& key, double value, const Moment& moment);
  // What was seen is a value of that name; `least`: no shift that stays below it.
  // `of_itself`: it speaks of the server, not of those who use it.
  void judge(const std::string& name, std::string_view up, std::string_view down, double value,
             double least, const Sentence& words, bool of_itself, const Moment& moment);
  // A counter by its rate: not of the server itself, and only growth is of interest.
  void judge_rate(const std::string& name, std::optional<double> value, std::string_view up,
                  double least, const Sentence& words, const Moment& moment);
  void take_orders(const net::MetricsText& page, const Moment& moment);
  void take_failures(const net::MetricsText& page, const Moment& moment);
  void take_members(const net::MetricsText& page, const Moment& moment);
  void take_times(const net::MetricsText& page, const Moment& moment);

  struct Count {
    double value = 0;
    std::uint64_t steady_ms = 0;
  };
  std::string entity_;
  ServerMetricsLimits limits_;
  Reporter& reporter_;
  std::map<std::string, Count> counts_;
  std::map<std::string, MetricDetector> detectors_;
  std::optional<double> orders_per_second_;
  std::optional<double> sync_seconds_;
  std::string dominating_;
};

}  // namespace okiagari::watch

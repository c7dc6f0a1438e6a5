// Reads what a metrics page says: OpenMetrics 1.0 and Prometheus text 0.0.4, as foreign programs
// write them. Bounded; the first thing that is wrong is the error, with its line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/metrics.h"

namespace okiagari::net {

struct MetricsTextLimits {
  std::size_t bytes_max = 16u << 20;
  std::size_t line_bytes_max = 64u << 10;
  std::size_t samples_max = 200'000;
  std::size_t labels_max = 64;
};

struct MetricSample {
  std::string name;  // with its suffix: "requests_total", "wait_seconds_bucket"
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  std::optional<double> timestamp_s;

  [[nodiscard]] std::optional<std::string_view> label(std::string_view key) const;
};

struct MetricFamily {
  std::string name;  // as in its TYPE line; of a sample without one, the sample's
  std::string type = "unknown";
  std::string unit;
  std::string help;
  std::vector<MetricSample> samples;
};

struct MetricsText {
  std::vector<MetricFamily> families;

  [[nodiscard]] const MetricFamily* find(std::string_view family) const;
  // The value of the sample of that name which has all these labels, perhaps more.
  [[nodiscard]] std::optional<double> value(std::string_view sample,
                                            MetricLabels labels = {}) const;
};

[[nodiscard]] base::Result<MetricsText> parse_metrics(std::string_view text, MetricsFormat format,
                                                      const MetricsTextLimits& limits = {});

}  // namespace okiagari::net

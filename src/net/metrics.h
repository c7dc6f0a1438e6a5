// Writes a process's numbers for whoever scrapes them: OpenMetrics 1.0 or Prometheus text 0.0.4,
// from the same calls. It keeps nothing: the numbers are plain counters in the objects that know
// them, read when somebody asks. docs/formats/metrics.md lists every family.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/metric_histogram.h"

namespace okiagari::net {

enum class MetricsFormat : std::uint8_t { openmetrics, prometheus };

// What a client that sends this Accept header is given; without one, Prometheus text.
[[nodiscard]] MetricsFormat choose_metrics_format(std::optional<std::string_view> accept);
[[nodiscard]] std::string_view content_type(MetricsFormat format);

enum class MetricType : std::uint8_t { unknown, counter, gauge, histogram, info, stateset };
[[nodiscard]] std::string_view to_string(MetricType type);

using MetricLabel = std::pair<std::string_view, std::string_view>;
using MetricLabels = std::initializer_list<MetricLabel>;

class MetricsWriter {
 public:
  explicit MetricsWriter(MetricsFormat format) : format_(format) {}

  // Begins a family; its samples follow. `name` is without "_total" and "_info", and ends with the
  // unit when there is one ("seconds", "bytes").
  void counter(std::string_view name, std::string_view unit, std::string_view help);
  void gauge(std::string_view name, std::string_view unit, std::string_view help);
  void histogram(std::string_view name, std::string_view unit, std::string_view help);
  void info(std::string_view name, std::string_view help);
  void stateset(std::string_view name, std::string_view help);

  // A sample of a counter or gauge.
  template <std::integral Integer>
  void value(Integer number, MetricLabels labels = {}) {
    sample(suffix(), labels, {}, std::to_string(number));
  }
  void value(double number, MetricLabels labels = {});
  void value(const MetricHistogram& histogram, MetricLabels labels = {});
  // A sample of an info.
  void facts(MetricLabels labels);
  // All states of a stateset, of which `current` is on.
  void states(std::span<const std::string_view> all, std::string_view current);

  // A family of one counter or gauge.
  template <typename Number>
  void counter(std::string_view name, std::string_view unit, std::string_view help, Number number) {
    counter(name, unit, help);
    value(number);
  }
  template <typename Number>
  void gauge(std::string_view name, std::string_view unit, std::string_view help, Number number) {
    gauge(name, unit, help);
    value(number);
  }

  // The whole text; nothing may follow.
  [[nodiscard]] std::string finish();

 private:
  void begin(MetricType type, std::string_view name, std::string_view unit, std::string_view help);
  [[nodiscard]] std::string_view suffix() const;
  void sample(std::string_view suffix, MetricLabels labels, const MetricLabel& more,
              std::string_view number);

  MetricsFormat format_;
  MetricType type_ = MetricType::unknown;
  std::string name_;
  std::string text_;
};

}  // namespace okiagari::net

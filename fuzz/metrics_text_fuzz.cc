// Rooms: net base
// A metrics page of a foreign program. What was read, written out again, reads the same.
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/assert.h"
#include "net/metrics_text.h"

using namespace okiagari;

namespace {

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

std::string written(const net::MetricSample& sample) {
  std::string text = sample.name + "{";
  for (const auto& [name, value] : sample.labels) {
    text += fmt::format("{}=\"{}\",", name, escaped(value));
  }
  return text + fmt::format("}} {}\n", sample.value);
}

void check(std::string_view page, net::MetricsFormat format) {
  const auto read = net::parse_metrics(page, format);
  if (!read) return;
  for (const net::MetricFamily& family : read.value().families) {
    for (const net::MetricSample& sample : family.samples) {
      const auto again = net::parse_metrics(written(sample), net::MetricsFormat::prometheus);
      ASSERT(again.ok(), "{}", again.error().message);
      const net::MetricSample& other = again.value().families[0].samples[0];
      ASSERT(other.name == sample.name && other.labels == sample.labels);
      ASSERT(other.value == sample.value || other.value != other.value);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  check(page, net::MetricsFormat::openmetrics);
  check(page, net::MetricsFormat::prometheus);
  (void)net::choose_metrics_format(page);
  return 0;
}

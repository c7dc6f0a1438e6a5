#include "net/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "base/assert.h"
#include "net/http_message.h"

namespace okiagari::net {

namespace {

bool is_name(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_good);
}

void append_escaped(std::string& text, std::string_view value, bool escapes_quotes) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\\' || (c == '"' && escapes_quotes)) {
      text += '\\';
      text += c;
    } else {
      text += c;
    }
  }
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", number);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Takes what comes before the separator.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = trimmed(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

// Of q=0.75, in thousandths; what is no number counts as not wanted.
int weight_of(std::string_view value) {
  double weight = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), weight);
  if (error != std::errc{} || stop != value.data() + value.size() || !(weight >= 0)) return 0;
  return static_cast<int>(std::min(weight, 1.0) * 1000);
}

}  // namespace

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::unknown:
      return "unknown";
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
    case MetricType::info:
      return "info";
    case MetricType::stateset:
      return "stateset";
  }
  return "?";
}

MetricsFormat choose_metrics_format(std::optional<std::string_view> accept) {
  int openmetrics = 0;
  int prometheus = 0;
  std::string_view rest = accept.value_or("");
  while (!rest.empty()) {
    std::string_view range = take_until(rest, ',');
    const std::string_view type = take_until(range, ';');
    int weight = 1000;
    std::string_view version;
    while (!range.empty()) {
      std::string_view parameter = take_until(range, ';');
      const std::string_view name = take_until(parameter, '=');
      if (equals_ignoring_case(name, "q")) weight = weight_of(trimmed(parameter));
      if (equals_ignoring_case(name, "version")) version = trimmed(parameter);
    }
    const bool is_ours = version.empty() || version == "1.0.0";
    if (equals_ignoring_case(type, "application/openmetrics-text") && is_ours) {
      openmetrics = std::max(openmetrics, weight);
    } else if (equals_ignoring_case(type, "text/plain") || type == "*/*" || type == "text/*") {
      prometheus = std::max(prometheus, weight);
    }
  }
  return openmetrics > 0 && openmetrics >= prometheus ? MetricsFormat::openmetrics
                                                      : MetricsFormat::prometheus;
}

std::string_view content_type(MetricsFormat format) {
  return format == MetricsFormat::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

void MetricsWriter::counter(std::string_view name, std::string_view unit, std::string_view help) {
  begin(MetricType::counter, name, unit, help);
}
void MetricsWriter::gauge(std::string_view name, std::string_view unit, std::string_view help) {
  begin(MetricType::gauge, name, unit, help);
}
void MetricsWriter::histogram(std::string_view name, std::string_view unit, std::string_view help) {
  begin(MetricType::histogram, name, unit, help);
}
void MetricsWriter::info(std::string_view name, std::string_view help) {
  begin(MetricType::info, name, {}, help);
}
void MetricsWriter::stateset(std::string_view name, std::string_view help) {
  begin(MetricType::stateset, name, {}, help);
}

void MetricsWriter::begin(MetricType type, std::string_view name, std::string_view unit,
                          std::string_view help) {
  ASSERT(is_name(name), "'{}' is no name of a metric", name);
  ASSERT(unit.empty() || name.ends_with(unit), "'{}' does not end with its unit", name);
  type_ = type;
  name_ = name;
  const bool is_open = format_ == MetricsFormat::openmetrics;
  // Prometheus knows no families: there the name is the sample's.
  const std::string shown = is_open ? name_ : fmt::format("{}{}", name_, suffix());
  const bool is_known = is_open || type == MetricType::counter || type == MetricType::histogram;
  fmt::format_to(std::back_inserter(text_), "# TYPE {} {}\n", shown,
                 is_known ? to_string(type) : "gauge");
  if (is_open && !unit.empty()) {
    fmt::format_to(std::back_inserter(text_), "# UNIT {} {}\n", shown, unit);
  }
  fmt::format_to(std::back_inserter(text_), "# HELP {} ", shown);
  append_escaped(text_, help, is_open);
  text_ += '\n';
}

std::string_view MetricsWriter::suffix() const {
  if (type_ == MetricType::counter) return "_total";
  if (type_ == MetricType::info) return "_info";
  return "";
}

void MetricsWriter::sample(std::string_view suffix, MetricLabels labels, const MetricLabel& more,
                           std::string_view number) {
  text_ += name_;
  text_ += suffix;
  char separator = '{';
  const auto append = [&](const MetricLabel& label) {
    text_ += separator;
    separator = ',';
    text_ += label.first;
    text_ += "=\"";
    append_escaped(text_, label.second, true);
    text_ += '"';
  };
  for (const MetricLabel& label : labels) append(label);
  if (!more.first.empty()) append(more);
  if (separator == ',') text_ += '}';
  text_ += ' ';
  text_ += number;
  text_ += '\n';
}

void MetricsWriter::value(double number, MetricLabels labels) {
  sample(suffix(), labels, {}, number_text(number));
}

void MetricsWriter::value(const MetricHistogram& histogram, MetricLabels labels) {
  ASSERT(type_ == MetricType::histogram, "{} is no histogram", name_);
  std::uint64_t up_to = 0;
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    up_to += histogram.in_bucket(i);
    const double bound = static_cast<double>(histogram.bounds()[i]) / histogram.per_unit();
    // As OpenMetrics wants it: "1.0", so that the label is the same whoever writes it.
    std::string text = number_text(bound);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    sample("_bucket", labels, {"le", text}, std::to_string(up_to));
  }
  const std::string all = std::to_string(histogram.count());
  sample("_bucket", labels, {"le", "+Inf"}, all);
  sample("_sum", labels, {},
         number_text(static_cast<double>(histogram.sum()) / histogram.per_unit()));
  sample("_count", labels, {}, all);
}

void MetricsWriter::facts(MetricLabels labels) {
  ASSERT(type_ == MetricType::info, "{} is no info", name_);
  sample(suffix(), labels, {}, "1");
}

void MetricsWriter::states(std::span<const std::string_view> all, std::string_view current) {
  ASSERT(type_ == MetricType::stateset, "{} is no stateset", name_);
  for (const std::string_view state : all) {
    sample("", {}, {name_, state}, state == current ? "1" : "0");
  }
}

std::string MetricsWriter::finish() {
  if (format_ == MetricsFormat::openmetrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace okiagari::net

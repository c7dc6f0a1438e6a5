#include "cause/series_shift.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "cause/metric_shift.h"

namespace okiagari::cause {

namespace {

// Minutes around the incident that belong to neither: they may already be, or still be, part of it.
constexpr double kGuardS = 300;
constexpr double kRecentS = 900;
constexpr std::size_t kRecentMin = 4;
constexpr std::size_t kPastMin = 8;
// Of the distance to the whole past, the distance to the minutes before must be at least this.
constexpr double kBeganHere = 0.5;
constexpr double kFailingPoints = 0.2;
constexpr double kNearlyNever = 0.1;
constexpr double kSameMomentS = 30;

struct Parts {
  std::vector<double> past;
  std::vector<double> recent;
  std::vector<double> now;
};

Parts parts_of(const Series& series, double at_s, double window_s, bool with_gaps) {
  Parts parts;
  for (std::size_t at = 0; at < series.times_s.size(); ++at) {
    double value = series.values[at];
    if (!std::isfinite(value)) {
      if (!with_gaps) continue;
      value = 0;
    }
    const double time_s = series.times_s[at];
    if (time_s >= at_s && time_s < at_s + window_s) {
      parts.now.push_back(value);
    } else if (time_s < at_s - kGuardS || time_s >= at_s + window_s + kGuardS) {
      parts.past.push_back(value);
    }
    if (time_s < at_s && time_s >= at_s - kRecentS) parts.recent.push_back(value);
  }
  return parts;
}

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

MeasureKind kind_of(std::string_view measure) {
  std::string name(measure);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool is_share =
      has(name, "rate") || has(name, "%") || has(name, "percent") || has(name, "util");
  if (name.starts_with("node")) return MeasureKind::other;
  if (has(name, "cpu")) return is_share ? MeasureKind::processor_percent : MeasureKind::other;
  if (has(name, "mem")) return is_share ? MeasureKind::memory_percent : MeasureKind::other;
  if (has(name, "client")) return MeasureKind::other;
  if (has(name, "latency") || has(name, "duration") || has(name, "response_time")) {
    return MeasureKind::latency;
  }
  if (has(name, "success") || has(name, "availability")) return MeasureKind::success;
  if (has(name, "error") || has(name, "fail")) return MeasureKind::errors;
  if (has(name, "workload") || has(name, "requests") || has(name, "throughput") ||
      has(name, "qps")) {
    return MeasureKind::traffic;
  }
  return MeasureKind::other;
}

std::optional<Shift> find_shift(const Series& series, double at_s, double window_s) {
  Parts parts = parts_of(series, at_s, window_s, false);
  if (parts.past.size() < kPastMin || parts.now.empty()) return std::nullopt;
  const Baseline past = baseline_of(parts.past);
  std::sort(parts.now.begin(), parts.now.end(), [&](double a, double b) {
    return std::abs(a - past.median) > std::abs(b - past.median);
  });
  const double value = parts.now[parts.now.size() >= 3 ? 1 : 0];
  Shift shift{value, past.median, robust_deviation(value, past)};
  if (kind_of(series.measure) == MeasureKind::success) {
    // A share of good answers hardly moves; a little less of it is much.
    const double point = past.most > 1.5 ? 1 : 0.01;
    shift.deviation = (value - past.median) / std::max(past.spread, kFailingPoints * point);
  }
  if (parts.recent.size() >= kRecentMin) {
    const Baseline recent = baseline_of(parts.recent);
    if (std::abs(value - recent.median) < kBeganHere * std::abs(value - past.median)) {
      return std::nullopt;
    }
  }
  return shift;
}

std::optional<Silence> find_silence(const Series& series, double at_s, double window_s) {
  const Parts parts = parts_of(series, at_s, window_s, true);
  const auto is_nothing = [](double value) { return value <= 0; };
  const auto count = [&](const std::vector<double>& values) {
    return static_cast<double>(std::count_if(values.begin(), values.end(), is_nothing));
  };
  if (parts.past.size() < kPastMin) return std::nullopt;
  const double past = count(parts.past);
  const double now = count(parts.now);
  if (now < 2 || past > kNearlyNever * static_cast<double>(parts.past.size())) return std::nullopt;
  Silence silence;
  silence.silent = static_cast<std::size_t>(now);
  silence.looked_at = parts.now.size();
  silence.surprise = rate_surprise(past, static_cast<double>(parts.past.size()), now,
                                   static_cast<double>(parts.now.size()));
  return silence;
}

std::vector<Series> gaps_of_calls(const ForeignData& data) {
  std::map<std::pair<std::string, std::string>, const Series*> at_callee;
  for (const Series& series : data.series()) {
    if (series.measure == "latency at callee") at_callee[{series.entity, series.peer}] = &series;
  }
  std::vector<Series> gaps;
  for (const Series& caller : data.series()) {
    if (caller.measure != "latency at caller") continue;
    const auto found = at_callee.find({caller.entity, caller.peer});
    if (found == at_callee.end()) continue;
    const Series& callee = *found->second;
    Series gap{caller.entity, caller.peer, "time lost on the way", {}, {}};
    for (std::size_t at = 0, other = 0; at < caller.times_s.size(); ++at) {
      const double time_s = caller.times_s[at];
      while (other < callee.times_s.size() && callee.times_s[other] < time_s - kSameMomentS) {
        ++other;
      }
      if (other == callee.times_s.size()) break;
      if (std::abs(callee.times_s[other] - time_s) > kSameMomentS) continue;
      gap.times_s.push_back(time_s);
      gap.values.push_back(caller.values[at] - callee.values[other]);
    }
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace okiagari::cause

#include "bench/cause_anomalies.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <set>

#include "cause/csv.h"
#include "cause/foreign_data.h"
#include "cause/packed_files.h"
#include "cause/series_alarm.h"

namespace okiagari::bench {

namespace {

// Of the benchmark's standard profile.
constexpr double kFalseWeight = 0.11;
// No alarm counts in the first 15 % of a series, of at most 5,000 values.
constexpr double kProbation = 0.15;
constexpr std::size_t kProbationOf = 5'000;

double scaled_sigmoid(double position) {
  return position > 3 ? -1 : 2 / (1 + std::exp(5 * position)) - 1;
}

double raw_score(const LabelledSeries& series, double threshold) {
  const auto probation = static_cast<std::size_t>(
      kProbation * static_cast<double>(std::min(series.values, kProbationOf)));
  std::vector<double> hits(series.windows.size(), -1);  // a window that was missed
  double sum = 0;
  for (const Alarm& alarm : series.alarms) {
    if (alarm.unusualness < threshold || alarm.at < probation) continue;
    const std::pair<std::size_t, std::size_t>* before = nullptr;
    bool is_inside = false;
    for (std::size_t at = 0; at < series.windows.size(); ++at) {
      const auto& [first, last] = series.windows[at];
      if (alarm.at >= first && alarm.at <= last) {
        const auto width = static_cast<double>(last - first + 1);
        const double position = -static_cast<double>(last - alarm.at + 1) / width;
        hits[at] = std::max(hits[at], scaled_sigmoid(position) / scaled_sigmoid(-1));
        is_inside = true;
      } else if (last < alarm.at) {
        before = &series.windows[at];
      }
    }
    if (is_inside) continue;
    if (before == nullptr) {
      sum -= kFalseWeight;
    } else {
      const auto width =
          static_cast<double>(std::max<std::size_t>(before->second - before->first, 1));
      sum += kFalseWeight * scaled_sigmoid(static_cast<double>(alarm.at - before->second) / width);
    }
  }
  for (const double hit : hits) sum += hit;
  return sum;
}

base::Result<LabelledSeries> read_series(std::string_view text, const boost::json::value& windows) {
  LabelledSeries series;
  cause::CsvReader csv(text);
  std::vector<std::string> row;
  (void)csv.next(row);
  std::vector<double> times_s;
  cause::SeriesAlarm alarm;
  while (csv.next(row)) {
    if (row.size() < 2) continue;
    if (const auto unusual = alarm.add(cause::parse_number(row[1]))) {
      series.alarms.push_back({times_s.size(), *unusual});
    }
    times_s.push_back(cause::parse_time(row[0]));
  }
  series.values = times_s.size();
  if (!windows.is_array()) return base::Error{"windows.json: a series has no list of windows"};
  for (const boost::json::value& window : windows.get_array()) {
    const boost::json::array* ends = window.if_array();
    if (ends == nullptr || ends->size() != 2 || !(*ends)[0].is_string() ||
        !(*ends)[1].is_string()) {
      return base::Error{"windows.json: a window is no pair of times"};
    }
    const double from_s = cause::parse_time(std::string_view((*ends)[0].get_string()));
    const double until_s = cause::parse_time(std::string_view((*ends)[1].get_string()));
    const auto first = std::lower_bound(times_s.begin(), times_s.end(), from_s);
    const auto after = std::upper_bound(times_s.begin(), times_s.end(), until_s);
    if (first == after) continue;
    series.windows.emplace_back(static_cast<std::size_t>(first - times_s.begin()),
                                static_cast<std::size_t>(after - times_s.begin()) - 1);
  }
  return series;
}

}  // namespace

double nab_score_at(const std::vector<LabelledSeries>& all, double threshold) {
  double sum = 0;
  double windows = 0;
  for (const LabelledSeries& series : all) {
    sum += raw_score(series, threshold);
    windows += static_cast<double>(series.windows.size());
  }
  // Silence misses every window, perfection hits each at its beginning.
  return windows == 0 ? 0 : 100 * (sum + windows) / (2 * windows);
}

NabScore nab_score(const std::vector<LabelledSeries>& all) {
  std::set<double> thresholds;
  for (const LabelledSeries& series : all) {
    for (const Alarm& alarm : series.alarms) thresholds.insert(alarm.unusualness);
  }
  NabScore best;
  for (const double threshold : thresholds) {
    const double score = nab_score_at(all, threshold);
    if (score > best.score) best = {score, threshold};
  }
  return best;
}

base::Status score_anomalies(const std::string& folder, base::Report& report) {
  const auto text = cause::read_whole(folder + "/windows.json");
  if (!text) return text.error();
  boost::system::error_code error;
  const boost::json::value windows = boost::json::parse(text.value(), error);
  if (error || !windows.is_object()) return base::Error{folder + "/windows.json: is no object"};
  std::vector<LabelledSeries> all;
  base::Status bad;
  const base::Status read = cause::for_each_file(
      folder + "/data.tar.xz", [&](const std::string& name, std::string_view content) {
        const boost::json::value* labels = windows.get_object().if_contains(name);
        if (labels == nullptr) return true;
        auto series = read_series(content, *labels);
        if (!series) {
          bad = series.error();
          return false;
        }
        all.push_back(std::move(series.value()));
        return true;
      });
  if (!read) return read;
  if (!bad) return bad;
  const NabScore best = nab_score(all);
  report.figure("NAB, series", static_cast<double>(all.size()), "series");
  report.figure("NAB, standard profile, best threshold", best.score, "of 100");
  report.figure("NAB, that threshold", best.threshold, "spreads");
  report.figure("NAB, standard profile, threshold of the program",
                nab_score_at(all, cause::kAlarmWorthALook), "of 100");
  return {};
}

}  // namespace okiagari::bench

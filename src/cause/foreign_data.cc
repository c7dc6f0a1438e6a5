#include "cause/foreign_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "cause/packed_files.h"

namespace okiagari::cause {

namespace {

// Days from 1970-01-01, of the proleptic Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

// The number at these characters; -1 when they are none.
std::int64_t digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  std::int64_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// What follows the seconds: a fraction, then a zone "+09:00"; anything else is passed over.
double fraction_and_zone(std::string_view rest) {
  double value = 0;
  if (!rest.empty() && rest.front() == '.') {
    double weight = 0.1;
    rest.remove_prefix(1);
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1)) {
      value += weight * (rest.front() - '0');
      weight /= 10;
    }
  }
  if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  if (rest.size() >= 5 && (rest.front() == '+' || rest.front() == '-')) {
    const bool colon = rest[3] == ':';
    const std::int64_t hours = digits(rest, 1, 2);
    const std::int64_t minutes = digits(rest, colon ? 4 : 3, 2);
    if (hours >= 0 && minutes >= 0) {
      const auto offset = static_cast<double>(hours * 3600 + minutes * 60);
      value += rest.front() == '+' ? -offset : offset;
    }
  }
  return value;
}

using Add = base::Result<bool> (ForeignData::*)(std::string_view, const std::string&);

base::Status read_all(ForeignData& into, const std::string& path, Add add, const char* what) {
  base::Status bad;
  bool any = false;
  const base::Status read =
      for_each_file(path, [&](const std::string& name, std::string_view text) {
        const auto known = (into.*add)(text, name);
        if (!known) {
          bad = known.error();
          return false;
        }
        any = any || known.value();
        return true;
      });
  if (!read) return read;
  if (!bad) return bad;
  if (!any) {
    return base::Error{fmt::format(
        "{}: nothing in it has the form of {}; docs/cause.md lists the forms", path, what)};
  }
  return {};
}

}  // namespace

double parse_number(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return value;
}

double parse_time(std::string_view text) {
  const double number = parse_number(text);
  if (std::isfinite(number)) {
    if (number > 1e17) return number / 1e9;
    if (number > 1e14) return number / 1e6;
    return number > 1e11 ? number / 1e3 : number;
  }
  const std::int64_t year = digits(text, 0, 4);
  const std::int64_t month = digits(text, 5, 2);
  const std::int64_t day = digits(text, 8, 2);
  const std::int64_t hour = digits(text, 11, 2);
  const std::int64_t minute = digits(text, 14, 2);
  const std::int64_t second = digits(text, 17, 2);
  if (std::min({year, month, day, hour, minute, second}) < 0 || month < 1 || month > 12) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const std::int64_t whole =
      days_of(year, month, day) * 86'400 + hour * 3'600 + minute * 60 + second;
  return static_cast<double>(whole) + fraction_and_zone(text.substr(19));
}

base::Status ForeignData::read_metrics(const std::string& path) {
  return read_all(*this, path, &ForeignData::add_metrics, "metrics");
}

base::Status ForeignData::read_graph(const std::string& path) {
  return read_all(*this, path, &ForeignData::add_graph, "a graph");
}

base::Status ForeignData::read_logs(const std::string& path) {
  return read_all(*this, path, &ForeignData::add_logs, "logs");
}

base::Status ForeignData::read_traces(const std::string& path) {
  return read_all(*this, path, &ForeignData::add_traces, "traces");
}

base::Status ForeignData::add_value(const std::string& entity, const std::string& peer,
                                    const std::string& measure, double time_s, double value) {
  if (!std::isfinite(time_s)) return {};
  if (++values_ > kValuesMax) {
    return base::Error{fmt::format("metrics: more than {} values", kValuesMax)};
  }
  const std::string key = entity + '\n' + peer + '\n' + measure;
  const auto [found, is_new] = series_at_.try_emplace(key, series_.size());
  if (is_new) {
    if (series_.size() >= kSeriesMax) {
      return base::Error{fmt::format("metrics: more than {} series", kSeriesMax)};
    }
    series_.push_back({entity, peer, measure, {}, {}});
  }
  series_[found->second].times_s.push_back(time_s);
  series_[found->second].values.push_back(value);
  return {};
}

base::Result<NameId> ForeignData::id_of(std::string_view name) {
  const auto [found, is_new] =
      ids_.try_emplace(std::string(name), static_cast<NameId>(names_.size()));
  if (is_new) {
    if (names_.size() >= kNamesMax) return base::Error{"more names than can be held"};
    names_.push_back(&found->first);
  }
  return found->second;
}

std::optional<TimeWindow> ForeignData::range_of_steps() const {
  if (steps_.empty()) return std::nullopt;
  const auto [first, last] =
      std::minmax_element(steps_.begin(), steps_.end(),
                          [](const Step& a, const Step& b) { return a.time_s < b.time_s; });
  return TimeWindow{first->time_s, last->time_s + 1};
}

void ForeignData::sort() {
  for (Series& series : series_) {
    std::vector<std::size_t> order(series.times_s.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return series.times_s[a] < series.times_s[b];
    });
    Series sorted{series.entity, series.peer, series.measure, {}, {}};
    for (const std::size_t at : order) {
      // The same moment twice, as when files overlap: once is enough.
      if (!sorted.times_s.empty() && sorted.times_s.back() == series.times_s[at]) continue;
      sorted.times_s.push_back(series.times_s[at]);
      sorted.values.push_back(series.values[at]);
    }
    series = std::move(sorted);
  }
  const auto earlier = [](const Step& a, const Step& b) { return a.time_s < b.time_s; };
  std::stable_sort(steps_.begin(), steps_.end(), earlier);
}

}  // namespace okiagari::cause

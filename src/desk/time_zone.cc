#include "desk/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>

namespace okiagari::desk {

namespace {

// Beyond 2036 the system's files have rules instead of changes, which the library does not read.
constexpr std::int64_t kFirstSecond = 946'684'800;   // 2000-01-01
constexpr std::int64_t kLastSecond = 2'114'380'800;  // 2037-01-01
constexpr std::int64_t kDay = 86'400;
constexpr std::int32_t kAheadMax = 26 * 3'600;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, value);
  if (error != std::errc{} || end != begin + count || *begin == '-') return std::nullopt;
  return value;
}

}  // namespace

base::Result<TimeZone> TimeZone::of_system(const std::string& name) {
  TimeZone zone;
  try {
    const date::time_zone* found = date::locate_zone(name);
    date::sys_seconds at{std::chrono::seconds(kFirstSecond)};
    const date::sys_seconds last{std::chrono::seconds(kLastSecond)};
    while (at < last) {
      const date::sys_info info = found->get_info(at);
      const auto ahead_s = static_cast<std::int32_t>(info.offset.count());
      if (zone.spans_.empty() || zone.spans_.back().ahead_s != ahead_s) {
        zone.spans_.push_back({at.time_since_epoch().count(), ahead_s});
      }
      at = info.end;
    }
  } catch (const std::exception&) {
    return base::Error{fmt::format("'{}' is no time zone that this system knows", name)};
  }
  return zone;
}

base::Result<TimeZone> TimeZone::from_json(const boost::json::value& value) {
  const boost::json::array* array = value.if_array();
  if (array == nullptr || array->empty() || array->size() > kChangesMax) {
    return base::Error{"a time zone is a list of 1 to 400 changes"};
  }
  TimeZone zone;
  for (const boost::json::value& item : *array) {
    const boost::json::array* pair = item.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_int64() ||
        !pair->at(1).is_int64()) {
      return base::Error{"a change of a time zone is [second, seconds ahead of UTC]"};
    }
    const std::int64_t begin_s = pair->at(0).get_int64();
    const std::int64_t ahead_s = pair->at(1).get_int64();
    const bool is_later = zone.spans_.empty() || begin_s > zone.spans_.back().begin_s;
    if (!is_later || begin_s < 0 || begin_s > kLastSecond || ahead_s < -kAheadMax ||
        ahead_s > kAheadMax) {
      return base::Error{"the changes of a time zone are out of order or out of range"};
    }
    zone.spans_.push_back({begin_s, static_cast<std::int32_t>(ahead_s)});
  }
  return zone;
}

boost::json::array TimeZone::to_json() const {
  boost::json::array array;
  for (const Span& span : spans_) {
    array.push_back(boost::json::array{span.begin_s, std::int64_t{span.ahead_s}});
  }
  return array;
}

std::size_t TimeZone::span_of(std::int64_t utc_s) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), utc_s,
                       [](std::int64_t at, const Span& span) { return at < span.begin_s; });
  return after == spans_.begin() ? 0 : static_cast<std::size_t>(after - spans_.begin()) - 1;
}

LocalSeconds TimeZone::local(std::int64_t utc_s) const {
  return utc_s + spans_[span_of(utc_s)].ahead_s;
}

std::int64_t TimeZone::first_instant(LocalSeconds local) const {
  // No clock is more than a day and two hours off, so nothing before this span shows `local`.
  for (std::size_t at = span_of(local - kAheadMax);; ++at) {
    std::int64_t instant = local - spans_[at].ahead_s;
    if (at != 0) instant = std::max(instant, spans_[at].begin_s);
    if (at + 1 == spans_.size() || instant < spans_[at + 1].begin_s) return instant;
  }
}

std::vector<std::int64_t> TimeZone::instants(LocalSeconds local) const {
  std::vector<std::int64_t> found;
  const std::size_t last = span_of(local + kAheadMax);
  for (std::size_t at = span_of(local - kAheadMax); at <= last; ++at) {
    const std::int64_t instant = local - spans_[at].ahead_s;
    const bool is_begun = at == 0 || instant >= spans_[at].begin_s;
    const bool is_over = at + 1 < spans_.size() && instant >= spans_[at + 1].begin_s;
    if (is_begun && !is_over) found.push_back(instant);
  }
  return found;
}

std::vector<std::int64_t> TimeZone::changes(std::int64_t after_s, std::int64_t before_s) const {
  std::vector<std::int64_t> found;
  for (std::size_t at = std::max<std::size_t>(span_of(after_s), 1); at < spans_.size(); ++at) {
    if (spans_[at].begin_s >= before_s) break;
    if (spans_[at].begin_s > after_s) found.push_back(spans_[at].begin_s);
  }
  return found;
}

std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  const auto hours = digits(text, 0, 2);
  const auto minutes = digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || !hours || !minutes || *minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t seconds = *hours * 3'600 + *minutes * 60;
  if (seconds > kDay) return std::nullopt;
  return seconds;
}

std::optional<LocalSeconds> parse_local(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const date::year_month_day ymd{date::year(*year), date::month(static_cast<unsigned>(*month)),
                                 date::day(static_cast<unsigned>(*day))};
  if (!ymd.ok() || *year < 2000 || *year > 2036) return std::nullopt;
  const LocalSeconds midnight = date::local_days(ymd).time_since_epoch().count() * kDay;
  if (text.size() == 10) return midnight;
  const auto time = parse_time_of_day(text.substr(11));
  if (text[10] != 'T' || !time) return std::nullopt;
  return midnight + *time;
}

std::string local_text(LocalSeconds local) {
  return date::format("%F %H:%M", date::local_seconds(std::chrono::seconds(local)));
}

}  // namespace okiagari::desk

#include "desk/deadlines.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kHourNs = 3'600 * kSecondNs;
constexpr std::int64_t kDayS = 86'400;

std::string date_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace

InitialDue dora_initial_due(TimestampNs aware_ns, TimestampNs classified_ns) {
  const TimestampNs by_awareness = aware_ns + 24 * kHourNs;
  const TimestampNs by_class = classified_ns + 4 * kHourNs;
  if (classified_ns > by_awareness) return {by_class, true};
  return {std::min(by_awareness, by_class), false};
}

TimestampNs months_after(TimestampNs at_ns, unsigned months) {
  using namespace std::chrono;
  const sys_seconds at{seconds{static_cast<std::int64_t>(at_ns / kSecondNs)}};
  const sys_days day = floor<days>(at);
  year_month_day date = year_month_day{day} + std::chrono::months{months};
  if (!date.ok()) date = date.year() / date.month() / last;
  const sys_seconds then = sys_days{date} + (at - day);
  return static_cast<TimestampNs>(then.time_since_epoch().count()) * kSecondNs + at_ns % kSecondNs;
}

TimestampNs business_days_after(TimestampNs at_ns, unsigned days, const TimeZone* zone,
                                const std::set<std::string>& holidays) {
  const auto utc_s = static_cast<std::int64_t>(at_ns / kSecondNs);
  const std::int64_t local_s = zone == nullptr ? utc_s : zone->local(utc_s);
  std::chrono::sys_days day{std::chrono::days{local_s / kDayS}};
  for (unsigned left = days; left > 0;) {
    day += std::chrono::days{1};
    const unsigned weekday = std::chrono::weekday{day}.iso_encoding();
    if (weekday < 6 && !holidays.contains(date_text(day))) --left;
  }
  const std::int64_t end_local_s = (day.time_since_epoch().count() + 1) * kDayS - 1;
  const std::int64_t end_s = zone == nullptr ? end_local_s : zone->first_instant(end_local_s);
  return static_cast<TimestampNs>(end_s) * kSecondNs;
}

bool counts_for_jsda(std::uint64_t delay_s, std::uint64_t accounts_hit,
                     std::uint64_t accounts_total) {
  // 0.5 %, without division: hit >= total / 200.
  return delay_s > 300 && (accounts_hit >= 100 || accounts_hit * 200 >= accounts_total);
}

}  // namespace okiagari::desk

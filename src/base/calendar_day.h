// Days as people write them, 20261126, and as they are counted: from 1 January 1970, which is day 0
// and no day that anything here ends on.
#pragma once

#include <chrono>
#include <cstdint>

namespace okiagari::base {

// 0: that is no day, or none from 1970-01-02 to 2149-06-06, which 16 bits count.
[[nodiscard]] constexpr std::uint16_t day_of(std::uint32_t year_month_day) {
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(year_month_day / 10'000)),
      std::chrono::month(year_month_day / 100 % 100), std::chrono::day(year_month_day % 100)};
  if (!date.ok()) return 0;
  const auto count = std::chrono::sys_days(date).time_since_epoch().count();
  return count < 1 || count > UINT16_MAX ? std::uint16_t{0} : static_cast<std::uint16_t>(count);
}

// 0 for day 0.
[[nodiscard]] constexpr std::uint32_t year_month_day_of(std::uint16_t day) {
  if (day == 0) return 0;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return static_cast<std::uint32_t>(static_cast<int>(date.year())) * 10'000 +
         static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day());
}

}  // namespace okiagari::base

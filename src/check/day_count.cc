#include "check/day_count.h"

#include <array>

namespace okiagari::check {
namespace {

constexpr bool is_leap(std::uint32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr std::uint32_t days_in(std::uint32_t year, std::uint32_t month) {
  constexpr std::array<std::uint32_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

}  // namespace

std::uint16_t days_of(std::uint32_t date) {
  const std::uint32_t year = date / 10'000;
  const std::uint32_t month = date / 100 % 100;
  const std::uint32_t day = date % 100;
  if (year < 1970 || year > 2149 || month < 1 || month > 12) return 0;
  if (day < 1 || day > days_in(year, month)) return 0;
  std::uint32_t days = day - 1;
  for (std::uint32_t y = 1970; y < year; ++y) days += is_leap(y) ? 366 : 365;
  for (std::uint32_t m = 1; m < month; ++m) days += days_in(year, m);
  return days > 0xFFFF ? std::uint16_t{0} : static_cast<std::uint16_t>(days);
}

std::uint32_t date_of(std::uint16_t days) {
  std::uint32_t left = days;
  std::uint32_t year = 1970;
  for (; left >= (is_leap(year) ? 366U : 365U); ++year) left -= is_leap(year) ? 366 : 365;
  std::uint32_t month = 1;
  for (; left >= days_in(year, month); ++month) left -= days_in(year, month);
  return year * 10'000 + month * 100 + left + 1;
}

}  // namespace okiagari::check

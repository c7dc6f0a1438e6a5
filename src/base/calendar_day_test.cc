#include "base/calendar_day.h"

#include <gtest/gtest.h>

namespace okiagari::base {
namespace {

TEST(CalendarDay, CountsFromTheEpochAndBack) {
  EXPECT_EQ(day_of(1970'01'02), 1);
  EXPECT_EQ(day_of(2026'11'26), 20'783);
  EXPECT_EQ(year_month_day_of(20'783), 2026'11'26U);
  EXPECT_EQ(year_month_day_of(UINT16_MAX), 2149'06'06U);
  for (std::uint32_t day = 1; day <= UINT16_MAX; ++day) {
    const auto counted = static_cast<std::uint16_t>(day);
    ASSERT_EQ(day_of(year_month_day_of(counted)), counted);
  }
}

TEST(CalendarDay, WhatIsNoDayIsZero) {
  for (const std::uint32_t wrong : {0U, 1970'01'01U, 1969'12'31U, 2026'02'29U, 2026'13'01U,
                                    2026'00'10U, 2026'11'00U, 2149'06'07U, UINT32_MAX}) {
    EXPECT_EQ(day_of(wrong), 0) << wrong;
  }
  EXPECT_EQ(year_month_day_of(0), 0U);
}

}  // namespace
}  // namespace okiagari::base

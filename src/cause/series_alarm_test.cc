#include "cause/series_alarm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace okiagari::cause {
namespace {

double wave(int at) { return 100 + 10 * std::sin(at * 0.3) + (at * 7 % 5); }

TEST(SeriesAlarm, IsSilentWhereNothingIsNew) {
  SeriesAlarm alarm;
  int alarms = 0;
  for (int at = 0; at < 3'000; ++at) alarms += alarm.add(wave(at)).value_or(0) > kAlarmWorthALook;
  EXPECT_EQ(alarms, 0);
}

TEST(SeriesAlarm, OneDisturbanceIsOneAlarm) {
  SeriesAlarm alarm;
  for (int at = 0; at < 1'000; ++at) (void)alarm.add(wave(at));
  int alarms = 0;
  for (int at = 1'000; at < 1'020; ++at) {
    alarms += alarm.add(wave(at) + 300).value_or(0) > kAlarmWorthALook;
  }
  EXPECT_GE(alarms, 1);
  EXPECT_LE(alarms, 2);
}

TEST(SeriesAlarm, TakesAnyValueAndForgets) {
  SeriesAlarm alarm;
  EXPECT_FALSE(alarm.add(std::numeric_limits<double>::quiet_NaN()).has_value());
  SortedPast past;
  for (std::size_t at = 0; at < SortedPast::kValuesMax + 50; ++at)
    past.add(static_cast<double>(at));
  EXPECT_EQ(past.size(), SortedPast::kValuesMax);
  EXPECT_DOUBLE_EQ(past.quantile(0), 50);
}

}  // namespace
}  // namespace okiagari::cause

#include "watch/metric_detector.h"

#include <gtest/gtest.h>

#include <cmath>

namespace okiagari::watch {
namespace {

// Around a level, without chance.
double wobble(double level, int i) { return level + level * 0.02 * std::sin(i * 1.7); }

TEST(MetricDetectorTest, SuddenShiftIsFoundWithItsSizeAndOnce) {
  MetricDetector detector;
  for (int i = 0; i < 60; ++i) ASSERT_FALSE(detector.add(wobble(100, i))) << i;
  int found = 0;
  for (int i = 0; i < 20; ++i) {
    const auto shift = detector.add(wobble(400, i));
    if (!shift) continue;
    ++found;
    EXPECT_NEAR(shift->baseline, 100, 3);
    EXPECT_GT(shift->effect, 8);
    EXPECT_FALSE(shift->is_drift);
    EXPECT_LT(i, 3) << "at once";
  }
  EXPECT_EQ(found, 1);
}

TEST(MetricDetectorTest, SingleWildValueIsNoShift) {
  MetricDetector detector;
  for (int i = 0; i < 200; ++i) {
    EXPECT_FALSE(detector.add(i % 50 == 49 ? 10'000 : wobble(100, i))) << i;
  }
}

TEST(MetricDetectorTest, SlowDriftAddsUp) {
  MetricDetector detector;
  bool found = false;
  for (int i = 0; i < 60; ++i) ASSERT_FALSE(detector.add(wobble(100, i)));
  for (int i = 0; i < 200 && !found; ++i) {
    const auto shift = detector.add(wobble(100 + 0.5 * i, i));
    found = shift && shift->is_drift && shift->value > shift->baseline;
  }
  EXPECT_TRUE(found);
}

TEST(MetricDetectorTest, ShiftThatLastsBecomesUsualAndTheWayBackIsAShift) {
  MetricDetector detector;
  for (int i = 0; i < 60; ++i) (void)detector.add(wobble(100, i));
  for (int i = 0; i < 120; ++i) (void)detector.add(wobble(400, i));
  bool found = false;
  for (int i = 0; i < 5; ++i) {
    const auto shift = detector.add(wobble(100, i));
    found = found || (shift && shift->effect < 0);
  }
  EXPECT_TRUE(found);
}

TEST(MetricDetectorTest, ValueThatNeverVariedMayVaryALittle) {
  MetricDetector detector;
  for (int i = 0; i < 60; ++i) (void)detector.add(100);
  EXPECT_FALSE(detector.add(101));
  EXPECT_FALSE(detector.add(101));
}

}  // namespace
}  // namespace okiagari::watch

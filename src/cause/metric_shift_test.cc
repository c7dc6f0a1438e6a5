#include "cause/metric_shift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace okiagari::cause {
namespace {

std::vector<double> wave(std::size_t count, double middle) {
  std::vector<double> values;
  for (std::size_t at = 0; at < count; ++at) {
    values.push_back(middle + static_cast<double>(at % 7) - 3);
  }
  return values;
}

TEST(Baseline, IsIndifferentToAFewWildValues) {
  std::vector<double> values = wave(200, 100);
  const Baseline calm = baseline_of(values);
  values[50] = 1e9;
  values[60] = std::numeric_limits<double>::quiet_NaN();
  const Baseline wild = baseline_of(values);
  EXPECT_NEAR(wild.median, calm.median, 1);
  EXPECT_NEAR(wild.spread, calm.spread, 1);
  EXPECT_GT(robust_deviation(120, wild), 5);
  EXPECT_LT(robust_deviation(80, wild), -5);
}

TEST(Baseline, APastThatNeverMovedStillHasASpread) {
  const std::vector<double> flat(50, 10.0);
  EXPECT_NEAR(robust_deviation(10.2, baseline_of(flat)), 1, 1e-6);
  EXPECT_EQ(robust_deviation(10.2, baseline_of({})), 0);
}

TEST(TwoSamples, TellsAShiftFromChance) {
  EXPECT_GT(compare_samples(wave(70, 10), wave(70, 10)).probability, 0.99);
  EXPECT_LT(compare_samples(wave(70, 10), wave(70, 14)).probability, 1e-6);
  EXPECT_EQ(compare_samples({}, wave(5, 1)).probability, 1);
}

TEST(ChangePoint, IsWhereTheLevelChanged) {
  std::vector<double> values = wave(40, 10);
  const std::vector<double> after = wave(20, 40);
  values.insert(values.end(), after.begin(), after.end());
  const auto change = find_change(values);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->at, 40u);
  EXPECT_NEAR(change->after - change->before, 30, 1);
  EXPECT_FALSE(find_change(wave(60, 10)).has_value());
}

TEST(Cusum, FindsADriftThatNoSingleValueShows) {
  const std::vector<double> past = wave(100, 10);
  Cusum calm(baseline_of(past));
  for (const double value : past) EXPECT_FALSE(calm.add(value));
  Cusum drifting(baseline_of(past));
  bool is_found = false;
  for (const double value : wave(30, 12.5)) is_found = drifting.add(value) || is_found;
  EXPECT_TRUE(is_found);
}

TEST(Missing, IsASeriesThatStopped) {
  const std::vector<double> times{0, 10, 20, 30};
  EXPECT_FALSE(is_missing(times, 55));
  EXPECT_TRUE(is_missing(times, 61));
}

TEST(RateSurprise, GrowsWithDifferenceAndWithNumber) {
  EXPECT_NEAR(rate_surprise(50, 100, 25, 50), 0, 1e-9);
  EXPECT_GT(rate_surprise(30, 30, 0, 10), 10.8);
  EXPECT_GT(rate_surprise(30, 30, 0, 20), rate_surprise(30, 30, 0, 10));
  EXPECT_EQ(rate_surprise(0, 0, 1, 1), 0);
}

}  // namespace
}  // namespace okiagari::cause

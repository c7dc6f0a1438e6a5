#include "client/latency_histogram.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace okiagari::client {
namespace {

TEST(LatencyHistogram, EmptyOneHasNoLatency) {
  EXPECT_EQ(LatencyHistogram().quantile_ns(0.5), 0U);
  EXPECT_EQ(LatencyHistogram().max_ns(), 0U);
}

TEST(LatencyHistogram, QuantilesAreWithinThreePercentOfTheSortedValues) {
  std::mt19937_64 random(5);
  LatencyHistogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random() >> (random() % 50 + 10);
    values.push_back(value);
    histogram.add(value);
  }
  std::sort(values.begin(), values.end());
  for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact =
        static_cast<double>(values[static_cast<std::size_t>(quantile * 100'000) - 1]);
    const auto told = static_cast<double>(histogram.quantile_ns(quantile));
    EXPECT_GE(told, exact);
    EXPECT_LE(told, exact * 1.04 + 1) << quantile;
  }
  EXPECT_EQ(histogram.quantile_ns(1), values.back());
  EXPECT_EQ(histogram.count(), 100'000U);
}

TEST(LatencyHistogram, LargestValueThereIsHasItsPlace) {
  LatencyHistogram histogram;
  histogram.add(UINT64_MAX);
  EXPECT_EQ(histogram.quantile_ns(0.5), UINT64_MAX);
}

TEST(LatencyHistogram, TwoTogetherAreTheSumOfBoth) {
  LatencyHistogram first;
  LatencyHistogram second;
  first.add(10);
  second.add(1'000);
  first.add(second);
  EXPECT_EQ(first.count(), 2U);
  EXPECT_EQ(first.quantile_ns(0.5), 10U);
  EXPECT_EQ(first.max_ns(), 1'000U);
}

}  // namespace
}  // namespace okiagari::client

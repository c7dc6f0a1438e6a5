#include "journal/log_extent.h"

#include <gtest/gtest.h>

namespace okiagari::journal {
namespace {

TEST(LogExtent, CountsWhatWasAppended) {
  LogExtent extent(1, 0, 0, 100);
  for (Index index = 1; index <= 1000; ++index) extent.appended(index, 10);
  EXPECT_EQ(extent.bytes_at(0), 0U);
  EXPECT_EQ(extent.bytes_at(500), 5000U);
  EXPECT_EQ(extent.bytes_at(1000), 10'000U);
  EXPECT_EQ(extent.index_before_last(0), 1000U);
  EXPECT_EQ(extent.index_before_last(2000), 800U);
  EXPECT_EQ(extent.index_before_last(1'000'000), 0U);
}

TEST(LogExtent, WhatWasThereBeforeIsTakenToBeEven) {
  LogExtent extent(101, 200, 1000, 50);
  EXPECT_EQ(extent.bytes_at(100), 0U);
  EXPECT_EQ(extent.bytes_at(150), 500U);
  EXPECT_EQ(extent.index_before_last(100), 190U);
  extent.appended(201, 5000);
  EXPECT_EQ(extent.index_before_last(5000), 200U);
}

TEST(LogExtent, TruncationTakesBytesBack) {
  LogExtent extent(1, 0, 0, 20);
  for (Index index = 1; index <= 100; ++index) extent.appended(index, 10);
  extent.truncated(60);
  EXPECT_EQ(extent.bytes_at(60), 600U);
  EXPECT_EQ(extent.bytes_at(100), 600U) << "nothing lies behind 60 any more";
  extent.appended(51, 7);
  EXPECT_EQ(extent.bytes_at(51), 507U);
}

TEST(LogExtent, DroppingFromTheFrontLeavesDistancesAsTheyAre) {
  LogExtent extent(1, 0, 0, 10);
  for (Index index = 1; index <= 100; ++index) extent.appended(index, 10);
  const std::uint64_t before = extent.bytes_at(90) - extent.bytes_at(50);
  extent.dropped_up_to(40);
  EXPECT_EQ(extent.bytes_at(90) - extent.bytes_at(50), before);
  EXPECT_GE(extent.index_before_last(1'000'000), 40U);
}

TEST(LogExtent, HugeLogsDoNotOverflow) {
  LogExtent extent(1, 1ULL << 40, 1ULL << 50, 1ULL << 30);
  EXPECT_EQ(extent.bytes_at(1ULL << 39), 1ULL << 49);
  EXPECT_EQ(extent.index_before_last(1ULL << 49), 1ULL << 39);
}

}  // namespace
}  // namespace okiagari::journal

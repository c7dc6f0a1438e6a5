#include "drill/delay_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace okiagari::drill {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kDelayNs = 1'000;

std::vector<std::byte> packet(std::uint8_t mark, std::size_t size = 1) {
  return std::vector<std::byte>(size, std::byte{mark});
}

TEST(DelayLineTest, NothingComesOutBeforeItsTimeAndAllInTheOrderOfGoingIn) {
  DelayLine line(kDelayNs, 100);
  EXPECT_EQ(line.next_due_ns(), std::nullopt);
  ASSERT_TRUE(line.take(10, packet(1)));
  ASSERT_TRUE(line.take(20, packet(2)));
  EXPECT_EQ(line.next_due_ns(), 1'010U);
  EXPECT_THAT(line.give(1'009), IsEmpty());
  EXPECT_THAT(line.give(2'000), ElementsAre(std::byte{1}));
  EXPECT_EQ(line.next_due_ns(), 1'020U);
  EXPECT_THAT(line.give(1'019), IsEmpty());
  EXPECT_THAT(line.give(1'020), ElementsAre(std::byte{2}));
  EXPECT_THAT(line.give(9'000), IsEmpty());
}

TEST(DelayLineTest, WhatDoesNotFitIsLostAndThereIsRoomAgainWhenSomethingCameOut) {
  DelayLine line(kDelayNs, 10);
  ASSERT_TRUE(line.take(0, packet(1, 6)));
  EXPECT_FALSE(line.take(0, packet(2, 5)));
  EXPECT_TRUE(line.take(0, packet(3, 4)));
  EXPECT_FALSE(line.take(0, packet(4)));
  EXPECT_THAT(line.give(kDelayNs), testing::SizeIs(6));
  EXPECT_TRUE(line.take(kDelayNs, packet(5, 6)));
  EXPECT_EQ(line.give(kDelayNs).front(), std::byte{3});
}

}  // namespace
}  // namespace okiagari::drill

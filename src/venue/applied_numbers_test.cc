#include "venue/applied_numbers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace okiagari::venue {
namespace {

using Standing = AppliedNumbers::Standing;

TEST(AppliedNumbers, WhatFollowsIsFreshAndWhatWasIsKnown) {
  AppliedNumbers numbers;
  EXPECT_EQ(numbers.next(), 1u);
  EXPECT_EQ(numbers.standing(1), Standing::fresh);
  numbers.apply(1);
  numbers.apply(2);
  EXPECT_EQ(numbers.standing(1), Standing::applied);
  EXPECT_EQ(numbers.standing(2), Standing::applied);
  EXPECT_EQ(numbers.standing(3), Standing::fresh);
  EXPECT_EQ(numbers.next(), 3u);
}

TEST(AppliedNumbers, ANumberThatWasJumpedOverIsNotTakenForARepeat) {
  AppliedNumbers numbers;
  numbers.apply(1);
  numbers.apply(5);
  EXPECT_EQ(numbers.standing(1), Standing::applied);
  EXPECT_EQ(numbers.standing(2), Standing::never_arrived);
  EXPECT_EQ(numbers.standing(4), Standing::never_arrived);
  EXPECT_EQ(numbers.standing(5), Standing::applied);
  // Asking changes nothing: it is told the same the next time.
  EXPECT_EQ(numbers.standing(2), Standing::never_arrived);
}

TEST(AppliedNumbers, TheLowestGapIsForgottenAndNothingBelowItIsCertain) {
  AppliedNumbers numbers;
  for (std::uint32_t n = 2; n <= 2 * AppliedNumbers::kGapsMax; n += 2) numbers.apply(n);
  EXPECT_EQ(numbers.gaps().size(), AppliedNumbers::kGapsMax);
  EXPECT_EQ(numbers.standing(1), Standing::never_arrived);
  numbers.apply(1'000);
  EXPECT_EQ(numbers.gaps().size(), AppliedNumbers::kGapsMax);
  EXPECT_EQ(numbers.floor(), 2u);
  EXPECT_EQ(numbers.standing(1), Standing::too_old);
  EXPECT_EQ(numbers.standing(2), Standing::applied);
  EXPECT_EQ(numbers.standing(3), Standing::never_arrived);
  EXPECT_EQ(numbers.standing(500), Standing::never_arrived);
}

TEST(AppliedNumbers, TheHighestNumberThereIsLeavesNoneFresh) {
  AppliedNumbers numbers;
  numbers.apply(UINT32_MAX);
  EXPECT_EQ(numbers.next(), UINT32_MAX);
  EXPECT_EQ(numbers.standing(UINT32_MAX), Standing::applied);
  EXPECT_EQ(numbers.standing(UINT32_MAX - 1), Standing::never_arrived);
}

TEST(AppliedNumbers, WhatDoesNotFitTogetherIsNotRestored) {
  using Gap = AppliedNumbers::Gap;
  const auto restores = [](std::uint32_t mark, std::uint32_t floor, std::vector<Gap> gaps) {
    AppliedNumbers numbers;
    return numbers.restore(mark, floor, gaps);
  };
  EXPECT_TRUE(restores(0, 1, {}));
  EXPECT_TRUE(restores(9, 1, {{2, 3}, {5, 8}}));
  EXPECT_TRUE(restores(9, 10, {}));
  EXPECT_FALSE(restores(9, 0, {}));
  EXPECT_FALSE(restores(9, 11, {}));
  EXPECT_FALSE(restores(9, 1, {{3, 2}}));
  EXPECT_FALSE(restores(9, 1, {{2, 3}, {4, 5}}));
  EXPECT_FALSE(restores(9, 1, {{5, 6}, {2, 3}}));
  EXPECT_FALSE(restores(9, 1, {{5, 9}}));
  EXPECT_FALSE(restores(9, 4, {{2, 3}}));
  EXPECT_FALSE(restores(9'999, 1, std::vector<Gap>(AppliedNumbers::kGapsMax + 1, Gap{1, 1})));
}

}  // namespace
}  // namespace okiagari::venue

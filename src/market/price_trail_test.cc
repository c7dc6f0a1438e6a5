// Goal: whoever has entered knows the furthest price since it came, whatever others do, and what is
// kept for that is bounded by those who have not left.
#include "market/price_trail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace okiagari::market {
namespace {

TEST(PriceTrailTest, ASellFollowsTheHighestPriceSinceItCame) {
  PriceTrail trail(Side::sell);
  EXPECT_FALSE(trail.follow(500)) << "nobody is there";
  trail.enter(1, 500);
  EXPECT_FALSE(trail.follow(499));
  EXPECT_FALSE(trail.follow(500));
  EXPECT_TRUE(trail.follow(503));
  trail.enter(2, 501);
  EXPECT_EQ(trail.furthest_of(1), 503);
  EXPECT_EQ(trail.furthest_of(2), 501);
  EXPECT_EQ(trail.nearest(), 501);
  EXPECT_EQ(trail.bound(), 503);
  EXPECT_TRUE(trail.follow(502)) << "news for the newer one alone";
  EXPECT_EQ(trail.furthest_of(1), 503);
  EXPECT_EQ(trail.furthest_of(2), 502);
}

TEST(PriceTrailTest, ABuyFollowsTheLowest) {
  PriceTrail trail(Side::buy);
  trail.enter(1, 500);
  EXPECT_FALSE(trail.follow(501));
  EXPECT_TRUE(trail.follow(497));
  EXPECT_EQ(trail.furthest_of(1), 497);
}

// Who has the same price is one entry, and keeps it when the first of them leaves.
TEST(PriceTrailTest, ThoseOfOnePriceAreOneEntry) {
  PriceTrail trail(Side::sell);
  trail.enter(1, 503);
  trail.enter(2, 501);
  trail.enter(3, 501);
  EXPECT_EQ(trail.entries(), 2u);
  trail.follow(503);
  EXPECT_EQ(trail.entries(), 1u);
  trail.leave(1);
  EXPECT_EQ(trail.furthest_of(2), 503);
  EXPECT_EQ(trail.furthest_of(3), 503);
  trail.leave(2);
  trail.leave(3);
  EXPECT_EQ(trail.entries(), 0u);
  EXPECT_EQ(trail.nearest(), 0);
}

TEST(PriceTrailTest, OneThatComesFurtherThanTheOthersTakesThemAlong) {
  PriceTrail trail(Side::sell);
  trail.enter(1, 500);
  trail.enter(2, 510);
  EXPECT_EQ(trail.furthest_of(1), 510);
}

// Against a list in which each order has its own price.
class PriceTrailRandomTest : public testing::TestWithParam<Side> {};
INSTANTIATE_TEST_SUITE_P(Sides, PriceTrailRandomTest, testing::Values(Side::buy, Side::sell));

TEST_P(PriceTrailRandomTest, EverybodyKnowsTheFurthestPriceSinceItCame) {
  struct Plain {
    OrderReference reference;
    PriceTicks furthest;
  };
  const bool is_sell = GetParam() == Side::sell;
  PriceTrail trail(GetParam());
  std::vector<Plain> plain;
  std::mt19937_64 random(20260101);
  PriceTicks price = 1'000;
  OrderReference last = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t what = random() % 10;
    if (what < 4) {
      price = std::clamp(price + static_cast<PriceTicks>(random() % 9) - 4, 900, 1'100);
      bool moved = false;
      for (Plain& one : plain) {
        const PriceTicks before = one.furthest;
        one.furthest = is_sell ? std::max(before, price) : std::min(before, price);
        moved = moved || one.furthest != before;
      }
      ASSERT_EQ(trail.moves_at(price), moved);
      ASSERT_EQ(trail.follow(price), moved);
    } else if (what < 8 || plain.empty()) {
      last += 1 + random() % 3;
      trail.enter(last, price);
      plain.push_back({last, price});
    } else {
      // Sometimes all at once, so that most of it is nobody's.
      const std::size_t count = random() % 200 == 0 ? plain.size() : 1;
      for (std::size_t n = 0; n < count; ++n) {
        const std::size_t at = random() % plain.size();
        trail.leave(plain[at].reference);
        plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    std::vector<OrderReference> references;
    for (const Plain& one : plain) {
      references.push_back(one.reference);
      ASSERT_EQ(trail.furthest_of(one.reference), one.furthest) << "at " << i;
    }
    const base::Status status = trail.check(references);
    ASSERT_TRUE(status.ok()) << status.error().message;
    ASSERT_EQ(trail.nearest(), plain.empty() ? 0 : plain.back().furthest);
    ASSERT_LE(trail.entries(), 2 * plain.size());
  }
}

// The day a thousand came at a thousand prices and left again, all but the first.
TEST(PriceTrailTest, WhatNobodyHasSeenTakesNoPlace) {
  PriceTrail trail(Side::sell);
  for (std::uint32_t n = 1; n <= 1'000; ++n) trail.enter(n, static_cast<PriceTicks>(2'000 - n));
  EXPECT_EQ(trail.entries(), 1'000u);
  for (std::uint32_t n = 2; n < 1'000; ++n) trail.leave(n);
  EXPECT_LE(trail.entries(), 4u);
  EXPECT_EQ(trail.furthest_of(1), 1'999);
  EXPECT_EQ(trail.furthest_of(1'000), 1'000);
}

}  // namespace
}  // namespace okiagari::market

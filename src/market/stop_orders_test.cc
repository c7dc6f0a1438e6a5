// Goal: of the orders that wait, the one goes first whose trigger is reached first, then the one
// that came first; and each is found by its name and its owner.
#include "market/stop_orders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace okiagari::market {
namespace {

constexpr OrderKey key(std::uint32_t reference, std::uint32_t owner = 1) {
  return OrderKey{owner} << 32 | reference;
}

Stop stop(std::uint32_t reference, Side side, PriceTicks trigger) {
  return {.key = key(reference),
          .reference = reference,
          .trigger = trigger,
          .price = trigger + 5,
          .quantity = 10,
          .account = 3,
          .instrument = 1,
          .member = 4,
          .side = side,
          .type = PriceType::limit,
          .time_in_force = TimeInForce::good_till_cancel,
          .self_trade = SelfTradePrevention::cancel_oldest};
}

class StopOrdersTest : public testing::Test {
 protected:
  StopOrdersTest() { stops.add_instrument(1); }

  std::uint32_t first(Side side) const {
    const std::optional<Stop> found = stops.first(1, side);
    return found ? static_cast<std::uint32_t>(found->key) : 0;
  }

  StopOrders stops{Limits{.max_live_orders = 10'000, .max_instruments = 2}};
};

TEST_F(StopOrdersTest, WhatWaitsIsGivenBackAsItWas) {
  Stop at_market = stop(7, Side::sell, 500);
  at_market.type = PriceType::market;
  at_market.price = kMaxPriceTicks;
  ASSERT_TRUE(stops.add(at_market));
  const std::optional<Stop> found = stops.find(key(7));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->trigger, 500);
  EXPECT_EQ(found->price, kMaxPriceTicks);
  EXPECT_EQ(found->type, PriceType::market);
  EXPECT_EQ(found->side, Side::sell);
  EXPECT_EQ(found->quantity, 10U);
  EXPECT_EQ(found->account, 3U);
  EXPECT_EQ(found->member, 4U);
  EXPECT_EQ(found->time_in_force, TimeInForce::good_till_cancel);
  EXPECT_EQ(found->self_trade, SelfTradePrevention::cancel_oldest);
  EXPECT_FALSE(stops.add(at_market)) << "its name is taken";
  EXPECT_TRUE(stops.remove(key(7)));
  EXPECT_FALSE(stops.find(key(7)).has_value());
}

TEST_F(StopOrdersTest, TheLowestBuyAndTheHighestSellGoFirstAndOfOneTriggerTheOldest) {
  for (const auto& [reference, trigger] : {std::pair{1u, 510}, {2u, 505}, {3u, 505}, {4u, 520}}) {
    ASSERT_TRUE(stops.add(stop(reference, Side::buy, trigger)));
    ASSERT_TRUE(stops.add(stop(10 + reference, Side::sell, trigger - 100)));
  }
  for (const std::uint32_t expected : {2u, 3u, 1u, 4u}) {
    EXPECT_EQ(first(Side::buy), expected);
    stops.remove(key(expected));
  }
  for (const std::uint32_t expected : {14u, 11u, 12u, 13u}) {
    EXPECT_EQ(first(Side::sell), expected);
    stops.remove(key(expected));
  }
  EXPECT_EQ(stops.first_trigger(1, Side::buy), 0);
  EXPECT_EQ(stops.count(), 0U);
}

TEST_F(StopOrdersTest, AFullShelfTakesNoMore) {
  StopOrders small{Limits{.max_live_orders = 2, .max_instruments = 1}};
  small.add_instrument(1);
  EXPECT_TRUE(small.add(stop(1, Side::buy, 500)));
  EXPECT_TRUE(small.add(stop(2, Side::buy, 500)));
  EXPECT_FALSE(small.add(stop(3, Side::buy, 500)));
  small.remove(key(1));
  EXPECT_TRUE(small.add(stop(3, Side::buy, 500)));
}

// Against a plain list that is sorted anew each time.
TEST_F(StopOrdersTest, RandomStopsGoInTheOrderOfAPlainList) {
  std::mt19937_64 random(20260101);
  std::vector<Stop> plain;
  for (std::uint32_t i = 1; i <= 5'000; ++i) {
    if (random() % 3 != 0 || plain.empty()) {
      const Stop added = stop(i, random() % 2 == 0 ? Side::buy : Side::sell,
                              static_cast<PriceTicks>(400 + random() % 200));
      ASSERT_TRUE(stops.add(added));
      plain.push_back(added);
    } else {
      const std::size_t at = random() % plain.size();
      ASSERT_TRUE(stops.remove(plain[at].key));
      plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(at));
    }
    for (const Side side : {Side::buy, Side::sell}) {
      const Stop* best = nullptr;
      for (const Stop& one : plain) {
        const PriceTicks further = best == nullptr     ? 0
                                   : side == Side::buy ? best->trigger - one.trigger
                                                       : one.trigger - best->trigger;
        if (one.side == side && (best == nullptr || further > 0)) best = &one;
      }
      ASSERT_EQ(first(side), best == nullptr ? 0 : static_cast<std::uint32_t>(best->key));
    }
  }
  std::vector<Stop> all;
  stops.by_entry(all);
  ASSERT_EQ(all.size(), plain.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].key, plain[i].key);
  EXPECT_TRUE(stops.check_invariants().ok());
}

}  // namespace
}  // namespace okiagari::market

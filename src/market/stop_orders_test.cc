// Goal: of the orders that wait, the one goes first whose trigger is reached first, then the one
// that came first; and each is found by its name and its owner.
#include "market/stop_orders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

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

Stop trailing(std::uint32_t reference, Side side, PriceTicks distance, PriceTicks price) {
  Stop made = stop(reference, side, side == Side::sell ? price - distance : price + distance);
  made.distance = distance;
  return made;
}

// The slow way: of those that wait, oldest first, the one to go first; null when there is none.
const Stop* first_of(const std::vector<Stop>& waiting, Side side) {
  const Stop* best = nullptr;
  for (const Stop& one : waiting) {
    const PriceTicks nearer = best == nullptr     ? 0
                              : side == Side::buy ? best->trigger - one.trigger
                                                  : one.trigger - best->trigger;
    if (one.side == side && (best == nullptr || nearer > 0)) best = &one;
  }
  return best;
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

TEST_F(StopOrdersTest, ATriggerThatTrailsMovesWithThePriceAndNeverBack) {
  ASSERT_TRUE(stops.add(trailing(1, Side::sell, 5, 500)));
  ASSERT_TRUE(stops.add(trailing(2, Side::buy, 7, 500)));
  EXPECT_EQ(stops.moves_from(1, Side::sell), 501);
  EXPECT_EQ(stops.moves_from(1, Side::buy), 499);
  EXPECT_TRUE(stops.follow(1, Side::sell, 510));
  EXPECT_FALSE(stops.follow(1, Side::sell, 505));
  EXPECT_TRUE(stops.follow(1, Side::buy, 490));
  EXPECT_EQ(stops.find(key(1))->trigger, 505);
  EXPECT_EQ(stops.find(key(1))->distance, 5);
  EXPECT_EQ(stops.find(key(2))->trigger, 497);
  EXPECT_EQ(stops.first_trigger(1, Side::sell), 505);
  EXPECT_EQ(stops.first_trigger(1, Side::buy), 497);
  EXPECT_TRUE(stops.remove(key(1)));
  EXPECT_EQ(stops.first_trigger(1, Side::sell), 0);
  EXPECT_EQ(stops.moves_from(1, Side::sell), 0);
  EXPECT_TRUE(stops.check_invariants().ok());
}

TEST_F(StopOrdersTest, FixedAndTrailingOnesGoByTriggerAndThenByAge) {
  ASSERT_TRUE(stops.add(stop(1, Side::sell, 490)));
  ASSERT_TRUE(stops.add(trailing(2, Side::sell, 10, 500)));
  ASSERT_TRUE(stops.add(stop(3, Side::sell, 495)));
  ASSERT_TRUE(stops.add(trailing(4, Side::sell, 4, 499)));
  ASSERT_TRUE(stops.add(trailing(5, Side::sell, 12, 499)));
  for (const std::uint32_t expected : {3u, 4u, 1u, 2u, 5u}) {
    EXPECT_EQ(first(Side::sell), expected);
    stops.remove(key(expected));
  }
  EXPECT_EQ(stops.count(), 0u);
}

// Two hundred and fifty-six, of what waits and not of what ever did.
TEST_F(StopOrdersTest, ThereAreSoManyDistancesAndNoMore) {
  constexpr std::uint32_t kMax = StopOrders::kDistancesMax;
  for (std::uint32_t n = 1; n <= kMax; ++n) {
    ASSERT_TRUE(stops.takes_distance(1, Side::sell, static_cast<PriceTicks>(n), nullptr));
    ASSERT_TRUE(stops.add(trailing(n, Side::sell, static_cast<PriceTicks>(n), 500)));
  }
  EXPECT_FALSE(stops.takes_distance(1, Side::sell, 300, nullptr));
  EXPECT_TRUE(stops.takes_distance(1, Side::sell, 7, nullptr)) << "it is there";
  EXPECT_TRUE(stops.takes_distance(1, Side::buy, 300, nullptr));
  const Stop alone = *stops.find(key(9));
  EXPECT_TRUE(stops.takes_distance(1, Side::sell, 300, &alone));
  ASSERT_TRUE(stops.add(trailing(kMax + 1, Side::sell, 9, 500)));
  EXPECT_FALSE(stops.takes_distance(1, Side::sell, 300, &alone)) << "another has its distance";
  stops.remove(key(9));
  stops.remove(key(kMax + 1));
  EXPECT_TRUE(stops.takes_distance(1, Side::sell, 300, nullptr));
}

TEST_F(StopOrdersTest, ASnapshotsTrailingOnesMustHaveSeenWhatTheNewerOnesHave) {
  ASSERT_TRUE(stops.load(trailing(1, Side::sell, 5, 500)));
  EXPECT_FALSE(stops.load(trailing(2, Side::sell, 5, 501)));
  EXPECT_TRUE(stops.load(trailing(2, Side::sell, 5, 499)));
  EXPECT_EQ(stops.find(key(1))->trigger, 495);
}

// A checkpoint's walk is as it was before any could trail, as long as none does.
TEST_F(StopOrdersTest, TheWalkPassesByWhereNothingTrails) {
  stops.add_instrument(2);
  ASSERT_TRUE(stops.add(stop(1, Side::buy, 500)));
  stops.walk_on(1, [](const Stop&) {});
  EXPECT_EQ(stops.walk_place().instrument, 2) << "behind the only side that has any";
  EXPECT_FALSE(stops.walk_place().trails);

  ASSERT_TRUE(stops.add(trailing(2, Side::buy, 5, 500)));
  std::vector<OrderKey> met;
  for (int i = 0; i < 4; ++i) {
    stops.walk_on(1, [&](const Stop& one) { met.push_back(one.key); });
    const StopOrders::WalkPlace place = stops.walk_place();
    StopOrders other{Limits{.max_live_orders = 10'000, .max_instruments = 2}};
    other.add_instrument(1);
    other.add_instrument(2);
    ASSERT_TRUE(other.add(stop(1, Side::buy, 500)));
    ASSERT_TRUE(other.add(trailing(2, Side::buy, 5, 500)));
    ASSERT_TRUE(other.set_walk_place(place));
    const StopOrders::WalkPlace same = other.walk_place();
    EXPECT_EQ(same.key, place.key);
    EXPECT_EQ(same.instrument, place.instrument);
    EXPECT_EQ(same.trails, place.trails);
    EXPECT_EQ(same.side, place.side);
  }
  EXPECT_EQ(met, (std::vector<OrderKey>{key(1), key(2), key(1), key(2)}));
}

// Against a plain list in which each has its own furthest price, looked through each time.
TEST_F(StopOrdersTest, RandomTrailingStopsGoInTheOrderOfAPlainList) {
  std::mt19937_64 random(20260102);
  std::vector<Stop> plain;
  PriceTicks price = 1'000;
  for (std::uint32_t i = 1; i <= 8'000; ++i) {
    const std::uint64_t what = random() % 8;
    if (what < 3) {
      price = std::clamp(price + static_cast<PriceTicks>(random() % 7) - 3, 900, 1'100);
      for (const Side side : {Side::buy, Side::sell}) stops.follow(1, side, price);
      for (Stop& one : plain) {
        if (!one.trails()) continue;
        one.trigger = one.side == Side::sell ? std::max(one.trigger, price - one.distance)
                                             : std::min(one.trigger, price + one.distance);
      }
    } else if (what < 6 || plain.empty()) {
      const Side side = random() % 2 == 0 ? Side::buy : Side::sell;
      const auto distance = static_cast<PriceTicks>(1 + random() % 12);
      const Stop added =
          random() % 3 == 0
              ? stop(i, side, side == Side::sell ? price - distance : price + distance)
              : trailing(i, side, distance, price);
      ASSERT_TRUE(stops.add(added));
      plain.push_back(added);
    } else {
      const std::size_t at = random() % plain.size();
      ASSERT_TRUE(stops.remove(plain[at].key));
      plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(at));
    }
    for (const Side side : {Side::buy, Side::sell}) {
      const Stop* best = first_of(plain, side);
      ASSERT_EQ(first(side), best == nullptr ? 0 : static_cast<std::uint32_t>(best->key)) << i;
      ASSERT_EQ(stops.first_trigger(1, side), best == nullptr ? 0 : best->trigger);
    }
    if (i % 64 == 0) {
      const base::Status status = stops.check_invariants();
      ASSERT_TRUE(status.ok()) << status.error().message;
    }
  }
  std::vector<Stop> all;
  stops.by_entry(all);
  ASSERT_EQ(all.size(), plain.size());
  StopOrders again{Limits{.max_live_orders = 10'000, .max_instruments = 2}};
  again.add_instrument(1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].key, plain[i].key);
    EXPECT_EQ(all[i].trigger, plain[i].trigger);
    EXPECT_TRUE(again.load(all[i]));
  }
  EXPECT_TRUE(again.check_invariants().ok());
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
      const Stop* best = first_of(plain, side);
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

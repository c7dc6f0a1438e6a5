// Goal: an order is found by its key, and by its owner, however its owner numbers orders and
// however long it lives. The differential test does the same at random.
#include "market/owners_orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "market/order_books.h"

namespace okiagari::market {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kOwner = 7;

OrderKey key_of(std::uint32_t reference, std::uint32_t owner = kOwner) {
  return OrderKey{owner} << 32 | reference;
}

class OwnersOrdersTest : public testing::Test {
 protected:
  OwnersOrdersTest() { books.add_instrument(1); }

  bool rest(OrderKey key) {
    return books.rest({.key = key,
                       .reference = ++last_reference,
                       .price = static_cast<PriceTicks>(1'000 + key % 97),
                       .quantity = 1,
                       .account = 1,
                       .instrument = 1,
                       .member = 1,
                       .side = Side::buy,
                       .type = PriceType::limit,
                       .time_in_force = TimeInForce::day,
                       .self_trade = SelfTradePrevention::none,
                       .post_only = false});
  }
  // Enters orders that leave again, so that the window moves on.
  void let_pass(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t reference = first; reference < first + count; ++reference) {
      ASSERT_TRUE(rest(key_of(reference)));
      ASSERT_TRUE(books.cancel(key_of(reference)));
    }
  }
  std::vector<OrderKey> keys(std::uint32_t owner = kOwner) {
    std::vector<OrderKey> keys;
    books.keys_of_owner(owner, keys);
    return keys;
  }
  void expect_sound() {
    const base::Status sound = books.check_invariants();
    EXPECT_TRUE(sound.ok()) << sound.error().message;
  }

  OrderBooks books{Limits{.max_live_orders = 200'000, .max_instruments = 1}};
  OrderReference last_reference = 0;
};

TEST_F(OwnersOrdersTest, AnOrderThatOutlivesItsWindowIsStillCancelled) {
  ASSERT_TRUE(rest(key_of(1)));
  let_pass(2, 1'000);
  EXPECT_EQ(books.old_orders(), 1u);
  ASSERT_NE(books.find(key_of(1)), nullptr);
  EXPECT_EQ(books.find(key_of(1))->key, key_of(1));
  EXPECT_THAT(keys(), ElementsAre(key_of(1)));
  expect_sound();
  EXPECT_TRUE(books.cancel(key_of(1)));
  EXPECT_EQ(books.find(key_of(1)), nullptr);
  EXPECT_EQ(books.old_orders(), 0u);
  EXPECT_THAT(keys(), IsEmpty());
  expect_sound();
}

TEST_F(OwnersOrdersTest, AnOldOrderEnteredTwiceIsADuplicate) {
  ASSERT_TRUE(rest(key_of(1)));
  let_pass(2, 1'000);
  ASSERT_EQ(books.old_orders(), 1u);
  EXPECT_FALSE(rest(key_of(1)));
  EXPECT_TRUE(rest(key_of(1, kOwner + 1)));
  expect_sound();
}

// A late reference finds a younger order in its place: one of them has to go, neither is lost.
TEST_F(OwnersOrdersTest, AReferenceThatComesLateLosesNobody) {
  ASSERT_TRUE(rest(key_of(1'000'064)));
  ASSERT_TRUE(rest(key_of(64)));
  ASSERT_TRUE(rest(key_of(0)));
  ASSERT_TRUE(rest(key_of(0xFFFFFFFF)));
  EXPECT_THAT(keys(), ElementsAre(key_of(1'000'064), key_of(64), key_of(0), key_of(0xFFFFFFFF)));
  EXPECT_EQ(books.find(key_of(1)), nullptr);
  expect_sound();
  EXPECT_TRUE(books.cancel(key_of(0)));
  EXPECT_TRUE(books.cancel(key_of(1'000'064)));
  EXPECT_THAT(keys(), ElementsAre(key_of(64), key_of(0xFFFFFFFF)));
  expect_sound();
}

TEST_F(OwnersOrdersTest, AnAttackerWhoseReferencesAllCollideIsServedByTheTable) {
  std::vector<OrderKey> entered;
  for (std::uint32_t number = 0; number < 30'000; ++number) {
    entered.push_back(key_of(number << 16 | number >> 16));
    ASSERT_TRUE(rest(entered.back()));
  }
  EXPECT_GT(books.old_orders(), 29'990u);
  EXPECT_EQ(keys(), entered);
  expect_sound();
  std::shuffle(entered.begin(), entered.end(), std::mt19937(1));
  for (const OrderKey key : entered) ASSERT_TRUE(books.cancel(key));
  EXPECT_EQ(books.live_orders(), 0u);
  expect_sound();
}

// References with gaps have gone round the window before it grows, so that it has to take them in.
TEST_F(OwnersOrdersTest, AWindowThatGrowsUnderOrdersWithGapsKeepsEveryOrder) {
  std::uint32_t owner = kOwner;
  for (const std::uint32_t gap : {3u, 5u, 7u, 33u, 64u, 1'001u}) {
    std::vector<OrderKey> entered;
    for (std::uint32_t number = 1; number <= 5'000; ++number) {
      entered.push_back(key_of(number * gap, owner));
      ASSERT_TRUE(rest(entered.back()));
      ASSERT_NE(books.find(entered[number / 2]), nullptr) << "gap " << gap;
    }
    for (const OrderKey key : entered) ASSERT_NE(books.find(key), nullptr) << "gap " << gap;
    EXPECT_EQ(keys(owner), entered);
    expect_sound();
    ++owner;
  }
}

TEST_F(OwnersOrdersTest, AWindowThatGrowsUnderwayKeepsEveryOrder) {
  std::vector<OrderKey> entered;
  for (std::uint32_t reference = 1; reference <= 60'000; ++reference) {
    // Every third one leaves at once: holes.
    ASSERT_TRUE(rest(key_of(reference)));
    if (reference % 3 == 0) {
      ASSERT_TRUE(books.cancel(key_of(reference)));
    } else {
      entered.push_back(key_of(reference));
    }
    if (reference % 4'999 == 0) expect_sound();
  }
  for (const OrderKey key : entered) ASSERT_NE(books.find(key), nullptr) << key;
  EXPECT_EQ(keys(), entered);
  // More than a window may hold: the older ones have left it, and are found all the same.
  EXPECT_GT(books.old_orders(), 60'000u - OwnersOrders::kPlacesMax - 20'000u);
}

TEST_F(OwnersOrdersTest, AnOldOrderIsRenamedAndIsOldNoMore) {
  ASSERT_TRUE(rest(key_of(1)));
  let_pass(2, 1'000);
  ASSERT_TRUE(rest(key_of(1'002)));
  ASSERT_TRUE(books.rename(key_of(1), key_of(1'003), 99));
  EXPECT_EQ(books.old_orders(), 0u);
  EXPECT_EQ(books.find(key_of(1)), nullptr);
  EXPECT_THAT(keys(), ElementsAre(key_of(1'003), key_of(1'002)));
  expect_sound();
}

TEST_F(OwnersOrdersTest, HintsAboutKeysThatDoNotLiveDoNoHarm) {
  const auto hint = [this] {
    for (const OrderKey key :
         {OrderKey{0}, key_of(0), key_of(1), key_of(0xFFFFFFFF), ~OrderKey{0}}) {
      books.prefetch_place(key);
      books.prefetch_order(key);
      books.prefetch_neighbours(key);
    }
  };
  hint();
  ASSERT_TRUE(rest(key_of(1)));
  let_pass(2, 1'000);
  hint();
  expect_sound();
}

// The figure in docs/market.md. Sixteen owners, half of whose references live on.
TEST(BooksMemoryTest, ALiveOrderCostsLittleMoreThanItsRecord) {
  constexpr std::uint32_t kOrders = 1'000'000;
  OrderBooks books(Limits{.max_live_orders = kOrders, .max_instruments = 100});
  for (InstrumentId id = 1; id <= 100; ++id) books.add_instrument(id);
  for (std::uint32_t n = 0; n < kOrders; ++n) {
    const bool rests = books.rest({.key = key_of(2 * (n / 16), 1 + n % 16),
                                   .reference = n + 1,
                                   .price = static_cast<PriceTicks>(100'000 + n * 7919 % 250),
                                   .quantity = 1,
                                   .account = 1,
                                   .instrument = static_cast<InstrumentId>(1 + n % 100),
                                   .member = 1,
                                   .side = Side::sell,
                                   .type = PriceType::limit,
                                   .time_in_force = TimeInForce::day,
                                   .self_trade = SelfTradePrevention::none,
                                   .post_only = false});
    ASSERT_TRUE(rests);
    if (n + 1 != 10'000 && n + 1 != 100'000 && n + 1 != kOrders) continue;
    const double bytes = static_cast<double>(books.memory_bytes()) / (n + 1);
    std::printf("%u live orders: %.0f bytes for each, %u of them old\n", n + 1, bytes,
                books.old_orders());
    if (n + 1 >= 100'000) {
      EXPECT_LT(bytes, 160);
    }
  }
}

}  // namespace
}  // namespace okiagari::market

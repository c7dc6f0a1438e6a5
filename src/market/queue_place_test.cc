// Goal: who goes through the orders of a side in pieces, keeping nothing but a place, sees each
// once, whatever comes and goes between two pieces. Against a plain walk over what is there.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "market/order_books.h"

namespace okiagari::market {
namespace {

class QueuePlaceTest : public testing::Test {
 protected:
  QueuePlaceTest() { books.add_instrument(1); }

  OrderKey rest(Side side, PriceTicks price) {
    Incoming order{};
    order.key = OrderKey{1} << 32 | ++last;
    order.reference = ++reference;
    order.price = price;
    order.quantity = 10;
    order.instrument = 1;
    order.side = side;
    EXPECT_TRUE(books.rest(order));
    return order.key;
  }
  // At most so many behind the place, which is then behind them.
  std::vector<OrderReference> walk(QueuePlace& place, Side side, std::size_t most) {
    std::vector<OrderReference> seen;
    const QueuePlace from = place;
    books.for_each_order_behind(from, 1, side, [&](const Order& order) {
      seen.push_back(order.reference);
      place = {.key = order.key, .reference = order.reference, .price = order.price};
      return seen.size() < most;
    });
    return seen;
  }
  std::vector<OrderReference> all(Side side) const {
    std::vector<OrderReference> found;
    books.for_each_order(1, side, [&](const Order& order) { found.push_back(order.reference); });
    return found;
  }

  OrderBooks books{Limits{.max_live_orders = 100'000, .max_instruments = 1}};
  std::uint32_t last = 0;
  OrderReference reference = 0;
};

TEST_F(QueuePlaceTest, APlaceWhoseOrderHasGoneIsBetweenItsNeighbours) {
  std::vector<OrderKey> keys;
  for (const PriceTicks price : {500, 500, 500, 510, 9'000}) {
    keys.push_back(rest(Side::sell, price));
  }
  QueuePlace place;
  EXPECT_EQ(walk(place, Side::sell, 2), (std::vector<OrderReference>{1, 2}));
  EXPECT_TRUE(books.cancel(keys[1]));
  EXPECT_EQ(walk(place, Side::sell, 1), std::vector<OrderReference>{3});
  for (const std::size_t gone : {0u, 2u}) EXPECT_TRUE(books.cancel(keys[gone]));
  EXPECT_EQ(walk(place, Side::sell, 1), std::vector<OrderReference>{4}) << "its level has gone too";
  EXPECT_TRUE(books.cancel(keys[3]));
  rest(Side::sell, 400);
  EXPECT_EQ(walk(place, Side::sell, 9), std::vector<OrderReference>{5}) << "400 is before it";
  EXPECT_TRUE(walk(place, Side::sell, 9).empty());
}

TEST_F(QueuePlaceTest, AnOrderThatHasAnotherNameKeepsItsPlace) {
  rest(Side::buy, 500);
  const OrderKey renamed = rest(Side::buy, 500);
  rest(Side::buy, 500);
  QueuePlace place;
  EXPECT_EQ(walk(place, Side::buy, 2), (std::vector<OrderReference>{1, 2}));
  EXPECT_TRUE(books.rename(renamed, OrderKey{1} << 32 | 99, 2));
  EXPECT_EQ(walk(place, Side::buy, 9), std::vector<OrderReference>{3});
}

TEST_F(QueuePlaceTest, WhoStaysIsSeenOnceInPiecesOfAnySize) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const Side side = seed % 2 == 0 ? Side::buy : Side::sell;
    const PriceTicks width = seed % 3 == 0 ? 3 : seed % 3 == 1 ? 200 : 1'000'000;
    const auto price = [&] {
      return 1'000'000 + static_cast<PriceTicks>(random() % static_cast<unsigned>(width));
    };
    for (int i = 0; i < 100; ++i) rest(side, price());
    const std::vector<OrderReference> before = all(side);
    std::multiset<OrderReference> seen;
    QueuePlace place;
    for (auto piece = walk(place, side, 1 + random() % 7); !piece.empty();
         piece = walk(place, side, 1 + random() % 7)) {
      seen.insert(piece.begin(), piece.end());
      for (std::uint64_t changes = random() % 4; changes > 0; --changes) {
        if (random() % 3 == 0) rest(side, price());
        const std::uint32_t any = last - static_cast<std::uint32_t>(random() % 120);
        const OrderKey key = random() % 3 == 0 ? place.key : OrderKey{1} << 32 | any;
        const Order* order = books.find(key);
        if (order == nullptr) continue;
        if (random() % 3 != 0) {
          books.cancel(key);
        } else {
          ASSERT_TRUE(books.rename(key, OrderKey{1} << 32 | ++last, order->reference));
        }
      }
    }
    const std::vector<OrderReference> after = all(side);
    const std::set<OrderReference> stayed(after.begin(), after.end());
    for (const OrderReference one : before) {
      ASSERT_LE(seen.count(one), 1u) << "seed " << seed;
      if (stayed.contains(one)) {
        ASSERT_EQ(seen.count(one), 1u) << "seed " << seed;
      }
    }
    ASSERT_TRUE(books.check_invariants().ok());
    std::vector<OrderKey> left;
    books.keys_of_owner(1, left);
    for (const OrderKey key : left) books.cancel(key);
  }
}

}  // namespace
}  // namespace okiagari::market

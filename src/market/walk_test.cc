// Goal: a walk over the orders meets all that stay, none twice in a round, while others come and
// go, and goes on in other books as it would have in these. Method: random orders between steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "market/order_books.h"

namespace okiagari::market {
namespace {

class WalkTest : public testing::Test {
 protected:
  static constexpr InstrumentId kInstruments = 5;

  WalkTest() { add_instruments(books); }
  static void add_instruments(OrderBooks& into) {
    for (InstrumentId id = 1; id <= kInstruments; ++id) into.add_instrument(id);
  }
  static Incoming incoming_of(const Order& order) {
    return {.key = order.key,
            .reference = order.reference,
            .price = order.price,
            .quantity = order.remaining,
            .account = order.account,
            .instrument = order.instrument,
            .member = order.member,
            .side = order.side,
            .type = PriceType::limit,
            .time_in_force = order.time_in_force,
            .self_trade = order.self_trade,
            .post_only = false};
  }
  std::uint32_t random() { return static_cast<std::uint32_t>(engine_()); }
  OrderKey rest() {
    const OrderKey key = OrderKey{1 + random() % 3} << 32 | ++last_reference;
    Order order{};
    order.key = key;
    order.reference = last_reference;
    order.side = random() % 2 == 0 ? Side::buy : Side::sell;
    // Nobody meets anybody.
    order.price = static_cast<PriceTicks>((order.side == Side::buy ? 100 : 200) + random() % 9);
    order.remaining = 1 + static_cast<QuantityLots>(random() % 5);
    order.instrument = static_cast<InstrumentId>(1 + random() % kInstruments);
    order.time_in_force = TimeInForce::day;
    EXPECT_TRUE(books.rest(incoming_of(order)));
    return key;
  }
  std::vector<OrderKey> walk(OrderBooks& in, std::uint32_t orders_max) {
    std::vector<OrderKey> met;
    in.walk_on(orders_max, [&](const Order& order) { met.push_back(order.key); });
    return met;
  }

  std::mt19937 engine_{7};
  OrderBooks books{Limits{.max_live_orders = 10'000}};
  OrderReference last_reference = 0;
};

TEST_F(WalkTest, BooksWithoutOrdersAreNoPlaceToStay) {
  EXPECT_TRUE(walk(books, 10).empty());
  const OrderKey key = rest();
  EXPECT_EQ(walk(books, 10), std::vector{key});
  EXPECT_EQ(walk(books, 10), std::vector{key});
  ASSERT_TRUE(books.cancel(key));
  EXPECT_TRUE(walk(books, 10).empty());
}

TEST_F(WalkTest, OrdersThatStayAreMetOnceInARoundWhileOthersComeAndGo) {
  std::set<OrderKey> staying;
  for (int i = 0; i < 300; ++i) staying.insert(rest());
  std::vector<OrderKey> passing;
  std::map<OrderKey, int> met;
  // A round may end in the middle of a step, so that some are met once more.
  for (int round = 1; round <= 20; ++round) {
    const std::set<OrderKey> before = [&] {
      std::set<OrderKey> keys;
      for (const auto& [key, count] : met) {
        if (count >= round) keys.insert(key);
      }
      return keys;
    }();
    std::set<OrderKey> unmet = staying;
    for (const OrderKey key : before) unmet.erase(key);
    for (int step = 0; !unmet.empty(); ++step) {
      ASSERT_LT(step, 2'000);
      for (const OrderKey key : walk(books, 1 + random() % 7)) {
        unmet.erase(key);
        ++met[key];
      }
      for (int i = 0; i < 3; ++i) passing.push_back(rest());
      while (passing.size() > 40) {
        const std::size_t which = random() % passing.size();
        ASSERT_TRUE(books.cancel(passing[which]));
        passing.erase(passing.begin() + static_cast<std::ptrdiff_t>(which));
      }
      // The one that would come next goes, too.
      const OrderKey next = books.walk_place().key;
      const auto found = std::find(passing.begin(), passing.end(), next);
      if (found != passing.end()) {
        ASSERT_TRUE(books.cancel(next));
        passing.erase(found);
      }
    }
    for (const OrderKey key : staying) {
      EXPECT_GE(met[key], round);
      EXPECT_LE(met[key], round + 1);
    }
  }
  EXPECT_TRUE(books.check_invariants().ok());
}

TEST_F(WalkTest, AnOrderThatIsTradedAwayIsLeftBehind) {
  const OrderKey first = rest();
  const Order maker = *books.find(first);
  const OrderKey second = rest();
  ASSERT_TRUE(
      books.set_walk_place({.key = first, .instrument = maker.instrument, .side = maker.side}));
  struct Nobody {
    void on_fill(const Order&, QuantityLots) {}
    void on_self_trade_cancel(const Order&) {}
  } nobody;
  Incoming taker = incoming_of(maker);
  taker.key = OrderKey{9} << 32 | 1;
  taker.member = 9;
  taker.side = opposite(maker.side);
  ASSERT_EQ(books.submit(taker, nobody).filled, maker.remaining);
  EXPECT_NE(books.walk_place().key, first);
  EXPECT_EQ(walk(books, 5), std::vector{second});
}

TEST_F(WalkTest, OtherBooksWithTheSamePlaceGoOnTheSameWay) {
  for (int i = 0; i < 500; ++i) rest();
  for (int step = 0; step < 200; ++step) {
    walk(books, random() % 9);
    OrderBooks others{Limits{.max_live_orders = 10'000}};
    add_instruments(others);
    std::vector<const Order*> orders;
    books.orders_by_entry(orders);
    for (const Order* order : orders) ASSERT_TRUE(others.rest(incoming_of(*order)));
    ASSERT_TRUE(others.set_walk_place(books.walk_place()));
    EXPECT_EQ(others.walk_place(), books.walk_place());
    const auto place = books.walk_place();
    const auto here = walk(books, 50);
    EXPECT_EQ(walk(others, 50), here);
    ASSERT_TRUE(books.set_walk_place(place));
  }
}

TEST_F(WalkTest, APlaceThatIsNowhereIsRefused) {
  const OrderKey key = rest();
  const Order order = *books.find(key);
  EXPECT_FALSE(
      books.set_walk_place({.key = key + 1, .instrument = order.instrument, .side = order.side}));
  EXPECT_FALSE(books.set_walk_place(
      {.key = key, .instrument = order.instrument, .side = opposite(order.side)}));
  EXPECT_FALSE(books.set_walk_place({.key = 0, .instrument = kInstruments + 1}));
  EXPECT_FALSE(books.set_walk_place({.key = 0, .instrument = 0}));
  EXPECT_TRUE(
      books.set_walk_place({.key = key, .instrument = order.instrument, .side = order.side}));
}

}  // namespace
}  // namespace okiagari::market

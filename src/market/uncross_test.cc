// Goal: a call ends at the right price, everybody gets what the rule gives them, and the book keeps
// the rest. Method: random books, with market orders and with prices that the day no longer allows,
// against the rules read lot by lot.
#include "market/uncross.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "market/naive_uncross.h"

namespace okiagari::market {
namespace {

using Candidates = PriceRule::Candidates;
using Method = PriceRule::Method;

const UncrossRules kTokyo{{Method::three_conditions, Candidates::every_tick},
                          AllocationRule::members_in_turn};
const UncrossRules kOsaka{{Method::largest_volume, Candidates::every_tick}, AllocationRule::fifo};
const UncrossRules kXetra{{Method::largest_volume, Candidates::limits_in_book},
                          AllocationRule::fifo};
const UncrossRules kLargestInTurn{{Method::largest_volume, Candidates::every_tick},
                                  AllocationRule::members_in_turn};

constexpr InstrumentId kInstrument = 1;

OrderBooks empty_books() {
  OrderBooks books({.max_live_orders = 1000, .max_instruments = 1});
  books.add_instrument(kInstrument);
  return books;
}

Incoming incoming(const NaiveClaim& order) {
  return {.key = order.key,
          .reference = order.key,
          .price = order.price,
          .quantity = static_cast<QuantityLots>(order.quantity),
          .account = 1,
          .instrument = kInstrument,
          .member = order.member,
          .side = order.side,
          .type = order.price == 0 ? PriceType::market : PriceType::limit,
          .time_in_force = TimeInForce::day,
          .self_trade = SelfTradePrevention::none,
          .post_only = false,
          .display = order.price != 0 && order.key % 3 == 0 ? QuantityLots{1} : QuantityLots{0}};
}

class RandomCall {
 public:
  explicit RandomCall(std::mt19937_64& random) : random_(random) {
    const std::int64_t middle = draw(20, 60);
    range = PriceRange{static_cast<PriceTicks>(draw(middle - 6, middle + 6)),
                       static_cast<PriceTicks>(middle - 8), static_cast<PriceTicks>(middle + 8)};
    for (std::int64_t i = draw(0, 14); i > 0; --i) {
      // Now and then outside of the day's prices.
      const std::int64_t width = draw(0, 19) == 0 ? 12 : 4;
      const auto price = static_cast<PriceTicks>(draw(middle - width, middle + width));
      orders.push_back({.key = orders.size() + 1,
                        .member = static_cast<MemberId>(draw(1, 4)),
                        .side = draw(0, 1) == 0 ? Side::buy : Side::sell,
                        .price = draw(0, 7) == 0 ? 0 : price,
                        .quantity = draw(1, 6)});
    }
  }
  [[nodiscard]] std::int64_t draw(std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }
  [[nodiscard]] std::map<OrderKey, std::int64_t> fills(const NaiveAuction::Outcome& outcome,
                                                       const UncrossRules& rules) const {
    auto all = naive_fills(orders, Side::buy, outcome.volume, rules.allocation);
    all.merge(naive_fills(orders, Side::sell, outcome.volume, rules.allocation));
    return all;
  }

  PriceRange range;
  std::vector<NaiveClaim> orders;

 private:
  std::mt19937_64& random_;
};

void uncrosses_as_the_rules_read(RandomCall& call, const UncrossRules& rules, OrderBooks& books) {
  for (const NaiveClaim& order : call.orders) ASSERT_TRUE(books.rest(incoming(order)));
  const NaiveAuction::Outcome expected = naive_price(call.orders, rules, call.range);
  const Uncrossed found = uncross(books, kInstrument, rules, call.range);
  ASSERT_EQ(found.price.price, expected.price);
  std::map<OrderKey, std::int64_t> given;
  for (const AuctionFill& fill : found.fills) given[fill.key] += fill.lots;
  ASSERT_EQ(given, call.fills(expected, rules));
  for (const NaiveClaim& order : call.orders) {
    const Order* left = books.find(order.key);
    ASSERT_EQ(left == nullptr ? 0 : books.open_lots(*left), order.quantity - given[order.key]);
  }
  const base::Status sound = books.check_invariants();
  ASSERT_TRUE(sound.ok()) << sound.error().message;
  for (const NaiveClaim& order : call.orders) books.cancel(order.key);
}

TEST(UncrossTest, HundredThousandRandomBooksGiveEverybodyWhatTheRulesReadOut) {
  std::mt19937_64 random(20261126);
  OrderBooks books = empty_books();
  for (int book = 0; book < 25'000; ++book) {
    RandomCall call(random);
    for (const UncrossRules& rules : {kTokyo, kOsaka, kXetra, kLargestInTurn}) {
      uncrosses_as_the_rules_read(call, rules, books);
      ASSERT_FALSE(testing::Test::HasFailure()) << "book " << book;
    }
  }
}

TEST(UncrossTest, MarketOrdersTradeBeforeTheBestLimitAndByTimeAmongThemselves) {
  OrderBooks books = empty_books();
  ASSERT_TRUE(books.rest(incoming({1, 1, Side::buy, 110, 5})));
  ASSERT_TRUE(books.rest(incoming({2, 2, Side::buy, 0, 5})));
  ASSERT_TRUE(books.rest(incoming({3, 3, Side::buy, 0, 5})));
  ASSERT_TRUE(books.rest(incoming({4, 4, Side::sell, 100, 7})));
  EXPECT_TRUE(books.front(kInstrument, Side::buy)->is_market());
  const Uncrossed found = uncross(books, kInstrument, kOsaka, {.reference = 100, .high = 120});
  EXPECT_EQ(found.price.volume, 7u);
  ASSERT_EQ(found.fills.size(), 3u);
  EXPECT_EQ(found.fills[0].key, 2u);
  EXPECT_EQ(found.fills[1].key, 3u);
  EXPECT_EQ(found.fills[1].lots, 2u);
  EXPECT_EQ(books.find(3)->executed, 2u);
  EXPECT_EQ(books.find(1)->remaining, 5u);
}

TEST(UncrossTest, WithoutAPriceTheBookStaysAsItIs) {
  OrderBooks books = empty_books();
  ASSERT_TRUE(books.rest(incoming({1, 1, Side::buy, 0, 50})));
  ASSERT_TRUE(books.rest(incoming({2, 1, Side::sell, 102, 10})));
  const Uncrossed found = uncross(books, kInstrument, kTokyo, {.reference = 100, .high = 120});
  EXPECT_EQ(found.price.price, 0);
  EXPECT_TRUE(found.fills.empty());
  EXPECT_EQ(books.find(1)->remaining, 50u);
  EXPECT_EQ(books.live_orders(), 2u);
}

}  // namespace
}  // namespace okiagari::market

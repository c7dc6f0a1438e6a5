// Goal: the closed form finds the price that the text of each rule finds, for any book, and after
// every order as it comes and goes. Method: random books against the rules as they read.
#include "market/auction_price.h"

#include <gtest/gtest.h>

#include <random>

#include "market/naive_auction.h"

namespace okiagari::market {
namespace {

using Candidates = PriceRule::Candidates;
using Method = PriceRule::Method;

constexpr PriceRule kItayose{Method::three_conditions, Candidates::every_tick};
constexpr PriceRule kEveryTick{Method::largest_volume, Candidates::every_tick};
constexpr PriceRule kLimits{Method::largest_volume, Candidates::limits_in_book};
constexpr PriceRule kLimitsAndReference{Method::largest_volume, Candidates::limits_and_reference};

class Call {
 public:
  Call() : pool_(10'000), curves_(pool_) {}

  void enter(const NaiveCallOrder& order) {
    orders_.push_back(order);
    const auto quantity = static_cast<std::uint64_t>(order.quantity);
    if (order.price == 0) {
      curves_.add_market(order.side, quantity);
    } else {
      curves_.add(order.side, order.price, quantity);
    }
  }
  void take_out(std::size_t which) {
    const NaiveCallOrder order = orders_[which];
    orders_.erase(orders_.begin() + static_cast<std::ptrdiff_t>(which));
    const auto quantity = static_cast<std::uint64_t>(order.quantity);
    if (order.price == 0) {
      curves_.remove_market(order.side, quantity);
    } else {
      curves_.remove(order.side, order.price, quantity);
    }
  }
  [[nodiscard]] std::size_t size() const { return orders_.size(); }
  [[nodiscard]] NaiveAuction::Outcome found(const PriceRule& rule, const PriceRange& range) const {
    const AuctionPrice price = find_auction_price(rule, curves_, range);
    if (price.price == 0) return {};
    return {price.price, static_cast<std::int64_t>(price.volume), price.surplus};
  }
  [[nodiscard]] NaiveAuction::Outcome expected(const PriceRule& rule,
                                               const PriceRange& range) const {
    const NaiveAuction naive(orders_, range);
    return rule.method == Method::three_conditions ? naive.by_three_conditions()
                                                   : naive.by_largest_volume(rule.candidates);
  }
  [[nodiscard]] std::uint32_t nodes() const { return pool_.taken(); }
  void clear() {
    curves_.clear();
    orders_.clear();
  }

 private:
  CurvePool pool_;
  CallCurves curves_;
  std::vector<NaiveCallOrder> orders_;
};

TEST(AuctionPriceTest, HundredThousandRandomBooksEndAtThePricesThatTheRulesReadOut) {
  std::mt19937_64 random(20261126);
  const auto draw = [&random](std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  Call call;
  std::size_t with_price = 0;
  for (int book = 0; book < 100'000; ++book) {
    call.clear();
    // Few prices and small quantities, so that ties of every kind are common.
    const std::int64_t middle = draw(15, 60);
    const std::int64_t width = draw(1, 8);
    const std::int64_t orders = draw(0, 12);
    const PriceRange range{static_cast<PriceTicks>(draw(middle - 12, middle + 12)),
                           static_cast<PriceTicks>(middle - 12),
                           static_cast<PriceTicks>(middle + 12)};
    for (std::int64_t i = 0; i < orders; ++i) {
      const PriceTicks price =
          draw(0, 9) == 0 ? 0 : static_cast<PriceTicks>(draw(middle - width, middle + width));
      call.enter({draw(0, 1) == 0 ? Side::buy : Side::sell, price, draw(1, 5)});
    }
    for (const PriceRule& rule : {kItayose, kEveryTick, kLimits, kLimitsAndReference}) {
      const auto expected = call.expected(rule, range);
      ASSERT_EQ(call.found(rule, range), expected) << "book " << book;
      with_price += expected.price != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(with_price, 100'000u);
}

TEST(AuctionPriceTest, ThePriceIsRightAfterEveryOrderThatComesAndGoes) {
  std::mt19937_64 random(7);
  Call call;
  const PriceRange range{500, 440, 560};
  for (int step = 0; step < 3'000; ++step) {
    if (call.size() > 0 && random() % 3 == 0) {
      call.take_out(random() % call.size());
    } else {
      const auto price = static_cast<PriceTicks>(random() % 12 == 0 ? 0 : 470 + random() % 60);
      call.enter({random() % 2 == 0 ? Side::buy : Side::sell, price,
                  static_cast<std::int64_t>(1 + random() % 100)});
    }
    for (const PriceRule& rule : {kItayose, kEveryTick, kLimits, kLimitsAndReference}) {
      ASSERT_EQ(call.found(rule, range), call.expected(rule, range)) << "step " << step;
    }
  }
  while (call.size() > 0) call.take_out(call.size() - 1);
  EXPECT_EQ(call.nodes(), 1u) << "what no order stands on is given back";
}

TEST(AuctionPriceTest, WhenItayoseHasAPriceTheLargestVolumeTradesThere) {
  std::mt19937_64 random(11);
  Call call;
  const PriceRange range{100, 80, 120};
  for (int book = 0; book < 5'000; ++book) {
    call.clear();
    for (int i = 0; i < 10; ++i) {
      const auto price = static_cast<PriceTicks>(random() % 6 == 0 ? 0 : 95 + random() % 10);
      call.enter({random() % 2 == 0 ? Side::buy : Side::sell, price,
                  static_cast<std::int64_t>(1 + random() % 9)});
    }
    const auto itayose = call.found(kItayose, range);
    if (itayose.price == 0) continue;
    ASSERT_EQ(itayose.volume, call.found(kEveryTick, range).volume);
  }
}

}  // namespace
}  // namespace okiagari::market

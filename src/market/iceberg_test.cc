// Goal: an iceberg shows its peak and no more, stands at the back again when that is used up, and
// trades as a whole where all that is open counts.
#include <gtest/gtest.h>

#include <vector>

#include "market/order_books.h"

namespace okiagari::market {
namespace {

constexpr InstrumentId kInstrument = 1;

struct Fill {
  OrderKey maker;
  QuantityLots lots;
  bool operator==(const Fill&) const = default;
};

class IcebergTest : public testing::Test {
 protected:
  IcebergTest() { books.add_instrument(kInstrument); }

  static Incoming order(OrderKey key, Side side, QuantityLots quantity, QuantityLots display = 0) {
    return {.key = key,
            .reference = key,
            .price = 100,
            .quantity = quantity,
            .account = 1,
            .instrument = kInstrument,
            .member = static_cast<MemberId>(key),
            .side = side,
            .type = PriceType::limit,
            .time_in_force = TimeInForce::day,
            .self_trade = SelfTradePrevention::none,
            .post_only = false,
            .display = display};
  }
  Submitted submit(const Incoming& incoming) {
    const Submitted submitted = books.submit(incoming, *this);
    EXPECT_TRUE(books.check_invariants().ok());
    return submitted;
  }
  QuantityLots displayed() {
    Level level{};
    return books.best(kInstrument, Side::sell, level) ? static_cast<QuantityLots>(level.quantity)
                                                      : 0;
  }

 public:
  void on_fill(const Order& maker, QuantityLots lots) { fills.push_back({maker.key, lots}); }
  void on_self_trade_cancel(const Order&) {}
  OrderReference on_replenish(const Order& /*maker*/, QuantityLots /*shown*/) {
    return takes_out ? 0 : ++last_reference;
  }

 protected:
  OrderBooks books{Limits{.max_live_orders = 100, .max_instruments = 1}};
  std::vector<Fill> fills;
  OrderReference last_reference = 1000;
  bool takes_out = false;
};

TEST_F(IcebergTest, ASweepTakesDisplayedPartsInTurnAndReplenishedOnesBehindTheOthers) {
  submit(order(1, Side::sell, 10, 4));
  submit(order(2, Side::sell, 3));
  EXPECT_EQ(displayed(), 7u);
  EXPECT_EQ(submit(order(3, Side::buy, 12)).filled, 12u);
  const std::vector<Fill> expected{{1, 4}, {2, 3}, {1, 4}, {1, 1}};
  EXPECT_EQ(fills, expected);
  EXPECT_EQ(displayed(), 1u);
  EXPECT_EQ(books.find(1)->reference, 1002u);
  EXPECT_EQ(books.find(1)->executed, 9u);
}

TEST_F(IcebergTest, WhoTradesDownToThePeakExactlySendsItToTheBack) {
  submit(order(1, Side::sell, 10, 4));
  submit(order(2, Side::sell, 3));
  submit(order(3, Side::buy, 4));
  EXPECT_EQ(books.front(kInstrument, Side::sell)->key, 2u);
  EXPECT_EQ(books.open_lots(*books.find(1)), 6u);
}

TEST_F(IcebergTest, FillOrKillFindsWhatIsHidden) {
  submit(order(1, Side::sell, 10, 1));
  Incoming all = order(2, Side::buy, 11);
  all.time_in_force = TimeInForce::fill_or_kill;
  EXPECT_EQ(submit(all).result, SubmitResult::cannot_fill);
  all.quantity = 10;
  EXPECT_EQ(submit(all).filled, 10u);
  EXPECT_EQ(books.live_orders(), 0u);
}

// What is hidden stands behind the own order that stops the walk.
TEST_F(IcebergTest, FillOrKillDoesNotCountWhatIsHiddenBehindAnOwnOrder) {
  submit(order(1, Side::sell, 10, 4));
  submit(order(2, Side::sell, 3));
  Incoming all = order(3, Side::buy, 5);
  all.member = 2;
  all.self_trade = SelfTradePrevention::cancel_newest;
  all.time_in_force = TimeInForce::fill_or_kill;
  EXPECT_EQ(submit(all).result, SubmitResult::cannot_fill);
  all.self_trade = SelfTradePrevention::cancel_oldest;
  EXPECT_EQ(submit(all).filled, 5u);
}

TEST_F(IcebergTest, APartialCancelTakesTheHiddenPartFirst) {
  submit(order(1, Side::sell, 10, 4));
  EXPECT_TRUE(books.reduce(1, 5));
  EXPECT_EQ(displayed(), 4u);
  EXPECT_EQ(books.reserve(*books.find(1)).hidden, 1u);
  EXPECT_TRUE(books.reduce(1, 2));
  EXPECT_EQ(displayed(), 2u);
  EXPECT_FALSE(books.reduce(1, 3));
  EXPECT_TRUE(books.check_invariants().ok());
}

TEST_F(IcebergTest, ARestIsShownUpToItsPeak) {
  submit(order(1, Side::buy, 3));
  const Submitted submitted = submit(order(2, Side::sell, 10, 5));
  EXPECT_EQ(submitted.filled, 3u);
  EXPECT_EQ(submitted.resting, 7u);
  EXPECT_EQ(displayed(), 5u);
}

TEST_F(IcebergTest, OneThatIsNotReplenishedIsTakenOut) {
  submit(order(1, Side::sell, 10, 4));
  takes_out = true;
  EXPECT_EQ(submit(order(2, Side::buy, 6)).filled, 4u);
  EXPECT_EQ(books.find(1), nullptr);
}

TEST_F(IcebergTest, InAnAuctionAllOfItTakesPartAtItsPlace) {
  ASSERT_TRUE(books.rest(order(1, Side::sell, 10, 4)));
  ASSERT_TRUE(books.rest(order(2, Side::sell, 3)));
  EXPECT_EQ(books.open_at_best(kInstrument, Side::sell), 13u);
  books.execute(*books.find(1), 7, *this);
  EXPECT_EQ(books.open_lots(*books.find(1)), 3u);
  EXPECT_EQ(displayed(), 6u);
  EXPECT_EQ(books.front(kInstrument, Side::sell)->key, 2u);
  EXPECT_TRUE(books.check_invariants().ok());
}

// One that stands where the walk goes on, and goes to the back, is still met.
TEST_F(IcebergTest, AWalkMeetsOneThatIsReplenishedMeanwhile) {
  submit(order(1, Side::sell, 10, 4));
  submit(order(2, Side::sell, 3));
  submit(order(3, Side::sell, 3));
  ASSERT_TRUE(books.set_walk_place({.key = 1, .instrument = kInstrument, .side = Side::sell}));
  submit(order(4, Side::buy, 4));
  std::vector<OrderKey> met;
  books.walk_on(3, [&](const Order& walked) { met.push_back(walked.key); });
  EXPECT_EQ(met, (std::vector<OrderKey>{2, 3, 1}));
}

}  // namespace
}  // namespace okiagari::market

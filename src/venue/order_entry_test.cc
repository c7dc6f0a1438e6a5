// New orders, trades and replacements, as their sessions and the feed are told of them. Prices in
// the lines are in 1/10000: tick 500 is 50000.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/applied_numbers.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using market::PriceType;
using market::SelfTradePrevention;
using market::TimeInForce;
using testing::ElementsAre;
using testing::IsEmpty;

std::uint8_t raw(TimeInForce t) { return static_cast<std::uint8_t>(t); }
std::uint8_t raw(SelfTradePrevention s) { return static_cast<std::uint8_t>(s); }

NewOrder market_order(std::uint32_t reference, Side side, QuantityLots quantity) {
  NewOrder command = TestMarket::order(reference, side, quantity, 0);
  command.price_type = static_cast<std::uint8_t>(PriceType::market);
  return command;
}

class OrderEntryTest : public testing::Test {
 protected:
  static constexpr Money value(PriceTicks price, QuantityLots lots) {
    return Money{price} * lots * TestMarket::kMoneyPerTickLot;
  }
  TestMarket market;
};

TEST_F(OrderEntryTest, AnOrderThatRestsHoldsItsMoneyBackAndIsPublished) {
  EXPECT_THAT(market.buy(1, 1, 10, 500),
              ElementsAre("session 1: accepted 1: buy 10 of 1 at 50000, reference 1, lives",
                          "feed: add 1: buy 10 of 1 at 50000"));
  EXPECT_EQ(market.reserved(1, 0), value(500, 10));
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
  EXPECT_THAT(market.sell(2, 1, 7, 501),
              ElementsAre("session 2: accepted 1: sell 7 of 1 at 50100, reference 2, lives",
                          "feed: add 2: sell 7 of 1 at 50100"));
  EXPECT_EQ(market.reserved(2, 1), 7);
}

// Taker-priced fills are the commonest defect of matching engines.
TEST_F(OrderEntryTest, ATradeHappensAtTheRestingPriceAndBothSidesAreTold) {
  market.sell(2, 1, 10, 490);
  EXPECT_THAT(market.buy(1, 1, 4, 500),
              ElementsAre("session 1: accepted 1: buy 4 of 1 at 50000, reference 2",
                          "session 2: executed 1: 4 at 49000, 6 left, match 1",
                          "session 1: executed 1: 4 at 49000, 0 left, match 1, aggressor",
                          "feed: execute 1: 4, match 1"));
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash - value(490, 4));
  EXPECT_EQ(market.reserved(1, 0), 0);
  EXPECT_EQ(market.total(1, 1), TestMarket::kLots + 4);
  EXPECT_EQ(market.total(2, 0), TestMarket::kCash + value(490, 4));
  EXPECT_EQ(market.total(2, 1), TestMarket::kLots - 4);
  EXPECT_EQ(market.reserved(2, 1), 6);
}

TEST_F(OrderEntryTest, TheRestOfAnOrderThatTradedIsPublishedAfterItsTrades) {
  market.sell(2, 1, 3, 490);
  market.sell(3, 1, 3, 495);
  EXPECT_THAT(market.buy(1, 1, 10, 500),
              ElementsAre("session 1: accepted 1: buy 10 of 1 at 50000, reference 3, lives",
                          "session 2: executed 1: 3 at 49000, 0 left, match 1",
                          "session 1: executed 1: 3 at 49000, 7 left, match 1, aggressor",
                          "feed: execute 1: 3, match 1",
                          "session 3: executed 1: 3 at 49500, 0 left, match 2",
                          "session 1: executed 1: 3 at 49500, 4 left, match 2, aggressor",
                          "feed: execute 2: 3, match 2", "feed: add 3: buy 4 of 1 at 50000"));
  EXPECT_EQ(market.reserved(1, 0), value(500, 4));
  Venue::InstrumentView instrument;
  ASSERT_TRUE(market.venue.instrument(1, instrument));
  EXPECT_EQ(instrument.last_price, 495);
  EXPECT_EQ(instrument.traded_lots, 6u);
}

TEST_F(OrderEntryTest, WhatAnImmediateOrderCannotTradeGoesAndIsNotLeftInTheBook) {
  market.sell(2, 1, 3, 490);
  NewOrder order = TestMarket::order(1, Side::buy, 5, 500);
  order.time_in_force = raw(TimeInForce::immediate_or_cancel);
  EXPECT_THAT(market.send(1, order),
              ElementsAre("session 1: accepted 1: buy 5 of 1 at 50000, reference 2",
                          "session 2: executed 1: 3 at 49000, 0 left, match 1",
                          "session 1: executed 1: 3 at 49000, 2 left, match 1, aggressor",
                          "feed: execute 1: 3, match 1",
                          "session 1: canceled 1: 2 gone, 0 left, immediate rest"));
  EXPECT_EQ(market.reserved(1, 0), 0);
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
}

TEST_F(OrderEntryTest, FillOrKillThatCannotFillIsRefusedAndTradesNothing) {
  market.sell(2, 1, 3, 490);
  NewOrder order = TestMarket::order(1, Side::buy, 5, 500);
  order.time_in_force = raw(TimeInForce::fill_or_kill);
  EXPECT_THAT(market.send(1, order), ElementsAre("session 1: rejected 1: cannot fill"));
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
  order.user_reference = 2;
  order.quantity = 3;
  EXPECT_EQ(market.send(1, order).size(), 4u);
}

TEST_F(OrderEntryTest, PostOnlyThatWouldTradeIsRefused) {
  market.sell(2, 1, 3, 490);
  NewOrder order = TestMarket::order(1, Side::buy, 5, 490);
  order.post_only = 1;
  EXPECT_THAT(market.send(1, order), ElementsAre("session 1: rejected 1: would trade"));
  order = TestMarket::order(2, Side::buy, 5, 489);
  order.post_only = 1;
  EXPECT_EQ(market.send(1, order).size(), 2u);
  order.user_reference = 3;
  order.time_in_force = raw(TimeInForce::immediate_or_cancel);
  EXPECT_THAT(market.send(1, order), ElementsAre("session 1: rejected 3: not supported"));
}

TEST_F(OrderEntryTest, EachWrongOrderHasItsOwnReason) {
  const auto reason = [&](auto change) {
    NewOrder order = TestMarket::order(market.view(1).next_user_reference, Side::buy, 10, 500);
    change(order);
    const Lines lines = market.send(1, order);
    EXPECT_EQ(lines.size(), 1u);
    EXPECT_EQ(market.venue.books().live_orders(), 0u);
    EXPECT_EQ(market.reserved(1, 0), 0);
    return lines.empty() ? "" : lines[0].substr(lines[0].rfind(": ") + 2);
  };
  EXPECT_EQ(reason([](auto& o) { o.instrument = 0; }), "unknown instrument");
  EXPECT_EQ(reason([](auto& o) { o.instrument = 3; }), "unknown instrument");
  EXPECT_EQ(reason([](auto& o) { o.account = 2; }), "unknown account");
  EXPECT_EQ(reason([](auto& o) { o.account = 9'999; }), "unknown account");
  EXPECT_EQ(reason([](auto& o) { o.quantity = 0; }), "quantity zero");
  EXPECT_EQ(reason([](auto& o) { o.quantity = kMaxQuantityLots + 1; }), "quantity too large");
  EXPECT_EQ(reason([](auto& o) { o.quantity = UINT32_MAX; }), "quantity too large");
  EXPECT_EQ(reason([](auto& o) { o.price_e4 = 50'001; }), "price off tick");
  EXPECT_EQ(reason([](auto& o) { o.price_e4 = 0; }), "price out of limits");
  EXPECT_EQ(reason([](auto& o) { o.price_e4 = 100'100; }), "price out of limits");
  EXPECT_EQ(reason([](auto& o) { o.price_e4 = std::uint64_t{1} << 32; }), "price too large");
  EXPECT_EQ(reason([](auto& o) { o.price_e4 = UINT64_MAX; }), "price too large");
  EXPECT_EQ(reason([](auto& o) { o.quantity = kMaxQuantityLots; }), "insufficient funds");
  EXPECT_EQ(reason([](auto& o) {
              o.side = Side::sell;
              o.quantity = 10'001;
            }),
            "insufficient position");
  EXPECT_EQ(reason([](auto& o) { o.side = static_cast<Side>(2); }), "malformed");
  EXPECT_EQ(reason([](auto& o) { o.price_type = 2; }), "malformed");
  EXPECT_EQ(reason([](auto& o) { o.time_in_force = 4; }), "malformed");
  EXPECT_EQ(reason([](auto& o) { o.self_trade = 4; }), "malformed");
  EXPECT_EQ(reason([](auto& o) { o.post_only = 2; }), "malformed");
}

TEST_F(OrderEntryTest, AnotherAccountOfTheMemberMayBeNamed) {
  NewOrder order = TestMarket::order(1, Side::buy, 10, 500);
  order.account = 4;
  market.send(1, order);
  EXPECT_EQ(market.reserved(4, 0), value(500, 10));
  EXPECT_EQ(market.reserved(1, 0), 0);
}

TEST_F(OrderEntryTest, MoneyThatIsHeldBackCannotBeSpentTwice) {
  // 100,000,000 is enough for 20,000 lots at 500, in two orders but not in three.
  EXPECT_EQ(market.buy(1, 1, 10'000, 500).size(), 2u);
  EXPECT_EQ(market.buy(1, 2, 10'000, 500).size(), 2u);
  EXPECT_THAT(market.buy(1, 3, 1, 1), ElementsAre("session 1: rejected 3: insufficient funds"));
  market.cancel(1, 1);
  EXPECT_EQ(market.buy(1, 4, 10'000, 500).size(), 2u);
}

TEST_F(OrderEntryTest, AMarketOrderIsPaidForAtTheBooksPrices) {
  market.sell(2, 1, 10, 400);
  market.sell(2, 2, 10, 600);
  // Leaves exactly what 10 at 400 and 5 at 600 cost, then one minor unit less.
  const Money cost = value(400, 10) + value(600, 5);
  market.send(TestMarket::transfer(1, 0, 10, cost - 1 - TestMarket::kCash));
  EXPECT_THAT(market.send(1, market_order(1, Side::buy, 15)),
              ElementsAre("session 1: rejected 1: insufficient funds"));
  market.send(TestMarket::transfer(1, 0, 11, 1));
  EXPECT_EQ(market.send(1, market_order(2, Side::buy, 15)).size(), 7u);
  EXPECT_EQ(market.total(1, 0), 0);
  EXPECT_EQ(market.total(1, 1), TestMarket::kLots + 15);
}

TEST_F(OrderEntryTest, AMarketOrderSkipsItsOwnMembersOrdersInTheReckoningToo) {
  market.sell(4, 1, 10, 400);  // of the same member
  market.sell(2, 1, 10, 600);
  market.send(TestMarket::transfer(1, 0, 10, value(400, 10) - TestMarket::kCash));
  NewOrder order = market_order(1, Side::buy, 10);
  order.self_trade = raw(SelfTradePrevention::cancel_oldest);
  EXPECT_THAT(market.send(1, order), ElementsAre("session 1: rejected 1: insufficient funds"));
  order.user_reference = 2;
  order.self_trade = raw(SelfTradePrevention::none);
  EXPECT_EQ(market.send(1, order).size(), 4u);
  EXPECT_EQ(market.total(1, 0), 0);
}

TEST_F(OrderEntryTest, AMarketOrderThatStopsAtItsOwnMembersOrderNeedsNoMoneyForWhatIsBehind) {
  market.sell(4, 1, 10, 400);  // of the same member
  market.sell(2, 1, 10, 600);
  market.send(TestMarket::transfer(1, 0, 10, -TestMarket::kCash));
  NewOrder order = market_order(1, Side::buy, 10);
  order.self_trade = raw(SelfTradePrevention::cancel_newest);
  EXPECT_THAT(market.send(1, order),
              ElementsAre("session 1: accepted 1: buy 10 of 1 at 0, reference 3",
                          "session 1: canceled 1: 10 gone, 0 left, self trade"));
}

TEST_F(OrderEntryTest, WithoutAnotherSideAMarketOrderGoesAndCostsNothing) {
  EXPECT_THAT(market.send(1, market_order(1, Side::buy, 15)),
              ElementsAre("session 1: accepted 1: buy 15 of 1 at 0, reference 1",
                          "session 1: canceled 1: 15 gone, 0 left, immediate rest"));
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
}

TEST_F(OrderEntryTest, SelfTradePreventionTakesTheRestingOrderOut) {
  market.sell(4, 1, 5, 490);
  NewOrder order = TestMarket::order(1, Side::buy, 5, 490);
  order.self_trade = raw(SelfTradePrevention::cancel_oldest);
  EXPECT_THAT(market.send(1, order),
              ElementsAre("session 1: accepted 1: buy 5 of 1 at 49000, reference 2, lives",
                          "session 4: canceled 1: 5 gone, 0 left, self trade", "feed: delete 1",
                          "feed: add 2: buy 5 of 1 at 49000"));
  EXPECT_EQ(market.reserved(4, 1), 0);
}

TEST_F(OrderEntryTest, SelfTradePreventionDropsTheIncomingOrder) {
  market.sell(4, 1, 5, 490);
  NewOrder order = TestMarket::order(1, Side::buy, 5, 490);
  order.self_trade = raw(SelfTradePrevention::cancel_newest);
  EXPECT_THAT(market.send(1, order),
              ElementsAre("session 1: accepted 1: buy 5 of 1 at 49000, reference 2",
                          "session 1: canceled 1: 5 gone, 0 left, self trade"));
  order.user_reference = 2;
  order.self_trade = raw(SelfTradePrevention::cancel_both);
  EXPECT_THAT(market.send(1, order),
              ElementsAre("session 1: accepted 2: buy 5 of 1 at 49000, reference 3",
                          "session 4: canceled 1: 5 gone, 0 left, self trade", "feed: delete 1",
                          "session 1: canceled 2: 5 gone, 0 left, self trade"));
}

TEST_F(OrderEntryTest, WhoTradesWithHimselfPaysHimself) {
  market.sell(1, 1, 5, 490);
  EXPECT_EQ(market.buy(1, 2, 5, 500).size(), 4u);
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
  EXPECT_EQ(market.total(1, 1), TestMarket::kLots);
  EXPECT_EQ(market.reserved(1, 0), 0);
  EXPECT_EQ(market.reserved(1, 1), 0);
}

TEST_F(OrderEntryTest, ARepeatIsNotAnsweredAndNotAppliedAgain) {
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.buy(1, 1, 10, 500), IsEmpty());
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

TEST_F(OrderEntryTest, ANumberThatWasJumpedOverIsNamedAsNeverArrived) {
  market.buy(1, 1, 10, 500);
  market.buy(1, 4, 10, 500);
  EXPECT_THAT(market.buy(1, 2, 10, 500),
              ElementsAre("session 1: rejected 2: number never arrived"));
  EXPECT_THAT(market.buy(1, 2, 10, 500),
              ElementsAre("session 1: rejected 2: number never arrived"));
  EXPECT_THAT(market.buy(1, 4, 10, 500), IsEmpty());
}

TEST_F(OrderEntryTest, BelowWhatIsRememberedANumberIsTooOldUnlessItLives) {
  market.buy(1, 2, 10, 500);
  for (std::uint32_t n = 4; n <= 2 * AppliedNumbers::kGapsMax + 4; n += 2) {
    market.buy(1, n, 1, 400);
  }
  EXPECT_THAT(market.buy(1, 1, 10, 500), ElementsAre("session 1: rejected 1: number too old"));
  EXPECT_THAT(market.buy(1, 2, 10, 500), IsEmpty());
  market.cancel(1, 2);
  EXPECT_THAT(market.buy(1, 2, 10, 500), ElementsAre("session 1: rejected 2: number too old"));
}

TEST_F(OrderEntryTest, ARejectedOrderHasUsedItsNumberUp) {
  market.buy(1, 1, 0, 500);
  EXPECT_THAT(market.buy(1, 1, 10, 500), IsEmpty());
  EXPECT_EQ(market.view(1).next_user_reference, 2u);
  EXPECT_THAT(market.buy(1, 0, 10, 500), ElementsAre("session 1: rejected 0: malformed"));
}

TEST_F(OrderEntryTest, BooksThatAreFullTakeWhatTradesAndRefuseWhatRests) {
  Limits limits;
  limits.books.max_live_orders = 2;
  TestMarket small(limits);
  small.sell(2, 1, 5, 500);
  small.sell(2, 2, 5, 510);
  EXPECT_THAT(small.sell(2, 3, 5, 520), ElementsAre("session 2: rejected 3: books full"));
  EXPECT_EQ(small.reserved(2, 1), 10);
  EXPECT_EQ(small.buy(1, 1, 5, 500).size(), 4u);
}

TEST_F(OrderEntryTest, PositionsThatAreFullRefuseTheBuyer) {
  Limits limits;
  limits.max_positions = 8;  // all taken by the deposits of the test market
  TestMarket small(limits);
  AddInstrument third = TestMarket::instrument(3);
  small.send(third);
  EXPECT_THAT(small.send(1, TestMarket::order(1, Side::buy, 1, 1, 3)),
              ElementsAre("session 1: rejected 1: bound reached"));
}

class ReplaceTest : public OrderEntryTest {};

TEST_F(ReplaceTest, LessAtTheSamePriceKeepsItsPlace) {
  market.buy(1, 1, 10, 500);
  market.buy(2, 1, 10, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 6, 500)),
              ElementsAre("session 1: replaced 1 by 2: buy 6 of 1 at 50000, reference 1, lives",
                          "feed: reduce 1: by 4"));
  EXPECT_EQ(market.reserved(1, 0), value(500, 6));
  const Lines lines = market.sell(3, 1, 6, 500);
  EXPECT_THAT(lines[1], "session 1: executed 2: 6 at 50000, 0 left, match 1");
}

TEST_F(ReplaceTest, MoreOrAnotherPriceGoesToTheEndOfTheQueue) {
  market.buy(1, 1, 10, 500);
  market.buy(2, 1, 10, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 11, 500)),
              ElementsAre("session 1: replaced 1 by 2: buy 11 of 1 at 50000, reference 3, lives",
                          "feed: replace 1 by 3: 11 at 50000"));
  EXPECT_EQ(market.reserved(1, 0), value(500, 11));
  EXPECT_THAT(market.sell(3, 1, 10, 500)[1], "session 2: executed 1: 10 at 50000, 0 left, match 1");
  EXPECT_THAT(market.send(1, TestMarket::replacement(2, 3, 11, 480)),
              ElementsAre("session 1: replaced 2 by 3: buy 11 of 1 at 48000, reference 5, lives",
                          "feed: replace 3 by 5: 11 at 48000"));
  EXPECT_EQ(market.reserved(1, 0), value(480, 11));
}

// A change into a cross that is not matched is a common defect.
TEST_F(ReplaceTest, AReplacementThatCrossesTrades) {
  market.sell(2, 1, 4, 510);
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 10, 510)),
              ElementsAre("session 1: replaced 1 by 2: buy 10 of 1 at 51000, reference 3, lives",
                          "feed: delete 2", "session 2: executed 1: 4 at 51000, 0 left, match 1",
                          "session 1: executed 2: 4 at 51000, 6 left, match 1, aggressor",
                          "feed: execute 1: 4, match 1", "feed: add 3: buy 6 of 1 at 51000"));
  EXPECT_EQ(market.reserved(1, 0), value(510, 6));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

TEST_F(ReplaceTest, WhatWasFilledCountsAgainstTheIntendedSize) {
  market.buy(1, 1, 10, 500);
  market.sell(2, 1, 4, 500);
  // 6 are open; an intended size of 9 leaves 5.
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 9, 500)),
              ElementsAre("session 1: replaced 1 by 2: buy 5 of 1 at 50000, reference 1, lives",
                          "feed: reduce 1: by 1"));
  // The count goes on through replacements that change the price.
  EXPECT_THAT(market.send(1, TestMarket::replacement(2, 3, 20, 490)),
              ElementsAre("session 1: replaced 2 by 3: buy 16 of 1 at 49000, reference 3, lives",
                          "feed: replace 1 by 3: 16 at 49000"));
  market.sell(2, 2, 6, 490);
  EXPECT_THAT(market.send(1, TestMarket::replacement(3, 4, 12, 480)),
              ElementsAre("session 1: replaced 3 by 4: buy 2 of 1 at 48000, reference 5, lives",
                          "feed: replace 3 by 5: 2 at 48000"));
  // All that is wanted has been filled.
  EXPECT_THAT(market.send(1, TestMarket::replacement(4, 5, 10, 480)),
              ElementsAre("session 1: canceled 4: 2 gone, 0 left, by member", "feed: delete 5"));
  EXPECT_EQ(market.reserved(1, 0), 0);
}

TEST_F(ReplaceTest, TakersFillsCountToo) {
  market.sell(2, 1, 4, 500);
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 9, 500))[0],
              "session 1: replaced 1 by 2: buy 5 of 1 at 50000, reference 2, lives");
}

TEST_F(ReplaceTest, ARefusedReplacementLeavesTheOldOrderAsItWas) {
  market.sell(2, 1, 4, 510);
  market.buy(1, 1, 10, 500);
  const auto rejected = [&](ReplaceOrder command, const std::string& reason) {
    command.user_reference = market.view(1).next_user_reference;
    EXPECT_THAT(market.send(1, command),
                ElementsAre("session 1: rejected " + std::to_string(command.user_reference) + ": " +
                            reason));
    EXPECT_EQ(market.reserved(1, 0), value(500, 10));
    EXPECT_EQ(market.venue.books().live_orders(), 2u);
  };
  ReplaceOrder post_only = TestMarket::replacement(1, 0, 10, 510);
  post_only.post_only = 1;
  rejected(post_only, "would trade");
  ReplaceOrder all_or_nothing = TestMarket::replacement(1, 0, 10, 510);
  all_or_nothing.time_in_force = raw(TimeInForce::fill_or_kill);
  rejected(all_or_nothing, "cannot fill");
  rejected(TestMarket::replacement(1, 0, 1'000'000, 500), "insufficient funds");
  rejected(TestMarket::replacement(1, 0, 10, 1'001), "price out of limits");
  rejected(TestMarket::replacement(1, 0, 0, 500), "quantity zero");
  rejected(TestMarket::replacement(9, 0, 10, 500), "unknown order");
  ReplaceOrder wrong = TestMarket::replacement(1, 0, 10, 500);
  wrong.time_in_force = 4;
  rejected(wrong, "malformed");
}

TEST_F(ReplaceTest, TheOldOrdersMoneyPaysForTheNewOne) {
  market.buy(1, 1, 20'000, 500);  // all there is
  EXPECT_THAT(
      market.send(1, TestMarket::replacement(1, 2, 10'000, 1'000)),
      ElementsAre("session 1: replaced 1 by 2: buy 10000 of 1 at 100000, reference 2, lives",
                  "feed: replace 1 by 2: 10000 at 100000"));
  EXPECT_EQ(market.reserved(1, 0), TestMarket::kCash);
  EXPECT_THAT(market.send(1, TestMarket::replacement(2, 3, 10'001, 1'000)),
              ElementsAre("session 1: rejected 3: insufficient funds"));
}

TEST_F(ReplaceTest, AnImmediateReplacementThatDoesNotTradeLeavesNothing) {
  market.buy(1, 1, 10, 500);
  ReplaceOrder command = TestMarket::replacement(1, 2, 8, 490);
  command.time_in_force = raw(TimeInForce::immediate_or_cancel);
  EXPECT_THAT(
      market.send(1, command),
      ElementsAre("session 1: replaced 1 by 2: buy 8 of 1 at 49000, reference 2", "feed: delete 1",
                  "session 1: canceled 2: 8 gone, 0 left, immediate rest"));
  EXPECT_EQ(market.reserved(1, 0), 0);
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
}

TEST_F(ReplaceTest, ARepeatOfAReplacementChangesNothing) {
  market.buy(1, 1, 10, 500);
  market.send(1, TestMarket::replacement(1, 2, 6, 500));
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 6, 500)), IsEmpty());
  // Its old name is gone, and an order of that name is a repeat.
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: unknown order"));
  EXPECT_THAT(market.buy(1, 1, 10, 500), IsEmpty());
}

}  // namespace
}  // namespace okiagari::venue

// Goal: a call takes orders without matching, tells where it would end, and ends as its rules say
// or goes on, whatever happens to the instrument in between. What who gets is of market/uncross;
// random commands in and out of calls are in venue_test.
#include "venue/call_auctions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CallAuctionsTest : public testing::Test {
 protected:
  CallAuctionsTest() {
    market.add_operators();
    // The plainest rules: three conditions, by time, no market orders, no collar.
    for (InstrumentId id = 1; id <= 2; ++id) {
      SetAuctionRules plain{};
      plain.instrument = id;
      market.send(plain);
    }
  }

  static SetAuctionRules rules() {
    SetAuctionRules command{};
    command.instrument = 1;
    command.takes_market_orders = 1;
    command.base_price = 500;
    return command;
  }
  Lines at_market(SessionId session, std::uint32_t reference, Side side, QuantityLots quantity) {
    NewOrder order = TestMarket::order(reference, side, quantity, 0);
    order.price_type = 1;
    return market.send(session, order);
  }
  Lines call(InstrumentId instrument = 1) {
    return market.set_state(instrument, InstrumentState::auction_call);
  }
  Lines open() { return market.set_state(1, InstrumentState::full); }
  Venue::CallView view() const {
    Venue::CallView seen;
    EXPECT_TRUE(market.venue.call(1, seen));
    return seen;
  }

  TestMarket market;
};

TEST_F(CallAuctionsTest, OrdersRestAndTheFeedHearsWhereTheCallWouldEnd) {
  market.send(rules());
  call();
  EXPECT_THAT(market.buy(1, 1, 10, 505),
              ElementsAre("session 1: accepted 1: buy 10 of 1 at 50500, reference 1, lives",
                          "feed: add 1: buy 10 of 1 at 50500"));
  EXPECT_THAT(market.sell(2, 1, 4, 495),
              ElementsAre("session 2: accepted 1: sell 4 of 1 at 49500, reference 2, lives",
                          "feed: add 2: sell 4 of 1 at 49500",
                          "feed: indicative of 1: 4 at 50500, surplus 6, reference 50000"));
  EXPECT_THAT(market.sell(3, 1, 6, 501),
              Contains("feed: indicative of 1: 10 at 50100, surplus 0, reference 50000"));
  EXPECT_THAT(market.buy(1, 2, 1, 400), Not(Contains(HasSubstr("indicative"))))
      << "nothing has changed";
  EXPECT_THAT(market.cancel(1, 1), Contains("feed: indicative of 1: 0 at 0, surplus 0, "
                                            "reference 50000"));
}

TEST_F(CallAuctionsTest, AllTradeAtOnePriceAndTheRestTradesOn) {
  market.send(rules());
  call();
  market.buy(1, 1, 10, 505);
  market.sell(2, 1, 4, 495);
  at_market(3, 1, Side::sell, 3);
  EXPECT_THAT(
      open(),
      ElementsAre("session 1: executed 1: 7 at 50500, 3 left, match 1, in the auction",
                  "feed: execute 1: 7 at 50500, match 1",
                  "session 3: executed 1: 3 at 50500, 0 left, match 1, in the auction",
                  "feed: execute 3: 3 at 50500, match 1",
                  "session 2: executed 1: 4 at 50500, 0 left, match 1, in the auction",
                  "feed: execute 2: 4 at 50500, match 1", "feed: cross of 1: 7 at 50500, match 1",
                  "feed: state of 1: full, reason 0",
                  "session 1: notice: instrument 1 full, reason 0",
                  "session 2: notice: instrument 1 full, reason 0",
                  "session 3: notice: instrument 1 full, reason 0",
                  "session 4: notice: instrument 1 full, reason 0",
                  "gateway 0: set instrument state 2: done, 1 affected"));
  EXPECT_TRUE(market.total(1, kCash) == TestMarket::kCash - 7 * 505 * 10);
  EXPECT_TRUE(market.reserved(1, kCash) == 3 * 505 * 10);
  EXPECT_TRUE(market.total(2, kCash) == TestMarket::kCash + 4 * 505 * 10);
  EXPECT_THAT(market.sell(2, 2, 3, 505), Contains(HasSubstr("executed 2: 3 at 50500")));
}

TEST_F(CallAuctionsTest, AMarketBuyHoldsBackTheDaysHighestPriceAndGetsTheRestBack) {
  market.send(rules());
  call();
  at_market(1, 1, Side::buy, 10);
  EXPECT_TRUE(market.reserved(1, kCash) == Money{TestMarket::kHighLimit} * 10 * 10);
  market.sell(2, 1, 10, 490);
  open();
  EXPECT_TRUE(market.reserved(1, kCash) == 0);
  EXPECT_TRUE(market.total(1, kCash) == TestMarket::kCash - 500 * 10 * 10);
}

TEST_F(CallAuctionsTest, AMarketOrderThatIsNotFilledExpires) {
  SetAuctionRules largest = rules();
  largest.price_method = 1;
  market.send(largest);
  call();
  at_market(1, 1, Side::buy, 10);
  market.sell(2, 1, 4, 490);
  EXPECT_THAT(open(), Contains("session 1: canceled 1: 6 gone, 0 left, auction ended"));
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
  EXPECT_TRUE(market.reserved(1, kCash) == 0);
}

TEST_F(CallAuctionsTest, WhileMarketOrdersCannotAllTradeAnItayoseGoesOn) {
  market.send(rules());
  call();
  at_market(1, 1, Side::buy, 10);
  market.sell(2, 1, 4, 490);
  EXPECT_THAT(open(),
              ElementsAre("gateway 0: set instrument state 2: no auction price, 0 affected"));
  market.sell(3, 1, 6, 495);
  EXPECT_THAT(open(), Contains("feed: cross of 1: 10 at 50000, match 1"));
}

TEST_F(CallAuctionsTest, APriceOutsideTheCollarExtendsTheCallAndWidensTheSideThatBlocks) {
  SetAuctionRules narrow = rules();
  narrow.collar_unit = 1;
  narrow.collar = 10;
  narrow.collar_step = 5;
  market.send(narrow);
  EXPECT_THAT(call(), Contains("feed: collar of 1: 49000 to 51000, reference 50000, extension 0"));
  market.buy(1, 1, 10, 518);
  market.sell(2, 1, 10, 518);
  EXPECT_THAT(open(), ElementsAre("feed: collar of 1: 49000 to 51500, reference 50000, extension 1",
                                  "gateway 0: set instrument state 2: outside collar, 0 affected"));
  // The same command again is another extension to nobody.
  EXPECT_THAT(
      market.control(TestMarket::state_change(2, Scope::instrument, 1, InstrumentState::full)),
      ElementsAre("gateway 0: set instrument state 2: stale control number, 0 affected"));
  EXPECT_EQ(view().extensions, 1u);
  EXPECT_THAT(open(), Contains(HasSubstr("outside collar")));
  EXPECT_THAT(open(), Contains("feed: cross of 1: 10 at 51800, match 1"));
}

TEST_F(CallAuctionsTest, AfterTheLastExtensionAPersonDecidesWithoutTheCollar) {
  SetAuctionRules narrow = rules();
  narrow.collar_unit = 2;
  narrow.collar = 100;
  narrow.collar_step = 10;
  narrow.extensions_max = 1;
  market.send(narrow);
  call();
  market.buy(1, 1, 10, 900);
  market.sell(2, 1, 10, 900);
  EXPECT_THAT(open(), Contains(HasSubstr("outside collar")));
  EXPECT_THAT(open(), Contains("feed: cross of 1: 10 at 90000, match 1"));
}

// The bad day: a book that crossed in a call would be opened for matching by way of a halt.
TEST_F(CallAuctionsTest, AHaltInBetweenDoesNotEndTheCall) {
  call();
  market.buy(1, 1, 10, 505);
  market.sell(2, 1, 4, 495);
  market.set_state(1, InstrumentState::halted);
  market.set_state(1, InstrumentState::cancel_only);
  EXPECT_THAT(market.cancel(1, 1, 5), Contains(HasSubstr("indicative of 1: 4 at 50500")));
  EXPECT_THAT(open(), Contains("feed: cross of 1: 4 at 50500, match 1"));
}

TEST_F(CallAuctionsTest, UncrossIsAStateOfItsOwnInWhichNothingMoves) {
  EXPECT_THAT(market.set_state(1, InstrumentState::uncross),
              ElementsAre("gateway 0: set instrument state 1: state forbids, 0 affected"))
      << "there is no call";
  call();
  market.buy(1, 1, 10, 505);
  market.sell(2, 1, 4, 495);
  EXPECT_THAT(market.set_state(1, InstrumentState::uncross), Contains(HasSubstr("cross of 1")));
  EXPECT_THAT(market.cancel(1, 1), Contains(HasSubstr("state forbids")));
  EXPECT_THAT(open(), Not(Contains(HasSubstr("cross of 1"))));
}

TEST_F(CallAuctionsTest, AtTheDaysCloseMarketOrdersExpireAndTheCallWaits) {
  market.send(rules());
  call();
  at_market(1, 1, Side::buy, 10);
  market.buy(2, 1, 3, 505);
  market.sell(3, 1, 3, 505);
  EXPECT_THAT(market.set_state(1, InstrumentState::closed),
              Contains("session 1: canceled 1: 10 gone, 0 left, auction ended"));
  EXPECT_THAT(open(), Contains("feed: cross of 1: 3 at 50500, match 1"));
}

TEST_F(CallAuctionsTest, OneCallThatCannotEndDoesNotKeepTheOthersClosed) {
  market.send(rules());
  call(1);
  call(2);
  at_market(1, 1, Side::buy, 10);
  const Lines lines = market.control(
      TestMarket::state_change(++market.control_number, Scope::market, 0, InstrumentState::full));
  EXPECT_THAT(lines, Contains("feed: state of 2: full, reason 0"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("state of 1"))));
  EXPECT_EQ(lines.back(), "gateway 0: set instrument state 3: done, 1 affected");
}

TEST_F(CallAuctionsTest, RulesAndPriceLimitsStayWhileACallIsOpen) {
  call();
  EXPECT_THAT(market.send(rules()),
              ElementsAre("gateway 0: set auction rules 1: state forbids, 0 affected"));
  SetPriceLimits limits{};
  limits.control_number = ++market.control_number;
  limits.instrument = 1;
  limits.low = 1;
  limits.high = 10;
  EXPECT_THAT(market.control(limits), Contains(HasSubstr("state forbids")));
}

TEST_F(CallAuctionsTest, OrdersThatCannotWaitAndMarketOrdersWhereThereAreNoneAreRefused) {
  call();
  NewOrder immediate = TestMarket::order(1, Side::buy, 1, 500);
  immediate.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::immediate_or_cancel);
  EXPECT_THAT(market.send(1, immediate), ElementsAre("session 1: rejected 1: state forbids"));
  EXPECT_THAT(at_market(1, 2, Side::buy, 1), ElementsAre("session 1: rejected 2: state forbids"));
}

TEST_F(CallAuctionsTest, AnOrderForTheAuctionAloneTradesInItOrGoesWithIt) {
  const auto at_auction = [](std::uint32_t reference, Side side, QuantityLots quantity,
                             PriceTicks price) {
    NewOrder order = TestMarket::order(reference, side, quantity, price);
    order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::at_auction);
    return order;
  };
  EXPECT_THAT(market.send(1, at_auction(1, Side::buy, 10, 505)),
              ElementsAre("session 1: rejected 1: state forbids"))
      << "there is no call";
  call();
  market.buy(3, 1, 1, 506);
  market.send(1, at_auction(2, Side::buy, 10, 505));
  market.send(1, at_auction(3, Side::buy, 5, 400));
  market.sell(2, 1, 4, 505);
  EXPECT_THAT(open(),
              testing::AllOf(Contains("session 1: executed 2: 3 at 50500, 7 left, match 1, in the "
                                      "auction"),
                             Contains("session 1: canceled 2: 7 gone, 0 left, auction ended"),
                             Contains("session 1: canceled 3: 5 gone, 0 left, auction ended")));
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
  EXPECT_TRUE(market.reserved(1, kCash) == 0);
}

TEST_F(CallAuctionsTest, AnOrderForTheAuctionAloneWaitsOutAHaltAndIsInTheSnapshot) {
  call();
  NewOrder order = TestMarket::order(1, Side::buy, 10, 505);
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::at_auction);
  market.send(1, order);
  market.set_state(1, InstrumentState::halted);
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  EXPECT_THAT(market.set_state(1, InstrumentState::closed),
              Contains("session 1: canceled 1: 10 gone, 0 left, auction ended"));
}

TEST_F(CallAuctionsTest, AReplacementMakesAnOrderForTheAuctionOneThatStays) {
  call();
  NewOrder order = TestMarket::order(1, Side::buy, 10, 505);
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::at_auction);
  market.send(1, order);
  market.send(1, TestMarket::replacement(1, 2, 10, 505));
  EXPECT_THAT(open(), Not(Contains(HasSubstr("canceled"))));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

TEST_F(CallAuctionsTest, AnOrderThatRestedBeforeTheDaysLimitsMovedTradesAtThem) {
  market.buy(1, 1, 10, 700);
  SetPriceLimits limits{};
  limits.control_number = ++market.control_number;
  limits.instrument = 1;
  limits.low = 400;
  limits.high = 600;
  market.control(limits);
  call();
  EXPECT_THAT(market.sell(2, 1, 10, 600), Contains(HasSubstr("indicative of 1: 10 at 60000")));
  open();
  EXPECT_TRUE(market.total(2, kCash) == TestMarket::kCash + 600 * 10 * 10);
  EXPECT_TRUE(market.reserved(1, kCash) == 0);
}

TEST_F(CallAuctionsTest, ASnapshotInACallIsTheCall) {
  market.send(rules());
  call();
  market.buy(1, 1, 10, 505);
  at_market(3, 1, Side::sell, 3);
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  EXPECT_EQ(view().price.volume, 3u);
  EXPECT_THAT(open(), Contains("feed: cross of 1: 3 at 50500, match 1"));
}

// The day a server that followed in a call was so far behind that it was sent a snapshot: the call
// that it had was given back to a pool that was gone already, and the server died of it each time.
TEST_F(CallAuctionsTest, AServerInACallIsGivenASnapshotAndGoesOnWithIt) {
  market.send(rules());
  call();
  for (std::uint32_t n = 1; n <= 40; ++n) market.buy(1, n, 10, 500 + n);
  const std::string behind = market.snapshot();
  market.sell(2, 1, 25, 505);
  const std::string ahead = market.snapshot();
  ASSERT_TRUE(market.venue.load_snapshot(base::as_bytes(behind)).ok());
  EXPECT_EQ(view().price.volume, 0u);
  ASSERT_TRUE(market.venue.load_snapshot(base::as_bytes(ahead)).ok());
  EXPECT_EQ(market.snapshot(), ahead);
  EXPECT_EQ(view().price.volume, 25u);
  EXPECT_THAT(open(), Contains(HasSubstr("feed: cross of 1: 25 at")));
}

TEST_F(CallAuctionsTest, AnInstrumentCanBeListedInACallWhichOpensWithItsRules) {
  AddInstrument listed = TestMarket::instrument(3);
  listed.state = InstrumentState::auction_call;
  market.send(listed);
  SetAuctionRules plain{};
  plain.instrument = 3;
  market.send(plain);
  market.send(1, TestMarket::order(1, Side::buy, 10, 505, 3));
  Venue::CallView seen;
  EXPECT_TRUE(market.venue.call(3, seen));
  EXPECT_THAT(market.set_state(3, InstrumentState::full), Contains(HasSubstr("done, 1 affected")));
  EXPECT_FALSE(market.venue.call(3, seen));
}

}  // namespace
}  // namespace okiagari::venue

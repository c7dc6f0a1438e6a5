// Goal: a stop goes when its price is reached, not before and not by any other price, in the order
// of triggers and age, and each before the next.
#include "venue/stop_triggers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StopTriggersTest : public testing::Test {
 protected:
  StopTriggersTest() { market.add_operators(); }

  Lines stop(SessionId session, std::uint32_t reference, Side side, QuantityLots quantity,
             std::uint32_t price, std::uint32_t trigger) {
    return market.send(session, TestMarket::stop(reference, side, quantity, price, trigger));
  }

  TestMarket market;
};

TEST_F(StopTriggersTest, ItGoesAtItsTriggerOrBeyondAndIsAnOrderLikeOthersThen) {
  stop(1, 1, Side::buy, 10, 510, 505);
  EXPECT_THAT(triggered(market.trade(504)), IsEmpty());
  EXPECT_THAT(market.trade(505),
              ElementsAre("session 3: accepted 2: buy 1 of 1 at 50500, reference 5",
                          "session 2: executed 2: 1 at 50500, 0 left, match 2",
                          "session 3: executed 2: 1 at 50500, 0 left, match 2, aggressor",
                          "feed: execute 4: 1, match 2",
                          "session 1: triggered 1: buy 10 of 1 after 50500, reference 6, lives",
                          "feed: add 6: buy 10 of 1 at 51000"));
  EXPECT_THAT(market.sell(2, 9, 4, 510),
              Contains("session 1: executed 1: 4 at 51000, 6 left, match 3"));
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 10, 500)),
              Contains("session 1: replaced 1 by 2: buy 6 of 1 at 50000, reference 8, lives"))
      << "what it has traded counts";
}

TEST_F(StopTriggersTest, AtMarketItTakesWhatThereIsAndItsRestIsGone) {
  market.trade(500);
  market.buy(2, 10, 4, 499);
  market.buy(2, 11, 4, 490);
  EXPECT_THAT(stop(1, 1, Side::sell, 20, 0, 499), Contains(HasSubstr("stop accepted 1")));
  const Lines lines = market.sell(3, 10, 1, 499);
  EXPECT_THAT(lines, Contains("session 1: triggered 1: sell 20 of 1 after 49900, reference 7"));
  EXPECT_THAT(lines, Contains("session 1: executed 1: 3 at 49900, 17 left, match 3, aggressor"));
  EXPECT_THAT(lines, Contains("session 1: executed 1: 4 at 49000, 13 left, match 4, aggressor"));
  EXPECT_THAT(lines, Contains("session 1: canceled 1: 13 gone, 0 left, immediate rest"));
  EXPECT_TRUE(market.reserved(1, 1) == 0);
}

TEST_F(StopTriggersTest, OneWhosePriceIsReachedAlreadyGoesAtOnce) {
  market.trade(500);
  EXPECT_THAT(stop(1, 1, Side::buy, 10, 490, 500),
              ElementsAre(HasSubstr("stop accepted 1"),
                          "session 1: triggered 1: buy 10 of 1 after 50000, reference 4, lives",
                          "feed: add 4: buy 10 of 1 at 49000"));
}

TEST_F(StopTriggersTest, BeforeTheFirstTradeNoPriceIsReached) {
  EXPECT_THAT(triggered(stop(1, 1, Side::sell, 10, 0, 1'000)), IsEmpty());
}

TEST_F(StopTriggersTest, TheyGoByTriggerThenByAge) {
  stop(1, 1, Side::buy, 1, 400, 507);
  stop(1, 2, Side::buy, 1, 400, 505);
  stop(1, 3, Side::buy, 1, 400, 506);
  stop(1, 4, Side::buy, 1, 400, 505);
  EXPECT_THAT(triggered(market.trade(506)),
              ElementsAre("triggered 2", "triggered 4", "triggered 3"));
  EXPECT_THAT(triggered(market.trade(600)), ElementsAre("triggered 1"));
}

// The order's first trade was at 500, though its last was at 505.
TEST_F(StopTriggersTest, EveryTradeOfAnOrderCountsNotItsLast) {
  market.trade(502);
  stop(1, 1, Side::sell, 1, 900, 500);
  stop(1, 2, Side::buy, 1, 100, 505);
  market.sell(2, 10, 1, 500);
  market.sell(2, 11, 1, 505);
  EXPECT_THAT(triggered(market.buy(3, 10, 2, 505)), ElementsAre("triggered 1", "triggered 2"));
}

// Its trades reach the next one, which goes when it is done.
TEST_F(StopTriggersTest, OneStopMayLetTheNextGo) {
  for (std::uint32_t n = 0; n < 5; ++n) market.sell(2, 10 + n, 1, 505 + n);
  for (std::uint32_t n = 1; n < 5; ++n) stop(1, n, Side::buy, 1, 0, 504 + n);
  const Lines lines = market.buy(3, 10, 1, 505);
  EXPECT_THAT(triggered(lines),
              ElementsAre("triggered 1", "triggered 2", "triggered 3", "triggered 4"));
  EXPECT_THAT(lines, Contains("session 1: executed 4: 1 at 50900, 0 left, match 5, aggressor"));
}

// The day the whole market's stops were in one avalanche: a command lets so many go and no more.
TEST_F(StopTriggersTest, MoreThanTheBoundGoOnWithTheNextCommandWhateverItIs) {
  constexpr std::uint32_t kBound = Steps{}.stops_triggered;
  for (std::uint32_t n = 1; n <= 2 * kBound + 10; ++n) stop(1, n, Side::buy, 1, 400, 505);
  EXPECT_FALSE(market.venue.has_stops_to_go());
  EXPECT_EQ(triggered(market.trade(505)).size(), kBound);
  EXPECT_TRUE(market.venue.has_stops_to_go());

  EXPECT_THAT(stop(2, 100, Side::buy, 1, 400, 505),
              Contains("session 2: rejected 100: state forbids"))
      << "it came behind those whose turn it is";
  // That was the next command.
  EXPECT_THAT(market.cancel(1, 2 * kBound + 10), Contains(HasSubstr("triggered")))
      << "what is reached and has not gone may still be taken back";
  EXPECT_EQ(market.venue.books().live_orders(), 2 * kBound + 9u);
  EXPECT_THAT(triggered(market.send(NoOperation{})), IsEmpty());
}

TEST_F(StopTriggersTest, ASnapshotInAnAvalancheGoesOnWhereItWas) {
  for (std::uint32_t n = 1; n <= 300; ++n) stop(1, n, Side::buy, 1, 300, 600);
  market.trade(600);
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  EXPECT_EQ(triggered(market.send(NoOperation{})).size(), 44u);
}

// The day a stop that goes stops the replicas, and its command is over already.
TEST_F(StopTriggersTest, ACommandThatIsLeftOutInAnAvalancheHaltsWhatGoesOn) {
  for (std::uint32_t n = 1; n <= 300; ++n) stop(1, n, Side::buy, 1, 300, 600);
  Quarantine quarantine{};
  quarantine.sequence = market.venue.last_sequence() + 4;
  market.send(quarantine);
  market.trade(600);
  const Lines lines = market.send(NoOperation{});
  EXPECT_THAT(triggered(lines), IsEmpty());
  EXPECT_THAT(lines, Contains("feed: state of 1: halted, reason 19"));
  EXPECT_THAT(triggered(market.send(NoOperation{})), IsEmpty());
}

TEST_F(StopTriggersTest, OutsideFullTradingItWaitsAndThePriceAfterwardsCounts) {
  stop(1, 1, Side::buy, 1, 400, 505);
  stop(1, 2, Side::buy, 1, 400, 510);
  market.set_state(1, InstrumentState::limit_only);
  EXPECT_THAT(triggered(market.trade(510)), IsEmpty());
  EXPECT_THAT(triggered(market.trade(506)), IsEmpty());
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), ElementsAre("triggered 1"))
      << "the last price is 506";
}

TEST_F(StopTriggersTest, ThePriceOfACallCountsWhenTradingGoesOn) {
  SetAuctionRules rules{};
  rules.instrument = 1;
  market.send(rules);
  stop(1, 1, Side::buy, 5, 600, 505);
  market.set_state(1, InstrumentState::auction_call);
  EXPECT_THAT(stop(1, 2, Side::sell, 5, 0, 500), Contains(HasSubstr("stop accepted 2")));
  market.sell(2, 1, 5, 508);
  market.buy(3, 1, 5, 508);
  const Lines uncross = market.set_state(1, InstrumentState::uncross);
  EXPECT_THAT(uncross, Contains(HasSubstr("feed: cross of 1: 5 at 50800")));
  EXPECT_THAT(triggered(uncross), IsEmpty());
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), ElementsAre("triggered 1"));
}

TEST_F(StopTriggersTest, AStopOfAMemberThatIsHaltedIsCancelledInItsTurn) {
  stop(1, 1, Side::buy, 5, 600, 505);
  market.control(
      TestMarket::state_change(++market.control_number, Scope::member, 1, InstrumentState::halted));
  EXPECT_THAT(market.trade(505), Contains("session 1: canceled 1: 5 gone, 0 left, halted"));
  EXPECT_TRUE(market.reserved(1, 0) == 0);
}

TEST_F(StopTriggersTest, OneWhoseLimitTheDayNoLongerAllowsIsCancelledInItsTurn) {
  stop(1, 1, Side::buy, 5, 600, 505);
  SetPriceLimits limits{};
  limits.control_number = ++market.control_number;
  limits.instrument = 1;
  limits.low = 1;
  limits.high = 550;
  market.control(limits);
  EXPECT_THAT(market.trade(505), Contains("session 1: canceled 1: 5 gone, 0 left, stop refused"));
  EXPECT_TRUE(market.reserved(1, 0) == 0);
}

// It has held back the highest price of the day on which it came.
TEST_F(StopTriggersTest, AMarketBuyPaysNoMoreThanItHeldBackWhenLimitsRise) {
  stop(1, 1, Side::buy, 2, 0, 505);
  SetPriceLimits limits{};
  limits.control_number = ++market.control_number;
  limits.instrument = 1;
  limits.low = 1;
  limits.high = 2'000;
  market.control(limits);
  market.sell(2, 1, 1, 1'500);
  const Lines lines = market.trade(505);
  EXPECT_THAT(triggered(lines), ElementsAre("triggered 1"));
  EXPECT_THAT(lines, Contains("session 1: canceled 1: 2 gone, 0 left, immediate rest"));
}

TEST_F(StopTriggersTest, SelfTradePreventionIsAskedForWhenItGoes) {
  market.sell(1, 1, 3, 505);
  market.sell(2, 1, 1, 505);
  NewStop command = TestMarket::stop(2, Side::buy, 1, 505, 505);
  command.self_trade = 1;
  market.send(1, command);
  const Lines lines = market.buy(3, 1, 1, 505);
  EXPECT_THAT(lines, Contains("session 1: triggered 2: buy 1 of 1 after 50500, reference 5"));
  EXPECT_THAT(lines, Contains("session 1: canceled 2: 1 gone, 0 left, self trade"));
}

TEST_F(StopTriggersTest, AStopOfAnotherInstrumentDoesNotGo) {
  stop(1, 1, Side::buy, 1, 400, 505);
  market.send(2, TestMarket::order(1, Side::sell, 1, 505, 2));
  EXPECT_THAT(triggered(market.send(3, TestMarket::order(1, Side::buy, 1, 505, 2))), IsEmpty());
}

}  // namespace
}  // namespace okiagari::venue

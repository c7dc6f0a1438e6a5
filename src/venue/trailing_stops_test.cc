// Goal: a stop that trails goes where its rules say (docs/venue.md): its trigger follows every
// price that counts, each in its turn and never back, stands still while others go, and is nobody's
// business but its owner's.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/stop_entry.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrailingStopsTest : public testing::Test {
 protected:
  explicit TrailingStopsTest(const Limits& the_limits = Limits{})
      : limits(the_limits), market(the_limits) {
    market.add_operators();
  }

  Lines trail(std::uint32_t reference, Side side, std::uint32_t distance, std::uint32_t price = 0,
              QuantityLots quantity = 10) {
    return market.send(1, TestMarket::trailing_stop(reference, side, quantity, price, distance));
  }
  // As its owner's session waits; 0: it does not.
  PriceTicks trigger(std::uint32_t reference) const {
    const auto stop = market.venue.waiting_stops().find(market::OrderKey{1} << 32 | reference);
    return stop ? stop->trigger : 0;
  }
  void limit_prices(PriceTicks low, PriceTicks high) {
    SetPriceLimits command{};
    command.control_number = ++market.control_number;
    command.instrument = 1;
    command.low = low;
    command.high = high;
    market.control(command);
  }
  void replace_by_snapshot() {
    const std::string written = market.snapshot();
    Venue restored{limits};
    const base::Status status = restored.load_snapshot(base::as_bytes(written));
    ASSERT_TRUE(status.ok()) << status.error().message;
    market.venue = std::move(restored);
    EXPECT_EQ(market.snapshot(), written);
  }
  static constexpr std::int64_t kMoney = TestMarket::kMoneyPerTickLot;

  Limits limits;
  TestMarket market;
};

TEST_F(TrailingStopsTest, ItBeginsAtTheLastPriceAndNoFeedKnows) {
  EXPECT_THAT(trail(1, Side::sell, 5), ElementsAre("session 1: rejected 1: nothing to follow"));
  market.trade(500);
  const std::uint64_t feed = market.venue.last_feed_number();
  EXPECT_THAT(trail(2, Side::sell, 5, 480),
              ElementsAre("session 1: trailing stop accepted 2: sell 10 of 1 at 48000 from 49500, "
                          "reference 3, distance 500"));
  EXPECT_THAT(trail(3, Side::buy, 5, 520),
              ElementsAre("session 1: trailing stop accepted 3: buy 10 of 1 at 52000 from 50500, "
                          "reference 4, distance 500"));
  EXPECT_EQ(market.venue.last_feed_number(), feed);
}

TEST_F(TrailingStopsTest, ASellFollowsThePriceUpAndABuyDown) {
  market.trade(500);
  trail(1, Side::sell, 5);
  trail(2, Side::buy, 5);
  EXPECT_THAT(triggered(market.trade(503)), IsEmpty());
  EXPECT_EQ(trigger(1), 498);
  EXPECT_EQ(trigger(2), 505);
  EXPECT_THAT(triggered(market.trade(499)), IsEmpty());
  EXPECT_EQ(trigger(1), 498) << "never back";
  EXPECT_EQ(trigger(2), 504);
  EXPECT_THAT(triggered(market.trade(504)), ElementsAre("triggered 2"));
  EXPECT_EQ(trigger(1), 499);
  EXPECT_THAT(triggered(market.trade(499)), ElementsAre("triggered 1"));
}

TEST_F(TrailingStopsTest, WhenItGoesItIsToldAsAnyStop) {
  market.trade(500);
  trail(1, Side::sell, 5, 490);
  EXPECT_THAT(market.trade(495),
              Contains("session 1: triggered 1: sell 10 of 1 after 49500, reference 6, lives"));
}

// 505 and then 500, in one order: the trigger goes up with the first and is reached by the second.
TEST_F(TrailingStopsTest, EveryTradeOfAnOrderMovesItInItsTurn) {
  market.trade(500);
  trail(1, Side::sell, 5, 490);
  market.buy(3, 100, 1, 505);
  market.buy(3, 101, 1, 500);
  EXPECT_THAT(triggered(market.sell(2, 100, 2, 500)), ElementsAre("triggered 1"));
}

TEST_F(TrailingStopsTest, ADistanceIsWholeTicksAndTheFirstTriggerWithinTheDay) {
  market.trade(500);
  EXPECT_THAT(trail(1, Side::sell, 0), ElementsAre("session 1: rejected 1: malformed"));
  NewTrailingStop command = TestMarket::trailing_stop(2, Side::sell, 10, 0, 5);
  command.distance_e4 += 1;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 2: price off tick"));
  command.user_reference = 3;
  command.distance_e4 = std::uint64_t{1} << 32;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 3: price too large"));
  command.user_reference = 4;
  command.distance_e4 = UINT64_MAX - UINT64_MAX % TestMarket::kTickE4;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 4: price too large"));
  EXPECT_THAT(trail(5, Side::sell, 500), ElementsAre("session 1: rejected 5: price out of limits"));
  EXPECT_THAT(trail(6, Side::buy, 501), ElementsAre("session 1: rejected 6: price out of limits"));
  EXPECT_THAT(trail(7, Side::sell, 499), Contains(HasSubstr("accepted 7")));
  EXPECT_THAT(trail(8, Side::buy, 500), Contains(HasSubstr("accepted 8")));
  EXPECT_THAT(trail(9, Side::sell, 5, 1'001),
              ElementsAre("session 1: rejected 9: price out of limits"))
      << "a limit is a price, and stays";
}

TEST_F(TrailingStopsTest, WhatCannotWaitIsRefusedAsOfOtherStops) {
  market.trade(500);
  NewTrailingStop command = TestMarket::trailing_stop(1, Side::buy, 10, 510, 5);
  command.time_in_force = 2;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 1: not supported"));
  market.set_state(1, InstrumentState::cancel_only);
  EXPECT_THAT(trail(2, Side::buy, 5), ElementsAre("session 1: rejected 2: state forbids"));
}

TEST_F(TrailingStopsTest, ItHoldsBackWhatItMayCostAndIsCancelledLikeAnOrder) {
  market.trade(500);
  const Money cash = market.reserved(1, 0);
  trail(1, Side::buy, 5, 520);
  EXPECT_TRUE(market.reserved(1, 0) == cash + 10 * 520 * kMoney);
  trail(2, Side::buy, 5);
  EXPECT_TRUE(market.reserved(1, 0) == cash + 10 * (520 + TestMarket::kHighLimit) * kMoney);
  trail(3, Side::sell, 5);
  EXPECT_TRUE(market.reserved(1, 1) == 10);
  EXPECT_THAT(market.cancel(1, 3, 4),
              ElementsAre("session 1: canceled 3: 6 gone, 4 left, by member"));
  MassCancel all{};
  all.side = 2;
  EXPECT_THAT(market.send(1, all), ElementsAre("session 1: canceled 1: 10 gone, 0 left, by member",
                                               "session 1: canceled 2: 10 gone, 0 left, by member",
                                               "session 1: canceled 3: 4 gone, 0 left, by member"));
  EXPECT_TRUE(market.reserved(1, 0) == cash);
  EXPECT_THAT(triggered(market.trade(400)), IsEmpty());
}

TEST_F(TrailingStopsTest, OfOneSideTheOneThatThePriceComesToFirstGoesFirstWhateverItIs) {
  market.trade(500);
  trail(1, Side::sell, 9, 400);
  trail(2, Side::sell, 5, 400);
  market.send(1, TestMarket::stop(3, Side::sell, 10, 400, 493));
  market.send(1, TestMarket::stop(4, Side::sell, 10, 400, 495));
  trail(5, Side::sell, 7, 400);
  trail(6, Side::sell, 5, 400);
  EXPECT_THAT(triggered(market.trade(480)),
              ElementsAre("triggered 2", "triggered 4", "triggered 6", "triggered 3", "triggered 5",
                          "triggered 1"));
}

// The older one has seen a price that the newer one has not.
TEST_F(TrailingStopsTest, OfOneDistanceTheOlderGoesFirst) {
  market.trade(510);
  trail(1, Side::sell, 5, 700);
  market.trade(507);
  trail(2, Side::sell, 5, 700);
  EXPECT_EQ(trigger(1), 505);
  EXPECT_EQ(trigger(2), 502);
  market.trade(508);
  EXPECT_EQ(trigger(2), 503);
  EXPECT_THAT(triggered(market.trade(505)), ElementsAre("triggered 1"));
  EXPECT_THAT(triggered(market.trade(503)), ElementsAre("triggered 2"));
}

TEST_F(TrailingStopsTest, WhenBothSidesAreReachedTheOlderGoesFirst) {
  market.trade(500);
  market.set_state(1, InstrumentState::limit_only);
  trail(1, Side::buy, 3, 300);
  market.send(1, TestMarket::stop(2, Side::sell, 10, 700, 503));
  market.trade(503);
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)),
              ElementsAre("triggered 1", "triggered 2"));
}

// The day a fixed stop began an avalanche, in which trailing ones would each have moved with each
// trade of it.
class TrailingStopsOneByOneTest : public TrailingStopsTest {
 protected:
  TrailingStopsOneByOneTest() : TrailingStopsTest(one_by_one()) {}
  static Limits one_by_one() {
    Limits bounded;
    bounded.steps.stops_triggered = 1;
    return bounded;
  }
};

TEST_F(TrailingStopsOneByOneTest, WhileStopsGoItStandsStillAndThenFollowsTheFurthestPrice) {
  market.trade(500);
  trail(1, Side::sell, 5, 490);
  market.send(1, TestMarket::stop(2, Side::buy, 1, 300, 504));
  market.send(1, TestMarket::stop(3, Side::buy, 1, 300, 504));
  market.send(1, TestMarket::stop(4, Side::buy, 1, 300, 504));
  EXPECT_THAT(triggered(market.trade(504)), ElementsAre("triggered 2"));
  ASSERT_TRUE(market.venue.has_stops_to_go());
  EXPECT_EQ(trigger(1), 499) << "504 counted before it reached";
  market.sell(2, 100, 1, 520);  // lets the next one go
  EXPECT_EQ(trigger(1), 499);
  market.buy(3, 100, 1, 520);
  // The last of the three has gone by now.
  EXPECT_FALSE(market.venue.has_stops_to_go());
  EXPECT_EQ(trigger(1), 515);
}

TEST_F(TrailingStopsOneByOneTest, TheLastPriceCountsWhenTheyHaveFollowed) {
  market.trade(500);
  trail(1, Side::sell, 5, 300);
  for (std::uint32_t n = 2; n <= 6; ++n) {
    market.send(1, TestMarket::stop(n, Side::buy, 1, 300, 504));
  }
  market.trade(504);            // 2 goes
  market.sell(2, 100, 1, 520);  // 3 goes
  market.buy(3, 100, 1, 520);   // 4 goes
  market.sell(2, 101, 1, 512);  // 5 goes
  EXPECT_EQ(trigger(1), 499);
  EXPECT_THAT(triggered(market.buy(3, 101, 1, 512)), ElementsAre("triggered 6"));
  EXPECT_EQ(trigger(1), 515) << "the furthest price was 520, and the last one is below";
  ASSERT_TRUE(market.venue.has_stops_to_go());
  replace_by_snapshot();
  EXPECT_THAT(triggered(market.send(NoOperation{})), ElementsAre("triggered 1"));
}

TEST_F(TrailingStopsOneByOneTest, WhileStopsGoNoneComesAndNoneIsReplaced) {
  market.trade(500);
  trail(1, Side::sell, 5, 490);
  for (std::uint32_t n = 2; n <= 6; ++n) {
    market.send(1, TestMarket::stop(n, Side::buy, 1, 300, 504));
  }
  market.trade(504);
  EXPECT_THAT(trail(7, Side::sell, 5), Contains("session 1: rejected 7: state forbids"));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(1, 8, 10, 490, 9)),
              Contains("session 1: rejected 8: state forbids"));
  EXPECT_EQ(trigger(1), 499);
}

// A trailing stop that trades reach while others go is reached at the trigger that it had.
TEST_F(TrailingStopsOneByOneTest, OneThatStandsStillIsReachedWhereItStands) {
  market.trade(500);
  trail(1, Side::sell, 5, 300);
  for (std::uint32_t n = 2; n <= 4; ++n) {
    market.send(1, TestMarket::stop(n, Side::buy, 1, 300, 504));
  }
  market.trade(504);
  market.buy(3, 100, 1, 499);
  EXPECT_THAT(triggered(market.sell(2, 100, 1, 499)), ElementsAre("triggered 1"))
      << "it is older than the one that is left";
}

TEST_F(TrailingStopsOneByOneTest, AStateForgetsWhatWasReached) {
  market.trade(500);
  trail(1, Side::sell, 5, 700);
  trail(2, Side::sell, 5, 700);
  EXPECT_THAT(triggered(market.trade(495)), ElementsAre("triggered 1"));
  market.set_state(1, InstrumentState::limit_only);
  EXPECT_FALSE(market.venue.has_stops_to_go());
  market.trade(498);
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), IsEmpty());
  EXPECT_EQ(trigger(2), 495);
}

// What trades outside of full trading moves no trigger; the last price does when it is full again.
TEST_F(TrailingStopsTest, OutsideFullTradingItStandsStillAndThePriceAfterwardsCounts) {
  market.trade(500);
  trail(1, Side::sell, 5, 300);
  market.set_state(1, InstrumentState::limit_only);
  market.trade(520);
  market.trade(480);
  EXPECT_EQ(trigger(1), 495);
  market.trade(510);
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), IsEmpty());
  EXPECT_EQ(trigger(1), 505) << "510 is the last price";
  market.set_state(1, InstrumentState::limit_only);
  market.trade(504);
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), ElementsAre("triggered 1"));
}

// Where prices do not count, one that comes begins with a price that older ones have not followed:
// they do now, so that an older one never stands behind a newer one of its distance.
TEST_F(TrailingStopsTest, WhereNoPriceCountsOneThatComesLetsTheLastOneCountForItsSide) {
  market.trade(500);
  trail(1, Side::sell, 5, 300);
  trail(2, Side::buy, 5, 700);
  market.set_state(1, InstrumentState::limit_only);
  market.trade(510);
  EXPECT_EQ(trigger(1), 495);
  EXPECT_THAT(trail(3, Side::sell, 5, 300), Contains(HasSubstr("from 50500")));
  EXPECT_EQ(trigger(1), 505);
  EXPECT_EQ(trigger(2), 505) << "the other side is not asked";
  replace_by_snapshot();
}

TEST_F(TrailingStopsTest, ThePriceOfACallMovesItAndMayReachIt) {
  market.trade(500);
  SetAuctionRules rules{};
  rules.instrument = 1;
  market.send(rules);
  trail(1, Side::sell, 5, 300);
  market.set_state(1, InstrumentState::auction_call);
  trail(2, Side::buy, 7, 700);
  market.sell(2, 100, 5, 508);
  market.buy(3, 100, 5, 508);
  EXPECT_THAT(triggered(market.set_state(1, InstrumentState::full)), ElementsAre("triggered 2"));
  EXPECT_EQ(trigger(1), 503);
}

TEST_F(TrailingStopsTest, AReplacementThatOnlyReducesKeepsItsPlaceAndWhatItFollowed) {
  market.trade(510);
  trail(1, Side::sell, 5, 400);
  market.trade(508);
  trail(2, Side::sell, 5, 400);
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(1, 3, 6, 400, 5)),
              ElementsAre("session 1: trailing stop replaced 1 by 3: sell 6 of 1 at 40000 from "
                          "50500, reference 3, distance 500"));
  EXPECT_TRUE(market.reserved(1, 1) == 16);
  EXPECT_THAT(triggered(market.trade(505)), ElementsAre("triggered 3"));
}

TEST_F(TrailingStopsTest, AnyOtherReplacementBeginsAtTheLastPrice) {
  market.trade(510);
  trail(1, Side::sell, 5, 400);
  market.trade(508);
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(1, 2, 10, 400, 6)),
              ElementsAre("session 1: trailing stop replaced 1 by 2: sell 10 of 1 at 40000 from "
                          "50200, reference 6, distance 600"));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(2, 3, 11, 400, 6)),
              Contains(HasSubstr("from 50200, reference 7")))
      << "more lots";
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(3, 4, 11, 401, 6)),
              Contains(HasSubstr("reference 8")))
      << "another limit";
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(3, 5, 11, 401, 6)),
              ElementsAre("session 1: rejected 5: unknown order"));
}

TEST_F(TrailingStopsTest, AFixedOneBeginsToTrailAndATrailingOneIsFixed) {
  market.trade(500);
  market.send(1, TestMarket::stop(1, Side::sell, 10, 400, 495));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(1, 2, 10, 400, 5)),
              ElementsAre("session 1: trailing stop replaced 1 by 2: sell 10 of 1 at 40000 from "
                          "49500, reference 4, distance 500"));
  market.trade(503);
  EXPECT_EQ(trigger(2), 498);
  EXPECT_THAT(market.send(1, TestMarket::stop_replacement(2, 3, 10, 400, 498)),
              ElementsAre("session 1: stop replaced 2 by 3: sell 10 of 1 at 40000 from 49800, "
                          "reference 7"))
      << "a place of its own, though the trigger is the same";
  market.trade(510);
  EXPECT_EQ(trigger(3), 498);
}

TEST_F(TrailingStopsTest, OneWhoseLimitTheDayNoLongerAllowsIsCancelledInItsTurn) {
  market.trade(500);
  trail(1, Side::buy, 5, 600);
  limit_prices(1, 550);
  EXPECT_THAT(market.trade(505), Contains("session 1: canceled 1: 10 gone, 0 left, stop refused"));
}

TEST_F(TrailingStopsTest, AStopOfAMemberThatIsHaltedIsCancelledInItsTurn) {
  market.trade(500);
  trail(1, Side::buy, 5, 600);
  market.control(
      TestMarket::state_change(++market.control_number, Scope::member, 1, InstrumentState::halted));
  EXPECT_THAT(market.trade(505), Contains("session 1: canceled 1: 10 gone, 0 left, halted"));
}

TEST_F(TrailingStopsTest, ThereAreSoManyDistancesOfOneSideAndNoMore) {
  market.trade(500);
  constexpr std::uint32_t kMax = market::StopOrders::kDistancesMax;
  for (std::uint32_t n = 1; n <= kMax; ++n) trail(n, Side::sell, n, 100, 1);
  EXPECT_THAT(trail(300, Side::sell, 300, 100, 1),
              ElementsAre("session 1: rejected 300: too many distances"));
  EXPECT_THAT(trail(301, Side::sell, 7, 100, 1), Contains(HasSubstr("accepted 301")));
  EXPECT_THAT(trail(302, Side::buy, 300, 600, 1), Contains(HasSubstr("accepted 302")));
  market.send(1, TestMarket::stop(303, Side::sell, 1, 100, 400));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(303, 304, 1, 100, 300)),
              ElementsAre("session 1: rejected 304: too many distances"));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(7, 305, 1, 100, 300)),
              ElementsAre("session 1: rejected 305: too many distances"))
      << "301 keeps that distance";
  replace_by_snapshot();
  EXPECT_THAT(trail(306, Side::sell, 300, 100, 1),
              ElementsAre("session 1: rejected 306: too many distances"));
  EXPECT_THAT(market.send(1, TestMarket::trailing_replacement(9, 307, 1, 100, 300)),
              Contains(HasSubstr("replaced 9 by 307")))
      << "nobody else had its distance";
  market.cancel(1, 10);
  EXPECT_THAT(trail(308, Side::sell, 301, 100, 1), Contains(HasSubstr("accepted 308")));
}

// The day every trailing stop of a market goes at once.
TEST_F(TrailingStopsTest, MoreThanTheBoundGoOnWithTheNextCommand) {
  market.trade(500);
  constexpr std::uint32_t kBound = Steps{}.stops_triggered;
  for (std::uint32_t n = 1; n <= kBound + 10; ++n) trail(n, Side::buy, 5, 400, 1);
  EXPECT_EQ(triggered(market.trade(505)).size(), kBound);
  replace_by_snapshot();
  EXPECT_EQ(triggered(market.send(NoOperation{})).size(), 10u);
}

TEST_F(TrailingStopsTest, ASnapshotKnowsWhatEachHasFollowed) {
  market.trade(510);
  trail(1, Side::sell, 5, 400);
  market.trade(507);
  trail(2, Side::sell, 5, 400);
  trail(3, Side::buy, 9, 600);
  replace_by_snapshot();
  EXPECT_EQ(trigger(1), 505);
  EXPECT_EQ(trigger(2), 502);
  EXPECT_EQ(trigger(3), 516);
  market.trade(508);
  EXPECT_EQ(trigger(1), 505);
  EXPECT_EQ(trigger(2), 503);
}

// Trades that nothing waits for are not asked about.
TEST_F(TrailingStopsTest, AStopOfAnotherInstrumentDoesNotMove) {
  market.trade(500);
  trail(1, Side::sell, 5);
  market.send(2, TestMarket::order(100, Side::sell, 1, 600, 2));
  market.send(3, TestMarket::order(100, Side::buy, 1, 600, 2));
  EXPECT_EQ(trigger(1), 495);
}

}  // namespace
}  // namespace okiagari::venue

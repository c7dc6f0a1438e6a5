// Goal: at the end of a day what was good for it goes and what is good for longer stays, whatever
// else happens to the market, in steps that no number of orders makes longer.
#include "venue/day_expiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/calendar_day.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using market::TimeInForce;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint32_t kToday = 20261126;
constexpr std::uint32_t kTomorrow = 20261127;

class DayExpiryTest : public testing::Test {
 protected:
  DayExpiryTest() { market.add_operators(); }

  static NewOrder order(std::uint32_t reference, Side side, std::uint32_t price, TimeInForce time,
                        std::uint32_t last_day = 0) {
    NewOrder made = TestMarket::order(reference, side, 10, price);
    made.time_in_force = static_cast<std::uint8_t>(time);
    made.last_day = base::day_of(last_day);
    return made;
  }
  Lines enter(std::uint32_t reference, TimeInForce time, std::uint32_t last_day = 0) {
    return market.send(1, order(reference, Side::buy, 500, time, last_day));
  }
  Lines end_day(std::uint32_t day) {
    EndDay command{};
    command.control_number = ++market.control_number;
    command.day = day;
    return market.control(command);
  }
  Lines advance() { return market.send(AdvancePlan{}); }
  // Enough that a step does not come to their end, each of one lot.
  void enter_many(SessionId session, std::uint32_t first, std::uint32_t count, TimeInForce time) {
    BatchWriter batch;
    Venue::SessionView view = market.view(session);
    for (std::uint32_t i = 0; i < count; ++i) {
      NewOrder made = order(first + i, Side::buy, 500, time);
      made.quantity = 1;
      made.header.session = session;
      made.header.gateway = view.gateway;
      made.header.epoch = view.epoch;
      made.header.stream_number = view.next_stream_number++;
      batch.add(made);
    }
    market.apply(batch);
  }
  static std::string answer(const Lines& lines) { return lines.empty() ? "" : lines.back(); }
  [[nodiscard]] std::uint32_t live() const { return market.venue.books().live_orders(); }

  TestMarket market;
};

TEST_F(DayExpiryTest, DayOrdersGoAndThoseThatAreGoodForLongerStay) {
  enter(1, TimeInForce::day);
  enter(2, TimeInForce::good_till_cancel);
  enter(3, TimeInForce::good_till_date, kToday);
  enter(4, TimeInForce::good_till_date, kTomorrow);
  EXPECT_THAT(end_day(kToday),
              ElementsAre("session 1: canceled 1: 10 gone, 0 left, day over", "feed: delete 1",
                          "session 1: canceled 3: 10 gone, 0 left, day over", "feed: delete 3",
                          "gateway 0: end day 1: done, 2 affected"));
  EXPECT_THAT(end_day(kTomorrow),
              ElementsAre("session 1: canceled 4: 10 gone, 0 left, day over", "feed: delete 4",
                          "gateway 0: end day 2: done, 1 affected"));
  EXPECT_EQ(live(), 1u);
  EXPECT_TRUE(market.reserved(1, 0) == 10 * 500 * TestMarket::kMoneyPerTickLot);
  EXPECT_EQ(market.venue.plan().ended_day, kTomorrow);
}

TEST_F(DayExpiryTest, AnOrderIsNotTakenForADayThatHasEnded) {
  end_day(kToday);
  EXPECT_THAT(enter(1, TimeInForce::good_till_date, kToday),
              ElementsAre("session 1: rejected 1: day has ended"));
  EXPECT_THAT(enter(2, TimeInForce::good_till_date),
              ElementsAre("session 1: rejected 2: malformed"));
  EXPECT_EQ(enter(3, TimeInForce::good_till_date, kTomorrow).size(), 2u);
  EXPECT_EQ(enter(4, TimeInForce::day).size(), 2u) << "it is of the next day";
}

TEST_F(DayExpiryTest, ADayEndsOnceAndInTurnAndByTwoPeople) {
  EXPECT_EQ(answer(end_day(kToday)), "gateway 0: end day 1: done, 0 affected");
  EXPECT_EQ(answer(end_day(kToday)), "gateway 0: end day 2: day has ended, 0 affected");
  EXPECT_EQ(answer(end_day(20261125)), "gateway 0: end day 3: day has ended, 0 affected");
  EXPECT_EQ(answer(end_day(20261131)), "gateway 0: end day 4: malformed, 0 affected");
  EndDay command{};
  command.control_number = 5;
  command.day = kTomorrow;
  approve(command, 0, 1, operator_keys(1));
  EXPECT_EQ(answer(market.send(command)), "gateway 0: end day 5: approval missing, 0 affected");
}

TEST_F(DayExpiryTest, TheDayAHaltLastedUntilTheCloseAndDayOrdersWereLeftForTheNextMorning) {
  enter(1, TimeInForce::day);
  enter(2, TimeInForce::good_till_cancel);
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(end_day(kToday), Contains("session 1: canceled 1: 10 gone, 0 left, day over"));
  EXPECT_EQ(live(), 1u);
  market.set_state(1, InstrumentState::full);
  EXPECT_THAT(market.cancel(1, 2), Contains("feed: delete 2"));
}

TEST_F(DayExpiryTest, WaitingStopsAndOrdersOfAnOpenCallGoToo) {
  market.send(1, TestMarket::stop(1, Side::buy, 10, 510, 505));
  NewStop longer = TestMarket::stop(2, Side::sell, 10, 0, 495);
  longer.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_date);
  longer.last_day = base::day_of(kTomorrow);
  market.send(1, longer);
  SetAuctionRules rules{};
  rules.instrument = 1;
  market.send(rules);
  market.set_state(1, InstrumentState::auction_call);
  market.send(2, order(1, Side::buy, 500, TimeInForce::at_auction));
  market.send(3, order(1, Side::sell, 500, TimeInForce::good_till_cancel));
  EXPECT_THAT(end_day(kToday),
              ElementsAre("session 1: canceled 1: 10 gone, 0 left, day over",
                          "session 2: canceled 1: 10 gone, 0 left, day over", "feed: delete 3",
                          "gateway 0: end day 2: done, 2 affected",
                          "feed: indicative of 1: 0 at 0, surplus 0, reference 0"));
  EXPECT_TRUE(market.reserved(1, 0) == 0);
  EXPECT_TRUE(market.reserved(1, 1) == 10) << "the stop that is good till tomorrow";
}

// Those that trail lie elsewhere: by distance, behind the others of their side.
TEST_F(DayExpiryTest, StopsThatTrailGoBehindTheOthersOfTheirSide) {
  market.sell(2, 1, 1, 500);
  market.buy(3, 1, 1, 500);
  market.send(1, TestMarket::trailing_stop(1, Side::buy, 10, 600, 7));
  market.send(1, TestMarket::trailing_stop(2, Side::buy, 10, 600, 5));
  market.send(1, TestMarket::stop(3, Side::buy, 10, 600, 590));
  market.send(1, TestMarket::trailing_stop(4, Side::sell, 10, 400, 3));
  NewTrailingStop longer = TestMarket::trailing_stop(5, Side::sell, 10, 400, 2);
  longer.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_date);
  longer.last_day = base::day_of(kTomorrow);
  market.send(1, longer);
  EXPECT_THAT(end_day(kToday), ElementsAre("session 1: canceled 3: 10 gone, 0 left, day over",
                                           "session 1: canceled 2: 10 gone, 0 left, day over",
                                           "session 1: canceled 1: 10 gone, 0 left, day over",
                                           "session 1: canceled 4: 10 gone, 0 left, day over",
                                           "gateway 0: end day 1: done, 4 affected"));
  EXPECT_EQ(market.venue.waiting_stops().count(), 1u);
  EXPECT_THAT(end_day(kTomorrow), Contains("session 1: canceled 5: 10 gone, 0 left, day over"));
}

// The search stands among those that trail, and their triggers move.
TEST_F(DayExpiryTest, ASnapshotHoldsThePlaceAmongStopsThatTrail) {
  market.sell(2, 1, 1, 500);
  market.buy(3, 1, 1, 500);
  NewTrailingStop stays = TestMarket::trailing_stop(0, Side::sell, 1, 400, 9);
  stays.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_cancel);
  for (std::uint32_t n = 1; n <= 4'090; ++n) {
    stays.user_reference = n;
    market.send(1, stays);
  }
  for (std::uint32_t n = 4'091; n <= 4'110; ++n) {
    market.send(1, TestMarket::trailing_stop(n, Side::sell, 1, 400, 9));
  }
  EXPECT_EQ(answer(end_day(kToday)), "gateway 0: end day 1: done, 6 affected");
  market.sell(2, 2, 1, 503);
  market.buy(3, 2, 1, 503);
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  EXPECT_EQ(answer(advance()), "gateway 0: advance plan 0: done, 14 affected");
  EXPECT_EQ(market.venue.waiting_stops().count(), 4'090u);
}

TEST_F(DayExpiryTest, AReplacementKeepsWhatItIsGoodForUnlessItSaysOtherwise) {
  enter(1, TimeInForce::good_till_date, kTomorrow);
  ReplaceOrder silent = TestMarket::replacement(1, 2, 20, 501);
  silent.time_in_force = kTimeInForceAsBefore;
  market.send(1, silent);
  enter(3, TimeInForce::good_till_cancel);
  market.send(1, TestMarket::replacement(3, 4, 10, 500));  // says: day
  market.send(1, TestMarket::stop(5, Side::buy, 10, 510, 505));
  ReplaceStop later = TestMarket::stop_replacement(5, 6, 10, 510, 505);
  later.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_date);
  later.last_day = base::day_of(kTomorrow);
  market.send(1, later);
  ReplaceStop silent_stop = TestMarket::stop_replacement(6, 7, 5, 510, 505);
  silent_stop.time_in_force = kTimeInForceAsBefore;
  market.send(1, silent_stop);
  EXPECT_THAT(end_day(kToday),
              ElementsAre("session 1: canceled 4: 10 gone, 0 left, day over", "feed: delete 4",
                          "gateway 0: end day 1: done, 1 affected"));
  EXPECT_THAT(end_day(kTomorrow), Contains("session 1: canceled 7: 5 gone, 0 left, day over"));
}

TEST_F(DayExpiryTest, ADateThatChangesIsAnotherPlaceInTheQueue) {
  enter(1, TimeInForce::good_till_date, kToday);
  ReplaceOrder longer = TestMarket::replacement(1, 2, 10, 500);
  longer.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_date);
  longer.last_day = base::day_of(kTomorrow);
  EXPECT_THAT(market.send(1, longer),
              Contains("session 1: replaced 1 by 2: buy 10 of 1 at 50000, reference 2, lives"));
}

TEST_F(DayExpiryTest, TheDayAMillionOrdersWouldHaveStoodInTheWayOfEverybodyElse) {
  enter_many(1, 1, 4'000, TimeInForce::good_till_cancel);
  enter_many(1, 4'001, 3'000, TimeInForce::day);
  EXPECT_EQ(answer(end_day(kToday)), "gateway 0: end day 1: done, 96 affected");
  EXPECT_TRUE(market.venue.plan().is_ending_day);
  EXPECT_NE(market.venue.plan().next_at_ns, 0u) << "its leader goes on at once";
  EXPECT_EQ(answer(end_day(kTomorrow)), "gateway 0: end day 2: day is ending, 0 affected");
  EXPECT_EQ(answer(advance()), "gateway 0: advance plan 0: done, 2904 affected");
  EXPECT_FALSE(market.venue.plan().is_ending_day);
  EXPECT_EQ(live(), 4'000u);
  EXPECT_EQ(answer(advance()), "gateway 0: advance plan 0: nothing due, 0 affected");
}

TEST_F(DayExpiryTest, BetweenTwoStepsTheMarketGoesOnAndASnapshotHoldsHowFarItCame) {
  enter_many(1, 1, 4'090, TimeInForce::good_till_cancel);
  enter_many(1, 4'091, 20, TimeInForce::day);
  EXPECT_EQ(answer(end_day(kToday)), "gateway 0: end day 1: done, 6 affected");
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  // An order that the search has not come to lives; the place where it stands may go.
  EXPECT_THAT(market.cancel(1, 4'100), Contains(HasSubstr("by member")));
  EXPECT_THAT(market.cancel(1, 4'090), Contains(HasSubstr("by member")));
  enter(4'111, TimeInForce::day);
  EXPECT_EQ(answer(advance()), "gateway 0: advance plan 0: done, 13 affected");
  EXPECT_EQ(live(), 4'089u + 1) << "what came after the end is of the next day";
  EXPECT_EQ(answer(end_day(kTomorrow)), "gateway 0: end day 2: done, 1 affected");
}

TEST_F(DayExpiryTest, AStopWhoseDayIsOverDoesNotGoBeforeTheSearchComesToIt) {
  enter_many(2, 1, 5'000, TimeInForce::good_till_cancel);
  NewStop waits = TestMarket::stop(1, Side::buy, 10, 510, 505);
  waits.instrument = 2;
  market.send(1, waits);
  waits.user_reference = 2;
  waits.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_cancel);
  market.send(1, waits);
  end_day(kToday);
  ASSERT_TRUE(market.venue.plan().is_ending_day);
  NewOrder sell = TestMarket::order(1, Side::sell, 10, 505, 2);
  market.send(3, sell);
  const Lines lines = market.send(2, TestMarket::order(5'001, Side::buy, 10, 505, 2));
  EXPECT_THAT(lines, Contains("session 1: canceled 1: 10 gone, 0 left, day over"));
  EXPECT_THAT(lines, Contains(HasSubstr("session 1: triggered 2")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("session 1: triggered 1"))));
}

TEST_F(DayExpiryTest, ADayPlanEndsItsDay) {
  enter(1, TimeInForce::day);
  SetTradingPlan plan{};
  plan.control_number = 1;
  plan.day = kToday;
  plan.count = 2;
  plan.phases[0].at_ns = market.now_ns + 1'000;
  plan.phases[0].state = InstrumentState::closed;
  plan.phases[1].at_ns = market.now_ns + 2'000;
  plan.phases[1].state = kDayEnd;
  SetTradingPlan wrong = plan;
  std::swap(wrong.phases[0].state, wrong.phases[1].state);
  EXPECT_EQ(answer(market.control(wrong)), "gateway 0: set trading plan 1: malformed, 2 affected")
      << "it is the last phase";
  wrong = plan;
  wrong.day = 0;
  EXPECT_EQ(answer(market.control(wrong)), "gateway 0: set trading plan 1: malformed, 2 affected");
  EXPECT_EQ(answer(market.control(plan)), "gateway 0: set trading plan 1: done, 2 affected");
  EXPECT_THAT(advance(), Not(Contains(HasSubstr("day over"))));
  market.now_ns += 4 * 3'600'000'000'000;
  EXPECT_THAT(advance(), Contains("session 1: canceled 1: 10 gone, 0 left, day over"))
      << "however late";
  plan.control_number = 2;
  plan.phases[0].at_ns = market.now_ns + 1'000;
  plan.phases[1].at_ns = market.now_ns + 2'000;
  EXPECT_EQ(answer(market.control(plan)),
            "gateway 0: set trading plan 2: day has ended, 2 affected");
}

}  // namespace
}  // namespace okiagari::venue

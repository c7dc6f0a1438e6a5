// Goal: an iceberg shows its peak and no more to anybody but its owner, holds back what all of it
// costs, and leaves as a whole, whatever happens to its market. How it queues is of
// market/iceberg_test; random icebergs among everything else are in venue_test.
#include "venue/icebergs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using market::TimeInForce;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class IcebergsTest : public testing::Test {
 protected:
  IcebergsTest() : market(small_steps()) { market.add_operators(); }

  static Limits small_steps() {
    Limits limits;
    limits.steps.day_end_looks = 1;
    return limits;
  }
  // Ten lots of session 1, four of them shown.
  Lines enter(Side side = Side::sell, std::uint32_t reference = 1) {
    return market.send(1, TestMarket::iceberg(reference, side, 10, 500, 4));
  }
  Lines end_day() {
    EndDay command{};
    command.control_number = ++market.control_number;
    command.day = 20261126;
    return market.control(command);
  }

  TestMarket market;
};

TEST_F(IcebergsTest, WhoSweepsItTakesPeakAfterPeakAndTheFeedSeesEachAsANewOrder) {
  EXPECT_THAT(enter(),
              ElementsAre("session 1: accepted 1: sell 10 of 1 at 50000, reference 1, lives, "
                          "shows 4",
                          "feed: add 1: sell 4 of 1 at 50000"));
  market.sell(2, 1, 3, 500);
  EXPECT_THAT(
      market.buy(3, 1, 12, 500),
      ElementsAre(
          "session 3: accepted 1: buy 12 of 1 at 50000, reference 3",
          "session 1: executed 1: 4 at 50000, 6 left, match 1",
          "session 3: executed 1: 4 at 50000, 8 left, match 1, aggressor",
          "feed: execute 1: 4, match 1", "session 1: shown 1: 4, reference 4",
          "feed: add 4: sell 4 of 1 at 50000", "session 2: executed 1: 3 at 50000, 0 left, match 2",
          "session 3: executed 1: 3 at 50000, 5 left, match 2, aggressor",
          "feed: execute 2: 3, match 2", "session 1: executed 1: 4 at 50000, 2 left, match 3",
          "session 3: executed 1: 4 at 50000, 1 left, match 3, aggressor",
          "feed: execute 4: 4, match 3", "session 1: shown 1: 2, reference 5",
          "feed: add 5: sell 2 of 1 at 50000", "session 1: executed 1: 1 at 50000, 1 left, match 4",
          "session 3: executed 1: 1 at 50000, 0 left, match 4, aggressor",
          "feed: execute 5: 1, match 4"));
  EXPECT_TRUE(market.reserved(1, 1) == 1);
  EXPECT_THAT(market.buy(3, 2, 5, 400), Contains("feed: add 6: buy 5 of 1 at 40000"))
      << "no number is given twice";
}

// The incoming order's number is older than those of the peaks that it brought out.
TEST_F(IcebergsTest, WhoTradesWithOneAndRestsKeepsTheNumberThatItWasToldFirst) {
  enter();
  const Lines lines = market.send(2, TestMarket::iceberg(1, Side::buy, 30, 505, 7));
  EXPECT_EQ(lines.front(),
            "session 2: accepted 1: buy 30 of 1 at 50500, reference 2, lives, shows 7");
  EXPECT_EQ(lines.back(), "feed: add 2: buy 7 of 1 at 50500");
  Venue restored{small_steps()};
  ASSERT_TRUE(restored.load_snapshot(base::as_bytes(market.snapshot())).ok());
}

TEST_F(IcebergsTest, ItHoldsBackWhatAllOfItCosts) {
  enter(Side::buy);
  EXPECT_TRUE(market.reserved(1, 0) == 10 * 500 * TestMarket::kMoneyPerTickLot);
  NewIceberg more = TestMarket::iceberg(2, Side::sell, TestMarket::kLots + 1, 600, 9'999);
  EXPECT_THAT(market.send(1, more), ElementsAre("session 1: rejected 2: insufficient position"));
}

TEST_F(IcebergsTest, WhatCannotBeOneIsRefusedWithItsReason) {
  const auto refusal = [&](auto change) {
    NewIceberg made =
        TestMarket::iceberg(market.view(1).next_user_reference, Side::sell, 100, 500, 1);
    change(made);
    const Lines lines = market.send(1, made);
    return lines.front().substr(lines.front().rfind(": ") + 2);
  };
  EXPECT_EQ(refusal([](NewIceberg& made) { made.display = 0; }), "malformed");
  EXPECT_EQ(refusal([](NewIceberg& made) { made.price_type = 1; }), "not supported");
  for (const TimeInForce time : {TimeInForce::immediate_or_cancel, TimeInForce::fill_or_kill}) {
    EXPECT_EQ(
        refusal([&](NewIceberg& made) { made.time_in_force = static_cast<std::uint8_t>(time); }),
        "not supported");
  }
  EXPECT_EQ(refusal([](NewIceberg& made) { made.quantity = 101; }), "too many peaks");
  EXPECT_THAT(refusal([](NewIceberg&) {}), HasSubstr("shows 1")) << "a hundred peaks";
}

TEST_F(IcebergsTest, APartialCancelTakesWhatIsHiddenFirstAndTheFeedDoesNotSeeIt) {
  enter();
  EXPECT_THAT(market.cancel(1, 1, 5),
              ElementsAre("session 1: canceled 1: 5 gone, 5 left, by member"));
  EXPECT_THAT(
      market.cancel(1, 1, 3),
      ElementsAre("session 1: canceled 1: 2 gone, 3 left, by member", "feed: reduce 1: by 1"));
  EXPECT_TRUE(market.reserved(1, 1) == 3);
}

TEST_F(IcebergsTest, AReplacementKeepsThePeakAndItsPlaceUnlessItSaysOtherwise) {
  enter();
  market.sell(2, 1, 3, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 6, 500)),
              ElementsAre("session 1: replaced 1 by 2: sell 6 of 1 at 50000, reference 1, lives, "
                          "shows 4"));
  EXPECT_THAT(market.send(1, TestMarket::iceberg_replacement(2, 3, 6, 500, 3)),
              ElementsAre("session 1: replaced 2 by 3: sell 6 of 1 at 50000, reference 3, lives, "
                          "shows 3",
                          "feed: replace 1 by 3: 3 at 50000"));
  EXPECT_THAT(market.send(1, TestMarket::replacement(3, 4, 500, 500)),
              ElementsAre("session 1: rejected 4: too many peaks"));
  EXPECT_THAT(market.send(1, TestMarket::iceberg_replacement(3, 5, 6, 500, 0)),
              ElementsAre("session 1: replaced 3 by 5: sell 6 of 1 at 50000, reference 4, lives",
                          "feed: replace 3 by 4: 6 at 50000"));
  EXPECT_THAT(market.send(2, TestMarket::iceberg_replacement(1, 2, 3, 500, 2)),
              Contains("feed: replace 2 by 5: 2 at 50000"))
      << "any order may become one";
  EXPECT_THAT(market.buy(3, 1, 1, 500), Contains(HasSubstr("session 1: executed 5")));
}

TEST_F(IcebergsTest, WhatItHasExecutedCountsInItsReplacement) {
  enter();
  market.buy(2, 1, 6, 500);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 9, 500)),
              Contains(HasSubstr("replaced 1 by 2: sell 3 of 1")));
  EXPECT_THAT(market.send(1, TestMarket::replacement(2, 3, 6, 500)),
              ElementsAre("session 1: canceled 2: 3 gone, 0 left, by member", "feed: delete 3"));
  EXPECT_TRUE(market.reserved(1, 1) == 0);
}

TEST_F(IcebergsTest, SelfTradePreventionTakesAllOfItOut) {
  enter();
  NewOrder own = TestMarket::order(1, Side::buy, 2, 500);
  own.self_trade = static_cast<std::uint8_t>(market::SelfTradePrevention::cancel_oldest);
  const Lines lines = market.send(4, own);
  EXPECT_THAT(lines, Contains("session 1: canceled 1: 10 gone, 0 left, self trade"));
  EXPECT_THAT(lines, Contains("feed: delete 1"));
  EXPECT_TRUE(market.reserved(1, 1) == 0);
}

TEST_F(IcebergsTest, InAHaltItStaysAndCancelsOfAnyKindTakeAllOfItOut) {
  enter();
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: state forbids"));
  market.set_state(1, InstrumentState::cancel_only);
  MassCancel all{};
  all.side = 2;
  EXPECT_THAT(market.send(1, all),
              ElementsAre("session 1: canceled 1: 10 gone, 0 left, by member", "feed: delete 1"));
  market.set_state(1, InstrumentState::full);
  market.send(TestMarket::login(1, 1, 77, true));
  enter(Side::sell, 2);
  EXPECT_THAT(market.send(market.logout(1, LogoutReason::absent)),
              Contains("session 1: canceled 2: 10 gone, 0 left, session absent"));
  EXPECT_TRUE(market.reserved(1, 1) == 0);
}

TEST_F(IcebergsTest, InACallAllOfItCountsAndAfterItThePeakIsShown) {
  SetAuctionRules rules{};
  rules.instrument = 1;
  rules.base_price = 500;
  market.send(rules);
  market.set_state(1, InstrumentState::auction_call);
  market.send(1, TestMarket::iceberg(1, Side::buy, 10, 505, 4));
  EXPECT_THAT(market.sell(2, 1, 7, 505),
              Contains("feed: indicative of 1: 7 at 50500, surplus 3, reference 50000"));
  EXPECT_THAT(market.cancel(1, 1, 9),
              Contains("feed: indicative of 1: 7 at 50500, surplus 2, reference 50000"));
  const Lines lines = market.set_state(1, InstrumentState::full);
  EXPECT_THAT(lines,
              Contains("session 1: executed 1: 7 at 50500, 2 left, match 1, in the auction"));
  EXPECT_THAT(lines, Contains("feed: execute 1: 4 at 50500, match 1"));
  EXPECT_THAT(lines, Contains("session 1: shown 1: 2, reference 3"));
  EXPECT_THAT(lines, Contains("feed: add 3: buy 2 of 1 at 50500"));
  EXPECT_THAT(lines, Contains("feed: cross of 1: 7 at 50500, match 1"));
}

TEST_F(IcebergsTest, OneWhoseDayIsOverShowsNothingMoreBeforeTheSearchComesToIt) {
  NewOrder first = TestMarket::order(1, Side::buy, 1, 400);
  first.time_in_force = static_cast<std::uint8_t>(TimeInForce::good_till_cancel);
  market.send(2, first);
  first.user_reference = 2;
  market.send(2, first);
  enter();
  NewIceberg for_good = TestMarket::iceberg(2, Side::sell, 10, 500, 4);
  for_good.time_in_force = first.time_in_force;
  market.send(1, for_good);
  end_day();
  ASSERT_TRUE(market.venue.plan().is_ending_day);
  const Lines lines = market.buy(3, 1, 9, 500);
  EXPECT_THAT(lines, Contains("session 1: canceled 1: 6 gone, 0 left, day over"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("session 1: shown 1"))));
  EXPECT_THAT(lines, Contains("session 1: shown 2: 4, reference 6"));
  EXPECT_TRUE(market.reserved(1, 1) == 5);
  for (int step = 0; market.venue.plan().is_ending_day && step < 100; ++step) {
    market.send(AdvancePlan{});
  }
  EXPECT_EQ(market.venue.books().live_orders(), 3u);
}

TEST_F(IcebergsTest, ReplicasAgreeWhenOneCameFromASnapshotInTheMiddleOfItsLife) {
  enter();
  market.sell(2, 1, 3, 500);
  market.buy(3, 1, 5, 500);
  TestMarket other(small_steps());
  const std::string written = market.snapshot();
  ASSERT_TRUE(other.venue.load_snapshot(base::as_bytes(written)).ok());
  EXPECT_EQ(other.snapshot(), written);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    BatchWriter batch;
    batch.add(market.in_stream(
        3, TestMarket::order(1 + static_cast<std::uint32_t>(number), Side::buy, 2, 500)));
    CheckpointInSteps checkpoint{};
    checkpoint.number = number;
    checkpoint.orders_max = 1;
    batch.add(checkpoint);
    base::ByteWriter here;
    base::ByteWriter there;
    market.venue.apply_batch(batch.finish(++market.now_ns), here);
    other.venue.apply_batch(batch.finish(market.now_ns), there);
    EXPECT_EQ(base::as_text(here.view()), base::as_text(there.view()));
    EXPECT_EQ(market.venue.last_checkpoint().scrub_hash, other.venue.last_checkpoint().scrub_hash);
  }
  EXPECT_EQ(market.snapshot(), other.snapshot());
}

TEST_F(IcebergsTest, AQuarantinedOneUsesUpItsNumberAndStopsItsInstrument) {
  Quarantine quarantine{};
  quarantine.sequence = market.venue.last_sequence() + 2;
  market.send(quarantine);
  const Lines lines = enter();
  EXPECT_THAT(lines, Contains("session 1: rejected 1: quarantined"));
  EXPECT_THAT(lines, Contains("feed: state of 1: halted, reason 19"));
}

}  // namespace
}  // namespace okiagari::venue

// Goal: a stop order waits beside the book like an order of its owner's: with money held back,
// numbers, replacements and cancels of every kind, and nobody else sees it. When it goes is in
// stop_triggers_test.
#include "venue/stop_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StopEntryTest : public testing::Test {
 protected:
  StopEntryTest() { market.add_operators(); }

  Lines stop(std::uint32_t reference, Side side, std::uint32_t price, std::uint32_t trigger) {
    return market.send(1, TestMarket::stop(reference, side, 10, price, trigger));
  }
  static constexpr std::int64_t kMoney = TestMarket::kMoneyPerTickLot;

  TestMarket market;
};

TEST_F(StopEntryTest, ItIsAcceptedAndNoFeedKnows) {
  EXPECT_THAT(stop(1, Side::buy, 510, 505),
              ElementsAre("session 1: stop accepted 1: buy 10 of 1 at 51000 from 50500, "
                          "reference 1"));
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
  EXPECT_EQ(market.venue.last_feed_number(), 5u) << "the listing, and nothing since";
}

TEST_F(StopEntryTest, ItHoldsBackWhatItMayCost) {
  stop(1, Side::buy, 510, 505);
  EXPECT_TRUE(market.reserved(1, 0) == 10 * 510 * kMoney);
  stop(2, Side::buy, 0, 505);
  EXPECT_TRUE(market.reserved(1, 0) == 10 * (510 + TestMarket::kHighLimit) * kMoney)
      << "at market it may have to pay the day's highest price";
  stop(3, Side::sell, 0, 495);
  EXPECT_TRUE(market.reserved(1, 1) == 10);
  NewStop too_large = TestMarket::stop(4, Side::sell, TestMarket::kLots - 9, 0, 495);
  EXPECT_THAT(market.send(1, too_large),
              ElementsAre("session 1: rejected 4: insufficient position"));
  market.cancel(1, 1);
  market.cancel(1, 2, 4);
  EXPECT_TRUE(market.reserved(1, 0) == 4 * TestMarket::kHighLimit * kMoney);
}

TEST_F(StopEntryTest, WhatCannotWaitOrCannotBecomeAnOrderIsRefused) {
  NewStop command = TestMarket::stop(1, Side::buy, 10, 510, 505);
  command.time_in_force = 2;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 1: not supported"));
  command.user_reference = 2;
  command.time_in_force = 0;
  command.post_only = 1;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 2: not supported"));
  command.user_reference = 3;
  command.post_only = 0;
  command.trigger_e4 += 1;
  EXPECT_THAT(market.send(1, command), ElementsAre("session 1: rejected 3: price off tick"));
  EXPECT_THAT(stop(4, Side::buy, 510, 1'001),
              ElementsAre("session 1: rejected 4: price out of limits"));
  market.set_state(1, InstrumentState::cancel_only);
  EXPECT_THAT(stop(5, Side::buy, 510, 505), ElementsAre("session 1: rejected 5: state forbids"));
  market.set_state(1, InstrumentState::auction_call);
  EXPECT_THAT(stop(6, Side::buy, 510, 505), ElementsAre("session 1: rejected 6: not supported"))
      << "the instrument has no calls";
}

TEST_F(StopEntryTest, ItIsCancelledLikeAnOrderAndOnlyItsOwnerIsTold) {
  stop(1, Side::buy, 510, 505);
  EXPECT_THAT(market.cancel(1, 1, 4),
              ElementsAre("session 1: canceled 1: 6 gone, 4 left, by member"));
  EXPECT_THAT(market.cancel(1, 1, 4), IsEmpty()) << "so it is already";
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: state forbids"));
  market.set_state(1, InstrumentState::full);
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: canceled 1: 4 gone, 0 left, by member"));
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: unknown order"));
  EXPECT_TRUE(market.reserved(1, 0) == 0);
}

TEST_F(StopEntryTest, AMassCancelTakesOrdersFirstThenThoseThatWait) {
  stop(1, Side::buy, 510, 505);
  market.buy(1, 2, 10, 490);
  stop(3, Side::sell, 0, 480);
  MassCancel all{};
  all.side = 0;
  EXPECT_THAT(market.send(1, all),
              ElementsAre("session 1: canceled 2: 10 gone, 0 left, by member", "feed: delete 2",
                          "session 1: canceled 1: 10 gone, 0 left, by member"));
  all.side = 2;
  EXPECT_THAT(market.send(1, all),
              ElementsAre("session 1: canceled 3: 10 gone, 0 left, by member"));
}

TEST_F(StopEntryTest, CancelOnDisconnectTakesItAndAHaltedBookOwesIt) {
  market.send(TestMarket::login(1, 1, 77, true));
  stop(1, Side::buy, 510, 505);
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(market.send(market.logout(1, LogoutReason::absent)),
              ElementsAre(HasSubstr("done, 0 affected")));
  EXPECT_THAT(market.set_state(1, InstrumentState::cancel_only),
              Contains("session 1: canceled 1: 10 gone, 0 left, session absent"));
}

TEST_F(StopEntryTest, AReplacementKeepsItsPlaceOnlyWhenNothingButItsSizeGoesDown) {
  stop(1, Side::buy, 510, 505);
  stop(2, Side::buy, 510, 505);
  EXPECT_THAT(market.send(1, TestMarket::stop_replacement(1, 3, 4, 510, 505)),
              ElementsAre("session 1: stop replaced 1 by 3: buy 4 of 1 at 51000 from 50500, "
                          "reference 1"));
  EXPECT_TRUE(market.reserved(1, 0) == 14 * 510 * kMoney);
  EXPECT_THAT(market.send(1, TestMarket::stop_replacement(3, 4, 4, 520, 505)),
              ElementsAre("session 1: stop replaced 3 by 4: buy 4 of 1 at 52000 from 50500, "
                          "reference 3"));
  EXPECT_TRUE(market.reserved(1, 0) == (10 * 510 + 4 * 520) * kMoney);
}

TEST_F(StopEntryTest, ARefusedReplacementLeavesItAsItWas) {
  stop(1, Side::sell, 490, 495);
  EXPECT_THAT(market.send(1, TestMarket::stop_replacement(1, 2, TestMarket::kLots + 1, 490, 495)),
              ElementsAre("session 1: rejected 2: insufficient position"));
  EXPECT_TRUE(market.reserved(1, 1) == 10);
  EXPECT_THAT(market.cancel(1, 1),
              ElementsAre("session 1: canceled 1: 10 gone, 0 left, by member"));
}

// Each names what it replaces: a stop that has gone is an order, and its trigger is no more.
TEST_F(StopEntryTest, AReplacementOfTheOtherKindFindsNoOrder) {
  stop(1, Side::buy, 510, 505);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 10, 510)),
              ElementsAre("session 1: rejected 2: unknown order"));
  market.buy(1, 3, 10, 490);
  EXPECT_THAT(market.send(1, TestMarket::stop_replacement(3, 4, 10, 510, 505)),
              ElementsAre("session 1: rejected 4: unknown order"));
}

TEST_F(StopEntryTest, ANumberIsUsedUpByAStopAsByAnOrder) {
  stop(1, Side::buy, 510, 505);
  EXPECT_THAT(stop(1, Side::buy, 510, 505), IsEmpty()) << "a repeat";
  EXPECT_THAT(market.buy(1, 1, 10, 490), IsEmpty()) << "a repeat";
}

TEST_F(StopEntryTest, WhoIsQuarantinedLosesItsNumberAndItsInstrumentIsHalted) {
  Quarantine quarantine{};
  quarantine.sequence = market.venue.last_sequence() + 2;
  market.send(quarantine);
  EXPECT_THAT(stop(1, Side::buy, 510, 505), Contains("session 1: rejected 1: quarantined"));
  Venue::InstrumentView view;
  ASSERT_TRUE(market.venue.instrument(1, view));
  EXPECT_EQ(view.state, InstrumentState::halted);
}

TEST_F(StopEntryTest, ASnapshotHasWhatWaitsInItsPlace) {
  stop(1, Side::buy, 510, 505);
  stop(2, Side::sell, 0, 480);
  stop(3, Side::buy, 0, 505);
  const std::string written = market.snapshot();
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(written));
  ASSERT_TRUE(status.ok()) << status.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(market.snapshot(), written);
  EXPECT_THAT(market.cancel(1, 3),
              ElementsAre("session 1: canceled 3: 10 gone, 0 left, by member"));
}

}  // namespace
}  // namespace okiagari::venue

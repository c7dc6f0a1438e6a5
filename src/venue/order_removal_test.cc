#include "venue/order_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MassCancel mass_cancellation(std::uint32_t reference, InstrumentId instrument = 0,
                             std::uint8_t side = 2) {
  MassCancel command{};
  command.user_reference = reference;
  command.instrument = instrument;
  command.side = side;
  return command;
}

class OrderRemovalTest : public testing::Test {
 protected:
  TestMarket market;
};

TEST_F(OrderRemovalTest, ACancelTakesTheOrderOutAndFreesItsMoney) {
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.cancel(1, 1),
              ElementsAre("session 1: canceled 1: 10 gone, 0 left, by member", "feed: delete 1"));
  EXPECT_EQ(market.reserved(1, 0), 0);
}

TEST_F(OrderRemovalTest, ACancelOfAFilledOrderIsNotAcknowledged) {
  market.sell(2, 1, 10, 500);
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.cancel(2, 1), ElementsAre("session 2: cancel rejected 1: unknown order"));
  EXPECT_THAT(market.cancel(1, 99), ElementsAre("session 1: cancel rejected 99: unknown order"));
}

TEST_F(OrderRemovalTest, OrdersOfOthersCannotBeCancelled) {
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.cancel(2, 1), ElementsAre("session 2: cancel rejected 1: unknown order"));
  EXPECT_THAT(market.cancel(4, 1), ElementsAre("session 4: cancel rejected 1: unknown order"));
}

// The size asked for is what shall be left, so that a cancel which is sent twice takes away once.
TEST_F(OrderRemovalTest, APartialCancelIsIdempotentAndKeepsThePlace) {
  market.sell(1, 1, 10, 500);
  market.sell(2, 1, 10, 500);
  EXPECT_THAT(
      market.cancel(1, 1, 4),
      ElementsAre("session 1: canceled 1: 6 gone, 4 left, by member", "feed: reduce 1: by 6"));
  EXPECT_THAT(market.cancel(1, 1, 4), IsEmpty());
  EXPECT_THAT(market.cancel(1, 1, 1'000), IsEmpty());
  EXPECT_EQ(market.reserved(1, 1), 4);
  EXPECT_EQ(market.buy(3, 1, 4, 500)[1], "session 1: executed 1: 4 at 50000, 0 left, match 1");
}

TEST_F(OrderRemovalTest, AMassCancelTakesWhatItNamesOldestFirst) {
  market.buy(1, 1, 1, 500);
  market.sell(1, 2, 2, 510);
  market.send(1, TestMarket::order(3, Side::buy, 3, 505, 2));
  market.buy(2, 1, 5, 400);
  EXPECT_THAT(market.send(1, mass_cancellation(4, 1, 1)),
              ElementsAre("session 1: canceled 2: 2 gone, 0 left, by member", "feed: delete 2"));
  EXPECT_THAT(market.send(1, mass_cancellation(5)),
              ElementsAre("session 1: canceled 1: 1 gone, 0 left, by member", "feed: delete 1",
                          "session 1: canceled 3: 3 gone, 0 left, by member", "feed: delete 3"));
  EXPECT_THAT(market.send(1, mass_cancellation(6)), IsEmpty());
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

// It would take out what was entered since.
TEST_F(OrderRemovalTest, AMassCancelThatIsSentAgainDoesNothing) {
  market.buy(1, 1, 1, 500);
  EXPECT_EQ(market.send(1, mass_cancellation(2)).size(), 2u);
  market.buy(1, 3, 1, 500);
  EXPECT_THAT(market.send(1, mass_cancellation(2)), IsEmpty());
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
  market.buy(1, 6, 1, 500);
  EXPECT_THAT(market.send(1, mass_cancellation(5)),
              ElementsAre("session 1: cancel rejected 5: number never arrived"));
}

TEST_F(OrderRemovalTest, AWrongMassCancelHasItsReason) {
  market.buy(1, 1, 1, 500);
  EXPECT_THAT(market.send(1, mass_cancellation(2, 9)),
              ElementsAre("session 1: cancel rejected 2: unknown instrument"));
  EXPECT_THAT(market.send(1, mass_cancellation(3, 0, 3)),
              ElementsAre("session 1: cancel rejected 3: malformed"));
}

TEST_F(OrderRemovalTest, AHaltedBookKeepsItsOrders) {
  market.add_operators();
  market.buy(1, 1, 1, 500);
  market.send(1, TestMarket::order(2, Side::buy, 3, 505, 2));
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: state forbids"));
  EXPECT_THAT(market.send(1, mass_cancellation(3)),
              ElementsAre("session 1: canceled 2: 3 gone, 0 left, by member", "feed: delete 2",
                          "session 1: cancel rejected 3: state forbids"));
}

TEST_F(OrderRemovalTest, InEveryOtherStateCancelsGetIn) {
  market.add_operators();
  const InstrumentState states[] = {InstrumentState::cancel_only,  InstrumentState::post_only,
                                    InstrumentState::auction_call, InstrumentState::limit_only,
                                    InstrumentState::full,         InstrumentState::closed};
  std::uint32_t reference = 0;
  for (const InstrumentState state : states) {
    market.buy(1, ++reference, 1, 500);
    market.set_state(1, state);
    EXPECT_EQ(market.cancel(1, reference).size(), 2u);
    market.set_state(1, InstrumentState::full);
  }
}

}  // namespace
}  // namespace okiagari::venue

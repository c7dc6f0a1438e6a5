#include "venue/session_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SessionControlTest : public testing::Test {
 protected:
  TestMarket market;
};

TEST_F(SessionControlTest, AnotherGatewaysLogInFencesTheFirst) {
  market.buy(1, 1, 10, 500);
  NewOrder late = market.in_stream(1, TestMarket::order(2, Side::buy, 10, 500));
  EXPECT_THAT(market.send(TestMarket::login(1, 2, 77)),
              ElementsAre("gateway 1 about session 1: fenced: epoch 1",
                          "gateway 2 about session 1: login accepted: epoch 2, next message 2, "
                          "next reference 2"));
  // What the first gateway still has under way is not applied.
  EXPECT_THAT(market.send(late), ElementsAre("gateway 1 about session 1: fenced: epoch 1"));
  late.header.epoch = 2;
  EXPECT_THAT(market.send(late), ElementsAre("gateway 1 about session 1: fenced: epoch 2"));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
  // Messages go to the second one from now on, in the same numbers.
  EXPECT_EQ(market.cancel(1, 1)[0], "session 1: canceled 1: 10 gone, 0 left, by member");
  market.for_each_event([](base::Bytes event) {
    EventHeader header;
    std::memcpy(&header, event.data(), sizeof header);
    if (header.session_number != 0) {
      EXPECT_EQ(header.gateway, 2);
      EXPECT_EQ(header.session_number, 2u);
      EXPECT_EQ(header.stream_number, 1u);
    }
  });
}

TEST_F(SessionControlTest, ALogInThatIsSentAgainKeepsItsEpoch) {
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(market.send(TestMarket::login(1, 1, 1)),
              ElementsAre("gateway 1 about session 1: login accepted: epoch 1, next message 2, "
                          "next reference 2"));
  EXPECT_EQ(market.view(1).next_stream_number, 2u);
  EXPECT_THAT(market.send(TestMarket::login(1, 1, 2)),
              ElementsAre("gateway 1 about session 1: login accepted: epoch 2, next message 2, "
                          "next reference 2"));
  EXPECT_EQ(market.view(1).next_stream_number, 1u);
}

// A gateway that sends everything again after a fail-over must not take the session back.
TEST_F(SessionControlTest, AnOldLogInDoesNotFenceTheNewerOne) {
  market.send(TestMarket::login(1, 2, 77));
  EXPECT_THAT(market.send(TestMarket::login(1, 1, 1)),
              ElementsAre("gateway 1 about session 1: fenced: epoch 1"));
  EXPECT_EQ(market.view(1).gateway, 2);
}

TEST_F(SessionControlTest, ALogInThatEndedIsNotRevived) {
  market.send(market.logout(1, LogoutReason::by_member));
  EXPECT_THAT(market.send(TestMarket::login(1, 1, 1)),
              ElementsAre("gateway 1 about session 1: fenced: epoch 1"));
  EXPECT_EQ(market.view(1).gateway, 0);
}

TEST_F(SessionControlTest, WrongLogInsAreRefused) {
  EXPECT_THAT(market.send(TestMarket::login(9, 1, 5)),
              ElementsAre("gateway 1 about session 9: login refused: unknown session"));
  Login odd = TestMarket::login(1, 1, 5);
  odd.cancel_on_disconnect = 2;
  EXPECT_THAT(market.send(odd), ElementsAre("gateway 1 about session 1: login refused: malformed"));
  EXPECT_EQ(market.send(TestMarket::login(1, 0, 5)).size(), 1u);
  EXPECT_EQ(market.view(1).epoch, 1u);
}

TEST_F(SessionControlTest, AGapInTheStreamIsNamedOnceABatchAndRefused) {
  BatchWriter batch;
  NewOrder order = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
  batch.add(order);
  order.header.stream_number = 3;
  order.user_reference = 3;
  batch.add(order);
  order.header.stream_number = 4;
  order.user_reference = 4;
  batch.add(order);
  EXPECT_THAT(market.apply(batch),
              ElementsAre("session 1: accepted 1: buy 10 of 1 at 50000, reference 1, lives",
                          "feed: add 1: buy 10 of 1 at 50000",
                          "gateway 1 about session 1: gap: expected 2 of epoch 1",
                          "gateway 1 about session 1: decided: 1 of epoch 1"));
  EXPECT_EQ(market.view(1).next_user_reference, 2u);
}

TEST_F(SessionControlTest, ARepeatInTheStreamIsOnlyMarked) {
  const NewOrder order = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
  market.send(order);
  BatchWriter batch;
  batch.add(order);
  EXPECT_THAT(market.apply(batch), ElementsAre("gateway 1 about session 1: decided: 1 of epoch 1"));
}

TEST_F(SessionControlTest, OneMarkForEachSessionOfABatchInTheOrderOfTheirFirstCommands) {
  BatchWriter batch;
  NewOrder of_3 = market.in_stream(3, TestMarket::order(1, Side::buy, 10, 500));
  NewOrder of_1 = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
  batch.add(of_3);
  batch.add(of_1);
  of_3.header.stream_number = 2;
  of_3.user_reference = 2;
  batch.add(of_3);
  const Lines lines = market.apply(batch);
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[6], "gateway 1 about session 3: decided: 2 of epoch 1");
  EXPECT_EQ(lines[7], "gateway 1 about session 1: decided: 1 of epoch 1");
}

TEST_F(SessionControlTest, CommandsOfNobodyAreRefused) {
  NewOrder order = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
  order.header.session = 9;
  EXPECT_THAT(market.send(order),
              ElementsAre("gateway 1 about session 9: new order 0: unknown session, 0 affected"));
}

TEST_F(SessionControlTest, AfterTheLogOutNothingIsApplied) {
  const NewOrder order = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
  EXPECT_THAT(market.send(market.logout(1, LogoutReason::by_member)),
              ElementsAre("gateway 1 about session 1: logout 1: done, 0 affected"));
  EXPECT_THAT(market.send(order), ElementsAre("gateway 1 about session 1: fenced: epoch 1"));
}

TEST_F(SessionControlTest, ALogOutOfAnOlderEpochEndsNothing) {
  const Logout late = market.logout(1, LogoutReason::absent);
  market.send(TestMarket::login(1, 2, 77));
  EXPECT_THAT(market.send(late), ElementsAre("gateway 1 about session 1: fenced: epoch 1"));
  Logout spoofed = market.logout(1, LogoutReason::absent);
  spoofed.header.gateway = 1;
  EXPECT_THAT(market.send(spoofed), ElementsAre("gateway 1 about session 1: fenced: epoch 2"));
  EXPECT_EQ(market.view(1).gateway, 2);
}

TEST_F(SessionControlTest, TheOperatorEndsAnySession) {
  market.buy(1, 1, 10, 500);
  Logout by_operator = market.logout(1, LogoutReason::by_operator);
  by_operator.header.gateway = 0;
  EXPECT_THAT(market.send(by_operator),
              ElementsAre("gateway 1 about session 1: fenced: epoch 1",
                          "gateway 0 about session 1: logout 1: done, 0 affected"));
  EXPECT_THAT(market.send(by_operator),
              ElementsAre("gateway 0 about session 1: logout 1: done, 0 affected"));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

TEST_F(SessionControlTest, WhoStaysAwayHasHisOrdersCancelledIfHeAskedForIt) {
  market.buy(1, 1, 10, 500);
  market.send(market.logout(1, LogoutReason::absent));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);

  market.send(TestMarket::login(1, 1, 50, true));
  market.buy(1, 2, 10, 490);
  EXPECT_THAT(
      market.send(market.logout(1, LogoutReason::absent)),
      ElementsAre("session 1: canceled 1: 10 gone, 0 left, session absent", "feed: delete 1",
                  "session 1: canceled 2: 10 gone, 0 left, session absent", "feed: delete 2",
                  "gateway 1 about session 1: logout 2: done, 2 affected"));
  EXPECT_EQ(market.reserved(1, 0), 0);
}

TEST_F(SessionControlTest, HisMessagesWaitForHimInTheirNumbers) {
  market.send(market.logout(1, LogoutReason::absent));
  market.send(TestMarket::login(1, 1, 50, true));
  market.buy(1, 1, 10, 500);
  market.send(market.logout(1, LogoutReason::absent));
  market.for_each_event([](base::Bytes event) {
    EventHeader header;
    std::memcpy(&header, event.data(), sizeof header);
    if (header.session_number != 0) {
      EXPECT_EQ(header.gateway, 0);
      EXPECT_EQ(header.session_number, 2u);
    }
  });
  EXPECT_EQ(market.send(TestMarket::login(1, 2, 51))[0],
            "gateway 2 about session 1: login accepted: epoch 3, next message 3, next reference 2");
}

TEST_F(SessionControlTest, OrdersInAHaltedBookAreCancelledWhenItTakesCancelsAgain) {
  market.add_operators();
  market.send(TestMarket::login(1, 1, 50, true));
  market.buy(1, 1, 10, 500);
  market.send(1, TestMarket::order(2, Side::buy, 3, 505, 2));
  market.set_state(1, InstrumentState::halted);
  EXPECT_THAT(market.send(market.logout(1, LogoutReason::absent)),
              ElementsAre("session 1: canceled 2: 3 gone, 0 left, session absent", "feed: delete 2",
                          "gateway 1 about session 1: logout 2: done, 1 affected"));
  const Lines lines = market.set_state(1, InstrumentState::cancel_only);
  EXPECT_THAT(lines, testing::Contains("session 1: canceled 1: 10 gone, 0 left, session absent"));
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
}

TEST_F(SessionControlTest, WhoIsBackBeforeTheBookOpensKeepsHisOrders) {
  market.add_operators();
  market.send(TestMarket::login(1, 1, 50, true));
  market.buy(1, 1, 10, 500);
  market.set_state(1, InstrumentState::halted);
  market.send(market.logout(1, LogoutReason::absent));
  market.send(TestMarket::login(1, 1, 51, true));
  market.set_state(1, InstrumentState::full);
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

}  // namespace
}  // namespace okiagari::venue

// The checker of events is seen to fail: the market says what it must not, and that is found.
#include "tests/simulation/event_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/order.h"
#include "tests/simulation/agenda.h"

namespace okiagari::simulation {
namespace {

using ::testing::HasSubstr;

class EventHistoryTest : public testing::Test {
 protected:
  template <typename Event>
  void say(Event event) {
    event.header.size_bytes = sizeof event;
    event.header.type = Event::kType;
    event.header.session = 1;
    if (event.header.session_number == 0) event.header.session_number = ++session_number_;
    if (event.header.event_number == 0) event.header.event_number = ++event_number_;
    history_.take(base::object_bytes(event));
  }
  void accept(std::uint32_t reference) {
    venue::OrderAccepted event{};
    event.user_reference = reference;
    event.quantity = 10;
    say(event);
  }
  void execute(std::uint32_t reference, QuantityLots quantity) {
    venue::OrderExecuted event{};
    event.user_reference = reference;
    event.quantity = quantity;
    say(event);
  }
  void cancel(std::uint32_t reference, QuantityLots quantity) {
    venue::OrderCanceled event{};
    event.user_reference = reference;
    event.quantity = quantity;
    say(event);
  }
  void refuse(std::uint32_t reference) {
    venue::OrderRejected event{};
    event.user_reference = reference;
    say(event);
  }
  void replace(std::uint32_t original, std::uint32_t reference) {
    venue::OrderReplaced event{};
    event.original_user_reference = original;
    event.user_reference = reference;
    event.quantity = 5;
    say(event);
  }

  void accept_stop(std::uint32_t reference, market::TimeInForce time = market::TimeInForce::day) {
    venue::StopAccepted event{};
    event.user_reference = reference;
    event.quantity = 10;
    event.time_in_force = static_cast<std::uint8_t>(time);
    say(event);
  }
  void accept_trailing(std::uint32_t reference) {
    venue::TrailingStopAccepted event{};
    event.user_reference = reference;
    event.quantity = 10;
    say(event);
  }
  void trigger(std::uint32_t reference, QuantityLots quantity = 10) {
    venue::StopTriggered event{};
    event.user_reference = reference;
    event.quantity = quantity;
    say(event);
  }
  void answer(std::uint64_t number, venue::Reason reason = venue::Reason::none) {
    venue::ControlResult event{};
    event.header.size_bytes = sizeof event;
    event.header.type = event.kType;
    event.header.event_number = ++event_number_;
    event.command = venue::CommandType::set_instrument_state;
    event.number = number;
    event.reason = reason;
    history_.take(base::object_bytes(event));
  }

  Agenda agenda_;
  Verdict verdict_{agenda_, false};
  EventHistory history_{verdict_};
  std::uint32_t session_number_ = 0;
  std::uint64_t event_number_ = 0;
};

TEST_F(EventHistoryTest, WhatAMarketMaySayIsGood) {
  accept(1);
  execute(1, 4);
  cancel(1, 6);
  accept(2);
  replace(2, 3);
  execute(3, 5);
  refuse(4);
  EXPECT_EQ(verdict_.violation(), "");
  EXPECT_EQ(history_.last(), 7U);
  EXPECT_EQ(history_.next_session_number(1), 8U);
}

TEST_F(EventHistoryTest, AnOrderAcceptedTwiceIsFound) {
  accept(1);
  accept(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("accepted a second time"));
}

TEST_F(EventHistoryTest, AnOrderAcceptedAfterARefusalIsFound) {
  refuse(1);
  accept(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("accepted a second time"));
}

TEST_F(EventHistoryTest, AnOrderRefusedAfterItWasAcceptedIsFound) {
  accept(1);
  refuse(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("after it had been accepted"));
}

TEST_F(EventHistoryTest, MoreExecutedThanOrderedIsFound) {
  accept(1);
  execute(1, 7);
  execute(1, 4);
  EXPECT_THAT(verdict_.violation(), HasSubstr("4 lots taken from order 1"));
}

TEST_F(EventHistoryTest, AnExecutionAfterTheEndIsFound) {
  accept(1);
  cancel(1, 10);
  execute(1, 1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("has 0 open"));
}

TEST_F(EventHistoryTest, AnEndWithLotsUnaccountedForIsFound) {
  accept(1);
  cancel(1, 9);
  EXPECT_THAT(verdict_.violation(), HasSubstr("1 lots unaccounted for"));
}

TEST_F(EventHistoryTest, AReplacedOrderThatIsNotOpenIsFound) {
  replace(1, 2);
  EXPECT_THAT(verdict_.violation(), HasSubstr("not open"));
}

TEST_F(EventHistoryTest, WhatAStopMayGoThroughIsGood) {
  accept_stop(1);
  venue::StopReplaced replaced{};
  replaced.original_user_reference = 1;
  replaced.user_reference = 2;
  replaced.quantity = 8;
  say(replaced);
  trigger(2, 8);
  execute(2, 8);
  accept_stop(3);
  cancel(3, 10);
  answer(1);
  answer(2, venue::Reason::approval_missing);
  answer(2);
  EXPECT_EQ(verdict_.violation(), "");
}

TEST_F(EventHistoryTest, WhatAStopThatFollowsThePriceMayGoThroughIsGood) {
  accept_trailing(1);
  venue::TrailingStopReplaced replaced{};
  replaced.original_user_reference = 1;
  replaced.user_reference = 2;
  replaced.quantity = 8;
  say(replaced);
  venue::StopReplaced stays{};
  stays.original_user_reference = 2;
  stays.user_reference = 3;
  stays.quantity = 8;
  say(stays);
  trigger(3, 8);
  execute(3, 8);
  EXPECT_EQ(verdict_.violation(), "");
}

TEST_F(EventHistoryTest, AStopThatFollowsThePriceAndIsExecutedMeanwhileIsFound) {
  accept_trailing(1);
  execute(1, 1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("executed while it waits"));
}

TEST_F(EventHistoryTest, AnOrderThatIsReplacedAsAStopThatFollowsThePriceIsFound) {
  accept(1);
  venue::TrailingStopReplaced replaced{};
  replaced.original_user_reference = 1;
  replaced.user_reference = 2;
  say(replaced);
  EXPECT_THAT(verdict_.violation(), HasSubstr("not open"));
}

TEST_F(EventHistoryTest, AStopThatIsExecutedWhileItWaitsIsFound) {
  accept_stop(1);
  execute(1, 1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("executed while it waits"));
}

TEST_F(EventHistoryTest, AStopThatIsTriggeredTwiceIsFound) {
  accept_stop(1);
  trigger(1);
  trigger(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("does not wait"));
}

TEST_F(EventHistoryTest, AStopThatGoesWithMoreThanWaitedIsFound) {
  accept_stop(1);
  trigger(1, 11);
  EXPECT_THAT(verdict_.violation(), HasSubstr("does not wait"));
}

TEST_F(EventHistoryTest, AStopThatIsReplacedAsAnOrderIsFound) {
  accept_stop(1);
  replace(1, 2);
  EXPECT_THAT(verdict_.violation(), HasSubstr("not open"));
}

TEST_F(EventHistoryTest, AnOrderGoodTillItIsCancelledThatLeavesWithADayIsFound) {
  accept_stop(1, market::TimeInForce::good_till_cancel);
  venue::OrderCanceled event{};
  event.user_reference = 1;
  event.quantity = 10;
  event.reason = venue::Reason::day_over;
  say(event);
  EXPECT_THAT(verdict_.violation(), HasSubstr("left with a day"));
}

TEST_F(EventHistoryTest, AnActThatIsCarriedOutTwiceIsFound) {
  answer(4);
  answer(4);
  EXPECT_THAT(verdict_.violation(), HasSubstr("act 4 was carried out after act 4"));
}

TEST_F(EventHistoryTest, AGapInTheSessionsNumbersIsFound) {
  ++session_number_;
  accept(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("message 2 of session 1 where 1 is next"));
}

TEST_F(EventHistoryTest, AGapInTheEventNumbersIsFound) {
  ++event_number_;
  accept(1);
  EXPECT_THAT(verdict_.violation(), HasSubstr("event 2 where 1 is next"));
}

TEST_F(EventHistoryTest, AGapInTheFeedsNumbersIsFound) {
  venue::FeedAdd added{};
  added.header.session_number = 1;
  added.header.feed_number = 2;
  say(added);
  EXPECT_THAT(verdict_.violation(), HasSubstr("feed message 2 where 1 is next"));
}

}  // namespace
}  // namespace okiagari::simulation

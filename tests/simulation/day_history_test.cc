// The checker of ends of days is seen to fail: what is of the next day is given to it as if it had
// been there before.
#include "tests/simulation/day_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/calendar_day.h"
#include "tests/simulation/agenda.h"
#include "venue/test_market.h"

namespace okiagari::simulation {
namespace {

using market::TimeInForce;
using ::testing::HasSubstr;

constexpr std::uint32_t kDay = 20231114;
constexpr OrderReference kAllOfThem = 1'000;

class DayHistoryTest : public testing::Test {
 protected:
  DayHistoryTest() { market_.add_operators(); }

  static void end_day(venue::TestMarket& market, std::uint32_t day) {
    venue::EndDay end{};
    end.control_number = ++market.control_number;
    end.day = day;
    market.control(end);
  }
  void buy(std::uint32_t reference, TimeInForce time, int days_later = 0) {
    venue::NewOrder order = venue::TestMarket::order(reference, Side::buy, 10, 500);
    order.time_in_force = static_cast<std::uint8_t>(time);
    if (time == TimeInForce::good_till_date) {
      order.last_day = static_cast<std::uint16_t>(base::day_of(kDay) + days_later);
    }
    market_.send(1, order);
  }

  venue::TestMarket market_;
  Agenda agenda_;
  Verdict verdict_{agenda_, false};
  DayHistory days_{verdict_};
};

TEST_F(DayHistoryTest, WhatLastsAndWhatCameLaterMayStay) {
  buy(1, TimeInForce::day);
  buy(2, TimeInForce::good_till_cancel);
  buy(3, TimeInForce::good_till_date, 0);
  buy(4, TimeInForce::good_till_date, 1);
  days_.applied(market_.venue, 4);
  end_day(market_, kDay);
  days_.applied(market_.venue, 4);
  EXPECT_EQ(market_.venue.books().live_orders(), 2u);
  buy(5, TimeInForce::day);
  days_.applied(market_.venue, 5);
  EXPECT_EQ(verdict_.violation(), "");
  EXPECT_EQ(days_.days_ended(), 1u);
}

TEST_F(DayHistoryTest, AnOrderThatOutlivesItsDayIsFound) {
  end_day(market_, kDay);
  buy(1, TimeInForce::day);
  days_.applied(market_.venue, kAllOfThem);
  EXPECT_THAT(verdict_.violation(),
              HasSubstr("order 0x100000001 outlived the end of day 20231114"));
}

TEST_F(DayHistoryTest, AStopThatOutlivesItsDayIsFound) {
  end_day(market_, kDay);
  market_.send(1, venue::TestMarket::stop(1, Side::buy, 5, 700, 650));
  days_.applied(market_.venue, kAllOfThem);
  EXPECT_THAT(verdict_.violation(), HasSubstr("stop 0x100000001 outlived"));
}

TEST_F(DayHistoryTest, ADayThatEndsAfterALaterOneIsFound) {
  end_day(market_, kDay);
  venue::TestMarket other;
  other.add_operators();
  end_day(other, kDay + 1);
  days_.applied(other.venue, 0);
  days_.applied(market_.venue, 0);
  EXPECT_THAT(verdict_.violation(), HasSubstr("day 20231114 ended after day 20231115"));
}

}  // namespace
}  // namespace okiagari::simulation

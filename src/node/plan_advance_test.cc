#include "node/plan_advance.h"

#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::node {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;

// Two orders, and steps that look at one of them: the end of a day takes several.
class PlanAdvanceTest : public testing::Test {
 protected:
  static venue::Limits limits() {
    venue::Limits limits;
    limits.steps.day_end_looks = 1;
    return limits;
  }
  PlanAdvanceTest() : market(limits()) { market.add_operators(); }

  void end_day() {
    market.buy(1, 1, 10, 500);
    market.buy(2, 1, 10, 490);
    venue::EndDay end{};
    end.control_number = ++market.control_number;
    end.day = 20261126;
    market.control(end);
    ASSERT_TRUE(market.venue.plan().is_ending_day);
  }
  [[nodiscard]] TimestampNs market_ns() const { return market.venue.last_timestamp_ns(); }

  venue::TestMarket market;
  PlanAdvance advance;
};

TEST_F(PlanAdvanceTest, NothingIsAskedForWhereNothingIsPlanned) {
  EXPECT_FALSE(advance.asks(market.venue, market_ns() + kSecondNs, 5));
  EXPECT_EQ(advance.next_ms(market.venue, market_ns(), 5), UINT64_MAX);
}

TEST_F(PlanAdvanceTest, APhaseIsAskedForWhenItsTimeHasComeAndASecondLaterAgain) {
  venue::SetTradingPlan plan{};
  plan.control_number = ++market.control_number;
  plan.day = 20261126;
  plan.count = 1;
  plan.phases[0].at_ns = market_ns() + 5 * kSecondNs;
  plan.phases[0].scope = venue::Scope::market;
  plan.phases[0].state = venue::InstrumentState::cancel_only;
  market.control(plan);
  const TimestampNs at_ns = plan.phases[0].at_ns;
  EXPECT_FALSE(advance.asks(market.venue, at_ns - 1, 100));
  EXPECT_EQ(advance.next_ms(market.venue, at_ns - 2 * kSecondNs, 100), 2'101u);
  EXPECT_TRUE(advance.asks(market.venue, at_ns, 100));
  EXPECT_FALSE(advance.asks(market.venue, at_ns, 101)) << "it is under way";
  EXPECT_EQ(advance.next_ms(market.venue, at_ns, 101), 1'100u);
  EXPECT_TRUE(advance.asks(market.venue, at_ns, 1'100));
}

TEST_F(PlanAdvanceTest, TheEndOfADayGoesOnAtOnceAfterEachStepThatWasApplied) {
  end_day();
  const TimestampNs now_ns = market_ns();
  EXPECT_EQ(advance.next_ms(market.venue, now_ns, 100), 0u);
  EXPECT_TRUE(advance.asks(market.venue, now_ns, 100));
  EXPECT_FALSE(advance.asks(market.venue, now_ns, 100));
  EXPECT_EQ(advance.next_ms(market.venue, now_ns, 100), 1'100u);
  market.send(venue::AdvancePlan{});
  ASSERT_TRUE(market.venue.plan().is_ending_day);
  EXPECT_EQ(advance.next_ms(market.venue, now_ns, 101), 0u);
  EXPECT_TRUE(advance.asks(market.venue, now_ns, 101));
}

// The day a leader took over whose clock was behind: its loop turned without a pause, and the end
// of the day stood still until that clock had come to the market's time.
TEST_F(PlanAdvanceTest, ALeaderWhoseClockIsBehindGoesOnWithTheEndOfADay) {
  end_day();
  const TimestampNs wall_ns = market_ns() - kSecondNs / 10;
  EXPECT_TRUE(advance.asks(market.venue, wall_ns, 100));
  EXPECT_EQ(advance.next_ms(market.venue, wall_ns, 100), 1'100u) << "it would spin";
}

}  // namespace
}  // namespace okiagari::node

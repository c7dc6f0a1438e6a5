// Goal: calls end by the clock where the rules say so, at a moment that nobody could choose and
// everybody can check, and never against what people have decided since.
#include "venue/call_ends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr TimestampNs kSecondNs = 1'000'000'000;

class CallEndsTest : public testing::Test {
 protected:
  CallEndsTest() {
    market.add_operators();
    set_rules(1);
    set_rules(2);
  }

  // A random end of half a minute, and a collar of 10 around 500 that widens by 10 three times,
  // each time after two minutes.
  void set_rules(InstrumentId id, std::uint32_t random_end_s = 30) {
    SetAuctionRules rules{};
    rules.instrument = id;
    rules.base_price = 500;
    rules.collar_unit = 1;
    rules.collar = 10;
    rules.collar_step = 10;
    rules.extensions_max = 3;
    rules.extension_s = 120;
    rules.random_end_s = random_end_s;
    market.send(rules);
  }
  [[nodiscard]] PlannedPhase in(std::uint64_t seconds, InstrumentState state) const {
    PlannedPhase phase{};
    phase.at_ns = market.now_ns + seconds * kSecondNs;
    phase.state = state;
    return phase;
  }
  void plan(const std::vector<PlannedPhase>& phases) {
    SetTradingPlan command{};
    command.control_number = ++market.control_number;
    command.day = 20261126;
    command.count = static_cast<std::uint16_t>(phases.size());
    std::copy(phases.begin(), phases.end(), command.phases.begin());
    command.header.size_bytes = sizeof command;
    command.header.type = SetTradingPlan::kType;
    command.header.version = kCommandVersion;
    approve(command, 0, 1, operator_keys(1));
    approve(command, 1, 2, operator_keys(2));
    ASSERT_THAT(market.send(command), Contains(HasSubstr("done")));
    secret = base::digest(base::object_bytes(command));
  }
  Lines advance_to(TimestampNs at_ns) {
    market.now_ns = at_ns - 1;  // each batch is a nanosecond later
    return market.send(AdvancePlan{});
  }
  Lines advance_after(std::uint64_t seconds) {
    return advance_to(market.now_ns + seconds * kSecondNs);
  }
  [[nodiscard]] TimestampNs next_at_ns() const { return market.venue.plan().next_at_ns; }
  InstrumentState state_of(InstrumentId id) const {
    Venue::InstrumentView view;
    EXPECT_TRUE(market.venue.instrument(id, view));
    return view.state;
  }
  // docs/venue.md, Ends that the clock brings.
  TimestampNs drawn_ns(TimestampNs planned_at_ns, InstrumentId id, std::uint64_t random_s) const {
    base::ByteWriter moment;
    moment.little(planned_at_ns);
    moment.little(id);
    const base::Digest drawn = base::digest(secret, moment.view());
    return base::load_little<std::uint64_t>(drawn.data()) % (random_s * kSecondNs + 1);
  }
  void cross_at(std::uint32_t price) {
    market.buy(1, ++reference, 10, price);
    market.sell(2, ++reference, 10, price);
  }
  void restore_from_snapshot() {
    const std::string written = market.snapshot();
    Venue restored{Limits{}};
    const base::Status status = restored.load_snapshot(base::as_bytes(written));
    ASSERT_TRUE(status.ok()) << status.error().message;
    market.venue = std::move(restored);
    ASSERT_EQ(market.snapshot(), written);
  }

  TestMarket market;
  base::Digest secret{};
  std::uint32_t reference = 0;
};

TEST_F(CallEndsTest, APlannedEndComesAtAMomentThatFollowsFromTheLog) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  cross_at(500);
  const Lines at_phase = advance_after(10);
  EXPECT_THAT(at_phase, Not(Contains(HasSubstr("state of"))));
  EXPECT_THAT(at_phase, Contains("feed: system Q")) << "the market's hours have begun";
  EXPECT_EQ(state_of(1), InstrumentState::auction_call);
  const TimestampNs planned_at_ns = market.now_ns;
  const TimestampNs first_ns = planned_at_ns + drawn_ns(planned_at_ns, 1, 30);
  const TimestampNs second_ns = planned_at_ns + drawn_ns(planned_at_ns, 2, 30);
  ASSERT_NE(first_ns, second_ns) << "each has its own";
  ASSERT_EQ(next_at_ns(), std::min(first_ns, second_ns));
  EXPECT_THAT(advance_to(next_at_ns() - 1), Contains(HasSubstr("nothing due")));
  restore_from_snapshot();
  ASSERT_EQ(next_at_ns(), std::min(first_ns, second_ns));
  advance_to(first_ns);
  EXPECT_EQ(state_of(1), InstrumentState::full);
  EXPECT_EQ(state_of(2),
            second_ns <= first_ns ? InstrumentState::full : InstrumentState::auction_call);
  advance_to(std::max(first_ns, second_ns));
  EXPECT_EQ(state_of(2), InstrumentState::full);
  EXPECT_EQ(next_at_ns(), 0u);
}

TEST_F(CallEndsTest, OrdersComeAndGoUntilThatMomentAndTradeAtIt) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  const TimestampNs first_ns = market.now_ns + drawn_ns(market.now_ns, 1, 30);
  cross_at(505);
  const Lines lines = advance_to(first_ns);
  EXPECT_THAT(lines, Contains("feed: cross of 1: 10 at 50500, match 1"));
  EXPECT_THAT(lines, Contains("session 3: notice: instrument 1 full, reason 0"));
}

TEST_F(CallEndsTest, ALaterPhaseSaysOnlyWhatFollows) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::uncross),
        in(21, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  const TimestampNs ends_at_ns = next_at_ns();
  ASSERT_NE(ends_at_ns, market.now_ns) << "both phases were due";
  EXPECT_EQ(state_of(1), InstrumentState::auction_call);
  advance_to(ends_at_ns);
  advance_to(market.now_ns + 30 * kSecondNs);
  EXPECT_EQ(state_of(1), InstrumentState::full);
  EXPECT_EQ(state_of(2), InstrumentState::full);
}

TEST_F(CallEndsTest, WhoHasNoRandomEndIsOpenAtItsPhase) {
  set_rules(2, 0);
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  EXPECT_EQ(state_of(1), InstrumentState::auction_call);
  EXPECT_EQ(state_of(2), InstrumentState::full);
}

TEST_F(CallEndsTest, TheDayAHaltedCallWasEndedByTheClock) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  market.set_state(1, InstrumentState::halted);
  market.set_state(2, InstrumentState::auction_call);
  EXPECT_THAT(advance_after(31), Contains(HasSubstr("nothing due")));
  EXPECT_EQ(state_of(1), InstrumentState::halted);
  market.set_state(1, InstrumentState::auction_call);
  EXPECT_THAT(advance_after(1), Contains(HasSubstr("nothing due")));
  EXPECT_EQ(state_of(1), InstrumentState::auction_call) << "people end what people have opened";
  EXPECT_EQ(state_of(2), InstrumentState::auction_call) << "it is to last";
  EXPECT_EQ(next_at_ns(), 0u);
  market.set_state(1, InstrumentState::full);
  EXPECT_EQ(state_of(1), InstrumentState::full) << "the word of people needs no random moment";
}

TEST_F(CallEndsTest, AnExtendedCallIsTriedAgainUntilPeopleMustDecide) {
  set_rules(1, 0);
  market.set_state(1, InstrumentState::auction_call);
  cross_at(600);
  EXPECT_THAT(market.set_state(1, InstrumentState::full), Contains(HasSubstr("outside collar")));
  EXPECT_EQ(next_at_ns(), market.now_ns + 120 * kSecondNs);
  restore_from_snapshot();
  EXPECT_THAT(advance_after(119), Contains(HasSubstr("nothing due")));
  const Lines again = advance_after(1);
  EXPECT_THAT(again, Contains(HasSubstr("extension 2")));
  EXPECT_EQ(next_at_ns(), market.now_ns + 120 * kSecondNs);
  EXPECT_THAT(advance_after(120), Contains(HasSubstr("extension 3")));
  EXPECT_EQ(next_at_ns(), 0u) << "that was the last one";
  EXPECT_EQ(state_of(1), InstrumentState::auction_call);
  EXPECT_THAT(market.set_state(1, InstrumentState::full),
              Contains("feed: cross of 1: 10 at 60000, match 1"));
}

TEST_F(CallEndsTest, AnExtendedCallOpensByItselfWhenItsPriceIsInside) {
  set_rules(1, 0);
  market.set_state(1, InstrumentState::auction_call);
  cross_at(520);
  market.set_state(1, InstrumentState::full);
  const Lines lines = advance_after(120);
  EXPECT_THAT(lines, Contains("feed: cross of 1: 10 at 52000, match 1"));
  EXPECT_THAT(lines, Contains("feed: state of 1: full, reason 0"));
}

TEST_F(CallEndsTest, WithAPlanTheNewTryIsAtARandomMomentToo) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  cross_at(600);
  advance_after(10);
  advance_after(30);
  ASSERT_EQ(state_of(2), InstrumentState::full);
  EXPECT_EQ(next_at_ns(), market.now_ns + 120 * kSecondNs + drawn_ns(market.now_ns, 1, 30));
}

TEST_F(CallEndsTest, TheDayTheMarketCameBackLateAndOpenedByItself) {
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  const TimestampNs ends_at_ns = next_at_ns();
  EXPECT_THAT(advance_to(ends_at_ns + 91 * kSecondNs), Contains(HasSubstr("phase too late")));
  EXPECT_EQ(state_of(1), InstrumentState::auction_call);
  EXPECT_EQ(state_of(2), InstrumentState::auction_call);
  EXPECT_EQ(next_at_ns(), 0u);
}

TEST_F(CallEndsTest, ManyCallsEndOneBatchOfThemAfterTheOther) {
  constexpr std::uint32_t kCalls = Steps{}.calls_ended + 3;
  for (InstrumentId id = 3; id <= kCalls; ++id) {
    AddInstrument listed = TestMarket::instrument(id);
    listed.symbol[2] = static_cast<char>('A' + id / 10);
    market.send(listed);
    set_rules(id, 1);
  }
  set_rules(1, 1);
  set_rules(2, 1);
  plan({in(10, InstrumentState::auction_call), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  EXPECT_THAT(advance_after(2), Contains(HasSubstr("done, 32 affected")));
  EXPECT_EQ(state_of(33), InstrumentState::auction_call);
  EXPECT_LE(next_at_ns(), market.now_ns) << "the rest is due at once";
  EXPECT_THAT(advance_after(0), Contains(HasSubstr("done, 3 affected")));
  EXPECT_EQ(state_of(kCalls), InstrumentState::full);
}

}  // namespace
}  // namespace okiagari::venue

#include "venue/trading_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

constexpr TimestampNs kSecondNs = 1'000'000'000;

class TradingPlanTest : public testing::Test {
 protected:
  TradingPlanTest() { market.add_operators(); }

  // So many seconds from now.
  [[nodiscard]] PlannedPhase in(std::uint64_t seconds, InstrumentState state,
                                Scope scope = Scope::market, std::uint16_t target = 0) const {
    PlannedPhase phase{};
    phase.at_ns = market.now_ns + seconds * kSecondNs;
    phase.scope = scope;
    phase.target = target;
    phase.state = state;
    return phase;
  }
  static SetTradingPlan plan(std::uint64_t number, const std::vector<PlannedPhase>& phases) {
    SetTradingPlan command{};
    command.control_number = number;
    command.day = 20261126;
    command.count = static_cast<std::uint16_t>(phases.size());
    std::copy(phases.begin(), phases.end(), command.phases.begin());
    return command;
  }
  std::string answer(const Lines& lines) const { return lines.empty() ? "" : lines.back(); }
  std::string set(std::uint64_t number, const std::vector<PlannedPhase>& phases) {
    return answer(market.control(plan(number, phases)));
  }
  // As the leader does after so long.
  Lines advance_after(std::uint64_t seconds) {
    market.now_ns += seconds * kSecondNs;
    AdvancePlan command{};
    return market.send(command);
  }
  InstrumentState state_of(InstrumentId id) const {
    Venue::InstrumentView view;
    EXPECT_TRUE(market.venue.instrument(id, view));
    return view.state;
  }

  TestMarket market;
};

TEST_F(TradingPlanTest, PhasesAreCarriedOutWhenTheTimeOfABatchHasReachedThem) {
  EXPECT_EQ(set(1, {in(10, InstrumentState::cancel_only), in(20, InstrumentState::full)}),
            "gateway 0: set trading plan 1: done, 2 affected");
  EXPECT_EQ(answer(advance_after(5)), "gateway 0: advance plan 1: nothing due, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
  EXPECT_THAT(advance_after(6), Contains("feed: state of 2: cancel only, reason 0"));
  EXPECT_EQ(state_of(1), InstrumentState::cancel_only);
  EXPECT_EQ(market.venue.plan().done, 1);
  EXPECT_EQ(answer(advance_after(10)), "gateway 0: advance plan 1: done, 2 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
  EXPECT_EQ(market.venue.plan().next_at_ns, 0u);
}

TEST_F(TradingPlanTest, APlanTakesTwoPeopleAndOneWithoutPhasesTakesOne) {
  SetTradingPlan command = plan(1, {in(10, InstrumentState::full)});
  approve(command, 0, 1, operator_keys(1));
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set trading plan 1: approval missing, 1 affected");
  EXPECT_EQ(set(1, {in(10, InstrumentState::closed)}),
            "gateway 0: set trading plan 1: done, 1 affected");
  SetTradingPlan none = plan(2, {});
  approve(none, 0, 1, operator_keys(1));
  EXPECT_EQ(answer(market.send(none)), "gateway 0: set trading plan 2: done, 0 affected");
  EXPECT_EQ(answer(advance_after(20)), "gateway 0: advance plan 2: nothing due, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
}

TEST_F(TradingPlanTest, APlanThatCannotBeIsRefusedByName) {
  const auto refusal = [&](const std::vector<PlannedPhase>& phases) {
    const std::string line = set(1, phases);
    return line.substr(line.find("1: ") + 3);
  };
  EXPECT_EQ(refusal({in(20, InstrumentState::full), in(10, InstrumentState::closed)}),
            "times not ascending, 2 affected");
  EXPECT_EQ(refusal({in(0, InstrumentState::full)}), "times not ascending, 1 affected")
      << "it is over already";
  EXPECT_EQ(refusal({in(1, InstrumentState::full, Scope::instrument, 9)}),
            "unknown instrument, 1 affected");
  EXPECT_EQ(refusal({in(1, InstrumentState::full, Scope::member, 1)}), "not supported, 1 affected");
  SetTradingPlan too_long = plan(1, {});
  too_long.count = kPlannedPhasesMax + 1;
  EXPECT_EQ(answer(market.control(too_long)),
            "gateway 0: set trading plan 1: malformed, 25 affected");
  EXPECT_EQ(market.venue.plan().control_number, 0u);
}

TEST_F(TradingPlanTest, TheDayAHaltedInstrumentWasOpenedByTheClock) {
  set(1, {in(10, InstrumentState::cancel_only), in(20, InstrumentState::full),
          in(30, InstrumentState::closed), in(40, InstrumentState::full)});
  market.control(TestMarket::state_change(2, Scope::instrument, 1, InstrumentState::halted));
  advance_after(11);
  advance_after(10);
  EXPECT_EQ(state_of(1), InstrumentState::cancel_only) << "a plan may let cancels in";
  EXPECT_EQ(state_of(2), InstrumentState::full);
  advance_after(10);
  EXPECT_EQ(state_of(1), InstrumentState::closed);
  advance_after(10);
  EXPECT_EQ(state_of(1), InstrumentState::closed) << "held until two people start it";
  EXPECT_EQ(state_of(2), InstrumentState::full);
  market.control(TestMarket::state_change(3, Scope::instrument, 1, InstrumentState::full));
  EXPECT_EQ(state_of(1), InstrumentState::full);
}

TEST_F(TradingPlanTest, WhatWasHaltedBeforeTheFirstPlanIsHeldToo) {
  market.control(TestMarket::state_change(1, Scope::instrument, 1, InstrumentState::halted));
  set(2, {in(10, InstrumentState::full)});
  advance_after(11);
  EXPECT_EQ(state_of(1), InstrumentState::halted);
  market.control(TestMarket::state_change(3, Scope::instrument, 1, InstrumentState::full));
  set(4, {in(10, InstrumentState::cancel_only), in(20, InstrumentState::full)});
  advance_after(11);
  advance_after(10);
  EXPECT_EQ(state_of(1), InstrumentState::full) << "people have started it again";
}

TEST_F(TradingPlanTest, TheDayTheMarketCameBackAnHourLateAndWouldHaveOpenedOnEmptyBooks) {
  set(1, {in(10, InstrumentState::halted), in(20, InstrumentState::auction_call),
          in(30, InstrumentState::full), in(90, InstrumentState::full)});
  EXPECT_EQ(answer(advance_after(85)), "gateway 0: advance plan 1: phase too late, 4 affected")
      << "stopped, and opened by what is less than a minute late";
  set(2, {in(10, InstrumentState::halted), in(20, InstrumentState::full),
          in(3'600, InstrumentState::full)});
  EXPECT_EQ(answer(advance_after(3'000)), "gateway 0: advance plan 2: phase too late, 2 affected");
  EXPECT_EQ(state_of(1), InstrumentState::halted);
  EXPECT_EQ(answer(advance_after(601)), "gateway 0: advance plan 2: done, 2 affected")
      << "a phase that is in time is carried out";
}

TEST_F(TradingPlanTest, APlanIsInTheSnapshotWithWhatIsHeldAgainstIt) {
  set(1, {in(10, InstrumentState::cancel_only), in(20, InstrumentState::full)});
  market.control(TestMarket::state_change(2, Scope::instrument, 1, InstrumentState::halted));
  advance_after(11);
  Venue loaded{Limits{}};
  const std::string snapshot = market.snapshot();
  const base::Status status = loaded.load_snapshot(base::as_bytes(snapshot));
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(loaded.plan().next_at_ns, market.venue.plan().next_at_ns);
  base::ByteWriter again;
  loaded.write_snapshot(again);
  EXPECT_EQ(base::as_text(again.view()), snapshot);
  BatchWriter batch;
  batch.add(AdvancePlan{});
  const base::Bytes bytes = batch.finish(market.now_ns + 10 * kSecondNs);
  base::ByteWriter events;
  loaded.apply_batch(bytes, events);
  Venue::InstrumentView view;
  ASSERT_TRUE(loaded.instrument(1, view));
  EXPECT_EQ(view.state, InstrumentState::cancel_only);
  ASSERT_TRUE(loaded.instrument(2, view));
  EXPECT_EQ(view.state, InstrumentState::full);
}

}  // namespace
}  // namespace okiagari::venue

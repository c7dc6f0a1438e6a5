// A leader that is slow among servers that are not is told with who does better; and nothing else
// is: a market that is slow as a whole, a gateway, a busy moment, a server that lags.
#include "watch/leader_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "watch/signal.h"

namespace okiagari::watch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeaderDetectorTest : public ::testing::Test {
 protected:
  // A server runs for so long and then stands still for so long.
  struct State {
    std::uint64_t runs_ms = 1'000;
    std::uint64_t stands_ms = 0;
    std::uint64_t shift_ms = 0;  // where in its rhythm it begins
    double sync_ms = 0.5;
    std::uint64_t lag_ms = 0;
    bool is_alive = true;

    // How long who stands still has been asked already.
    [[nodiscard]] double answer_ms(std::uint64_t now_ms) const {
      const std::uint64_t at_ms = (now_ms + shift_ms) % (runs_ms + stands_ms);
      return at_ms < runs_ms ? 1 : static_cast<double>(at_ms - runs_ms);
    }
  };
  void pass(std::uint64_t for_ms, double first_ms, double second_ms) {
    for (const std::uint64_t end_ms = now_ms_ + for_ms; now_ms_ < end_ms; now_ms_ += 10) {
      std::vector<LeaderDetector::Server> servers;
      for (NodeId node = 1; node <= 3; ++node) {
        const State& state = states_[node];
        servers.push_back({.node = node,
                           .is_alive = state.is_alive,
                           .lag_ms = state.lag_ms,
                           .answer_ms = state.answer_ms(now_ms_) + own_lateness_ms_(now_ms_),
                           .sync_ms = state.sync_ms});
      }
      detector_.look(leader_, servers,
                     {{.gateway = 1, .answer_ms = first_ms, .usual_ms = usual_ms_},
                      {.gateway = 2, .answer_ms = second_ms, .usual_ms = usual_ms_}},
                     {now_ms_, now_ms_ * 1'000'000});
    }
  }
  void pass(std::uint64_t for_ms, double orders_ms) { pass(for_ms, orders_ms, orders_ms); }
  [[nodiscard]] std::vector<std::string> signals() const {
    std::vector<std::string> found;
    for (const Evidence& one : told_) found.push_back(one.signal);
    return found;
  }
  [[nodiscard]] std::size_t count(std::string_view signal) const {
    const auto all = signals();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), signal));
  }

  std::vector<Evidence> told_;
  Reporter reporter_{"desk", [this](Evidence one) { told_.push_back(std::move(one)); }};
  LeaderDetector detector_{LeaderLimits{}, reporter_};
  std::map<NodeId, State> states_{{1, {}}, {2, {}}, {3, {}}};
  std::function<double(std::uint64_t)> own_lateness_ms_ = [](std::uint64_t) { return 0; };
  double usual_ms_ = 2;
  NodeId leader_ = 1;
  std::uint64_t now_ms_ = 1'000'000;
};

// 80 ms for the orders of a market in which nothing else happens.
TEST_F(LeaderDetectorTest, ALeaderThatPausesAgainAndAgainIsToldWithin5SecondsWithWhoDoesNot) {
  pass(10'000, 2);
  states_[1] = {.runs_ms = 40, .stands_ms = 150};
  states_[2] = {.runs_ms = 40, .stands_ms = 60};
  pass(5'000, 80);
  ASSERT_THAT(told_, SizeIs(1));
  EXPECT_EQ(told_[0].signal, signal::leader_slow);
  EXPECT_EQ(told_[0].entity, "node-1");
  EXPECT_EQ(told_[0].reference, "node-3") << "the best of the others";
  EXPECT_EQ(told_[0].value, 80);
  EXPECT_EQ(told_[0].baseline, 2);
}

// The bad day: the desk began to look when the leader was slow already, and took that for usual.
TEST_F(LeaderDetectorTest, ALeaderThatWasSlowBeforeAnybodyLookedIsToldToo) {
  states_[1] = {.runs_ms = 40, .stands_ms = 150};
  usual_ms_ = 75;
  pass(5'000, 80);
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow));
}

TEST_F(LeaderDetectorTest, ALeaderOfWhomNobodyKnowsForMomentsThatItLeadsIsTheSame) {
  states_[1] = {.runs_ms = 40, .stands_ms = 250};
  for (int i = 0; i < 40; ++i) {
    leader_ = i % 3 == 0 ? 0 : 1;
    pass(150, 80);
  }
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow));
}

// Its processor's share is used up again and again; it is never silent for long.
TEST_F(LeaderDetectorTest, ALeaderThatGetsTooLittleOfAProcessorIsTold) {
  states_[1] = {.runs_ms = 10, .stands_ms = 90};
  pass(5'000, 60);
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow));
}

TEST_F(LeaderDetectorTest, ALeaderWhoseDiskIsSlowIsToldWithTheServerWhoseDiskIsNot) {
  states_[1].sync_ms = 40;
  states_[2].sync_ms = 35;
  pass(5'000, 80);
  ASSERT_THAT(told_, SizeIs(1));
  EXPECT_EQ(told_[0].reference, "node-3");
  EXPECT_THAT(told_[0].statement, HasSubstr("takes 40.0 ms for a sync of its log, and node-3 0.5"));
}

// The bad day: servers that all stood still in turn had syncs of a few or of many milliseconds, by
// chance, and the leader handed over to one that was no better.
TEST_F(LeaderDetectorTest, TheSyncsOfAServerThatDoesNotGetToRunSayNothingOfItsDisk) {
  for (auto& [node, state] : states_) state = {.runs_ms = 40, .stands_ms = 180};
  states_[1].sync_ms = 34;
  states_[3].sync_ms = 4;
  pass(20'000, 80);
  EXPECT_THAT(signals(), ElementsAre(signal::slow_alike));
}

TEST_F(LeaderDetectorTest, ASingleSlowSyncIsNoSlowDisk) {
  pass(2'000, 80);
  states_[1].sync_ms = 40;
  pass(1'000, 80);
  states_[1].sync_ms = 0.5;
  pass(2'000, 80);
  EXPECT_EQ(count(signal::leader_slow), 0u);
}

// The bad day: on a machine where others built, each server paused now and then, the leader's
// pauses were compared by the longest of a second, and a leader that hardly ran was never told.
TEST_F(LeaderDetectorTest, ASlowLeaderIsToldAlsoWhenTheOthersPauseNowAndThen) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  states_[2] = {.runs_ms = 500, .stands_ms = 150, .shift_ms = 300};
  states_[3] = {.runs_ms = 400, .stands_ms = 180, .shift_ms = 100};
  pass(6'000, 80);
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow));
}

TEST_F(LeaderDetectorTest, WhatIsSlowEverywhereIsNoReasonForAnotherLeaderAndIsToldAsThat) {
  for (NodeId node = 1; node <= 3; ++node) {
    states_[node] = {.runs_ms = 40, .stands_ms = 180, .shift_ms = node * 70u, .sync_ms = 40};
  }
  pass(20'000, 80);
  ASSERT_THAT(signals(), ElementsAre(signal::slow_alike));
  EXPECT_THAT(told_[0].statement, HasSubstr("no server does better than node-1"));
}

TEST_F(LeaderDetectorTest, AnHourOnABusyMachineMakesNobodyBetter) {
  std::mt19937 chance(20261126);
  for (int i = 0; i < 5 * 3'600; ++i) {
    for (auto& [node, state] : states_) {
      state = {
          .runs_ms = 10 + chance() % 60, .stands_ms = chance() % 120, .shift_ms = chance() % 1'000};
    }
    pass(200, 80);
  }
  EXPECT_EQ(count(signal::leader_slow), 0u);
  EXPECT_GE(count(signal::slow_alike), 1u);
}

TEST_F(LeaderDetectorTest, ThatTheOneWhoLooksIsLateIsNobodysFault) {
  own_lateness_ms_ = [](std::uint64_t now_ms) { return static_cast<double>(now_ms % 300); };
  pass(20'000, 80);
  EXPECT_THAT(signals(), ElementsAre(signal::slow_alike));
}

TEST_F(LeaderDetectorTest, ASlowGatewayIsNoSlowLeader) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  pass(20'000, 80, 3);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LeaderDetectorTest, ALeaderWhoseOrdersAreAnsweredAsEverIsLeftAlone) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180, .sync_ms = 40};
  pass(20'000, 5);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LeaderDetectorTest, WhoIsGoneOrFarBehindIsNotBetter) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  states_[2].is_alive = false;
  states_[3].lag_ms = 1'500;
  pass(20'000, 80);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LeaderDetectorTest, ABusyMomentAndANewLeaderBeginAnew) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  pass(3'000, 2);
  pass(1'500, 80);
  pass(3'000, 2);
  pass(1'500, 80);
  pass(3'000, 2);
  pass(1'500, 80);
  leader_ = 2;
  states_[2] = states_[1];
  pass(2'000, 80);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LeaderDetectorTest, WhatGoesOnIsToldAgainButNotEverySecond) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  pass(50'000, 80);
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow, signal::leader_slow));
}

TEST_F(LeaderDetectorTest, AfterASlowLeaderItIsToldOnceHowFastOrdersAreUnderTheNext) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  pass(5'000, 80);
  leader_ = 3;
  pass(20'000, 4);
  ASSERT_THAT(signals(), ElementsAre(signal::leader_slow, signal::leader_fast));
  EXPECT_EQ(told_[1].entity, "node-3");
  EXPECT_EQ(told_[1].statement,
            "orders take 4.0 ms under node-3; they took 80 ms when node-1 was slow");
}

TEST_F(LeaderDetectorTest, OrdersThatStaySlowUnderTheNextLeaderAreNotCalledFast) {
  states_[1] = {.runs_ms = 40, .stands_ms = 180};
  pass(5'000, 80);
  leader_ = 3;
  pass(20'000, 75);
  EXPECT_THAT(signals(), ElementsAre(signal::leader_slow, signal::slow_alike));
}

}  // namespace
}  // namespace okiagari::watch

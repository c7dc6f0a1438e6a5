// A slow leader is relieved once, by a server that was seen to do better, and what came of it is
// told as seen; no fault makes leadership go round.
#include "desk/relief.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/outbox.h"
#include "desk/playbook_runs.h"
#include "desk/test_desk.h"
#include "watch/signal.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

class ReliefTest : public TestDesk {
 protected:
  ReliefTest() : TestDesk(kStart) {
    auto& incidents = desk_.add(std::make_unique<Incidents>(playbook().triggers));
    desk_.add(std::make_unique<PlaybookRuns>(playbook(), incidents));
    relief_ = &desk_.add(std::make_unique<Relief>(incidents));
  }
  // A second after what was before.
  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "watch") {
    now_ += kSecond;
    return try_apply(type, std::move(body), by);
  }
  void see(std::string_view signal, const std::string& entity, const std::string& better = "") {
    watch::Evidence evidence;
    evidence.kind = watch::EvidenceKind::probe;
    evidence.signal = signal;
    evidence.entity = entity;
    evidence.statement = "as seen";
    evidence.reference = better;
    now_ += kSecond;
    TestDesk::see(std::move(evidence));
  }
  // As the market's servers answer.
  void hand_over_is_done(int number = 1) {
    EXPECT_TRUE(apply("effect.done", {{"key", "relief/" + std::to_string(number)},
                                      {"outcome", "node-2 leads in term 3"},
                                      {"answer", {{"leader", 2}}}})
                    .ok());
  }
  void see_hand_over() {
    see(watch::signal::leader_changed, "market");
    see(watch::signal::fail_over_observed, "gateway-1");
  }
  void see_fast() { see(watch::signal::leader_fast, "node-2"); }
  // Ends the incident, so that the next trouble opens another one.
  void resolve(int number) {
    const std::string incident = "inc-" + std::to_string(number);
    EXPECT_TRUE(
        apply("incident.status", {{"incident", incident}, {"status", "resolved"}}, "person:hanako")
            .ok());
  }
  [[nodiscard]] std::string last(std::string_view kind) const {
    std::string words;
    for (const TimelineItem& item : desk_.timeline().items()) {
      if (item.kind == kind) words = item.words.en;
    }
    return words;
  }

  Relief* relief_ = nullptr;
};

TEST_F(ReliefTest, ThePlaybookHandsOverFromASlowLeaderToTheServerThatWasSeenToDoBetter) {
  see(watch::signal::leader_slow, "node-1", "node-2");
  EXPECT_EQ(count("incident.opened"), 1);
  const Effect* effect = desk_.outbox().find("relief/1");
  ASSERT_NE(effect, nullptr);
  EXPECT_EQ(effect->kind, "hand_over");
  EXPECT_EQ(number_or(effect->what, "from", 0), 1);
  EXPECT_EQ(number_or(effect->what, "to", 0), 2);
  see_hand_over();
  hand_over_is_done();
  see_fast();
  EXPECT_EQ(count("relief.helped"), 0) << "it is looked at first";
  pass(Relief::kLookNs);
  EXPECT_EQ(last("relief.helped"), "orders go through under node-2: as seen");
  EXPECT_EQ(relief_->all()[0].state, Relief::State::helped);
}

TEST_F(ReliefTest, ANewLeaderThatIsSlowTooIsToldAndNotRelievedAgain) {
  see(watch::signal::leader_slow, "node-1", "node-2");
  see_hand_over();
  hand_over_is_done();
  see(watch::signal::leader_slow, "node-2", "node-1");
  pass(Relief::kLookNs);
  EXPECT_EQ(last("relief.did_not_help"), "node-2 is slow as well");
  resolve(1);
  see(watch::signal::leader_slow, "node-2", "node-1");
  EXPECT_EQ(count("incident.opened"), 2);
  EXPECT_EQ(relief_->all().size(), 1u);
  EXPECT_THAT(last("relief.withheld"), HasSubstr("less than 600 s ago"));
}

TEST_F(ReliefTest, AHandOverAfterWhichNoOrderWasSeenToGoThroughHasNotHelped) {
  see(watch::signal::leader_slow, "node-1", "node-2");
  see(watch::signal::fail_over_observed, "gateway-1");  // of another loss, under the old leader
  see(watch::signal::leader_changed, "market");
  hand_over_is_done();
  see_fast();
  pass(Relief::kLookNs);
  EXPECT_EQ(count("relief.helped"), 0);
  EXPECT_THAT(last("relief.did_not_help"), HasSubstr("not seen to go through"));
}

TEST_F(ReliefTest, AHandOverAfterWhichOrdersWereNotSeenToBeFastHasNotHelped) {
  see(watch::signal::leader_slow, "node-1", "node-2");
  see_hand_over();
  hand_over_is_done();
  see(watch::signal::leader_fast, "node-1");  // of the moments before it handed over
  pass(Relief::kLookNs);
  EXPECT_EQ(count("relief.helped"), 0);
  EXPECT_THAT(last("relief.did_not_help"), HasSubstr("not seen to be fast under node-2"));
}

TEST_F(ReliefTest, WhereNoServerDoesBetterThatIsSaidOnceAndNobodyIsAsked) {
  see(watch::signal::canary_slow, "gateway-1");
  for (int i = 0; i < 3; ++i) see(watch::signal::slow_alike, "market");
  EXPECT_EQ(count("relief.withheld"), 1);
  EXPECT_THAT(last("relief.withheld"), HasSubstr("no server does better"));
  EXPECT_TRUE(relief_->all().empty());
  see(watch::signal::leader_slow, "node-1", "node-2");
  EXPECT_EQ(relief_->all().size(), 1u) << "what is said of a busy hour is not for ever";
}

TEST_F(ReliefTest, ThreeTimesADayAndNoMore) {
  for (int number = 1; number <= 4; ++number) {
    see(watch::signal::leader_slow, "node-1", "node-2");
    if (number < 4) {
      see_hand_over();
      hand_over_is_done(number);
    }
    pass(Relief::kCoolDownNs);
    resolve(number);
  }
  EXPECT_EQ(relief_->all().size(), 3u);
  EXPECT_THAT(last("relief.withheld"), HasSubstr("3 times within a day"));
  pass(Relief::kDayNs);
  see(watch::signal::leader_slow, "node-1", "node-2");
  EXPECT_EQ(relief_->all().size(), 4u) << "a new day";
}

TEST_F(ReliefTest, NobodyIsRelievedWhoLeadsNoMoreOrWithoutABetterOne) {
  see(watch::signal::leader_slow, "node-1", "nobody");
  EXPECT_THAT(last("relief.withheld"), HasSubstr("no other server"));
  see(watch::signal::leader_slow, "node-1", "node-2");
  see(watch::signal::leader_changed, "market");
  EXPECT_TRUE(apply("relief.order", {{"incident", "inc-1"}}, "desk").ok());
  EXPECT_EQ(count("relief.withheld"), 2);
  EXPECT_TRUE(relief_->all().empty());
}

TEST_F(ReliefTest, WhatTheServersRefuseIsToldAndTheDeskIsNobodysWayAroundTheirRules) {
  EXPECT_FALSE(apply("relief.order", {{"incident", "inc-1"}}, "person:hanako").ok());
  see(watch::signal::leader_slow, "node-1", "node-2");
  EXPECT_TRUE(apply("effect.failed",
                    {{"key", "relief/1"}, {"outcome", "node-2 is not fine"}, {"permanent", true}})
                  .ok());
  EXPECT_EQ(last("relief.failed"), "leadership was not handed over: node-2 is not fine");
  pass(Relief::kLookNs);
  EXPECT_EQ(count("relief.helped") + count("relief.did_not_help"), 0);
}

}  // namespace
}  // namespace okiagari::desk

// What is told when: servers that work again under a halt are no recovery, and who lifts the halt
// need not tell the desk.
#include "desk/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/incidents.h"
#include "desk/notices.h"
#include "desk/playbook_runs.h"
#include "desk/test_desk.h"
#include "test_places.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

class RecoveryTest : public TestDesk {
 protected:
  RecoveryTest() : TestDesk(kStart) {
    auto templates = NoticeTemplates::load(OKIAGARI_SOURCE_DIR "/config/notices.toml");
    EXPECT_TRUE(templates.ok());
    auto& incidents = desk_.add(std::make_unique<Incidents>(playbook().triggers));
    desk_.add(std::make_unique<PlaybookRuns>(playbook(), incidents));
    halts_ = &desk_.add(std::make_unique<Halts>());
    desk_.add(std::make_unique<Recovery>(*halts_));
    notices_ = &desk_.add(std::make_unique<Notices>());
    apply("notice.templates", {{"templates", templates.value().to_json()}});
    see("process.gone");
    apply("incident.sized",
          {{"incident", "inc-1"},
           {"facts",
            {{"can_trade", true}, {"servers_hit_count", 1}, {"trading_state", "cancel_only"}}}});
    apply("incident.report", {{"incident", "inc-1"}, {"sentences", {"one"}}});
  }
  // A second after what was before.
  void apply(const std::string& type, boost::json::object body, const std::string& by = "watch") {
    now_ += kSecond;
    TestDesk::apply(type, std::move(body), by);
  }
  void see(const char* signal) {
    now_ += kSecond;
    TestDesk::see(signal, "market");
  }
  void halt(const std::string& scope = "market", const std::string& target = "") {
    apply("halt.order",
          {{"incident", "inc-1"}, {"scope", scope}, {"target", target}, {"reason", "no quorum"}},
          "person:hanako");
    const std::string key = "halt/" + std::to_string(++halts_ordered_);
    apply("effect.done",
          {{"key", key + "/log"}, {"outcome", "position 70"}, {"answer", {{"sequence", 70}}}});
  }
  void settle() { pass(5 * kSecond); }
  // As the market and its gateways answered to who asked just now, or at a time.
  void market_says(std::uint64_t stopped, std::uint64_t sequence, boost::json::object more = {}) {
    boost::json::object body{{"asked_ns", now_ + kSecond / 2},
                             {"sequence", sequence},
                             {"instruments", 3},
                             {"stopped_count", stopped},
                             {"stopped", boost::json::array{}}};
    for (const auto& member : more) body[member.key()] = member.value();
    apply("halt.seen", std::move(body));
  }
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> templates;
    for (const Notice* notice : notices_->released("inc-1")) {
      templates.push_back(notice->template_id);
    }
    return templates;
  }

  Halts* halts_ = nullptr;
  Notices* notices_ = nullptr;
  int halts_ordered_ = 0;
};

TEST_F(RecoveryTest, WithoutAHaltThePathThatWorksIsTheRecovery) {
  see("canary.fail_over_observed");
  EXPECT_EQ(told(), (std::vector<std::string>{"first", "recovered"}));
}

TEST_F(RecoveryTest, ServersThatWorkUnderAHaltAreNoRecovery) {
  halt();
  see("canary.fail_over_observed");
  settle();
  EXPECT_EQ(told(), (std::vector<std::string>{"first", "servers_work"}));
  const Notice& notice = *notices_->released("inc-1").back();
  EXPECT_THAT(notice.subject.en, HasSubstr("trading is still halted"));
  EXPECT_THAT(notice.subject.ja, HasSubstr("売買は停止中"));
  EXPECT_THAT(notice.text.ja, HasSubstr("停止中（取消のみ受付）"));
  EXPECT_EQ(notice.status, "investigating") << "it is not said to be over";
  market_says(0, 71);
  EXPECT_EQ(told(), (std::vector<std::string>{"first", "servers_work", "recovered"}));
  EXPECT_EQ(count("halt.lifted"), 1);
  EXPECT_FALSE(halts_->is_any_in_force());
}

TEST_F(RecoveryTest, AnAnswerFromBeforeTheHaltLiftsNothing) {
  halt();
  market_says(0, 69);
  EXPECT_TRUE(halts_->is_any_in_force()) << "a server that has not got so far yet";
  market_says(0, 80, {{"asked_ns", kStart + kSecond}});
  EXPECT_TRUE(halts_->is_any_in_force()) << "asked before it took effect";
  market_says(3, 80);
  EXPECT_TRUE(halts_->is_market_stopped());
  EXPECT_EQ(count("halt.lifted"), 0);
}

TEST_F(RecoveryTest, AGatewayThatObeysTheHaltOrDoesNotSayKeepsItInForce) {
  halt();
  apply("effect.done", {{"key", "halt/1/guard"}, {"outcome", "2 gateways"}});
  market_says(0, 80, {{"guards", 1}});
  EXPECT_TRUE(halts_->is_any_in_force());
  market_says(0, 80, {{"guards_unknown", 1}});
  EXPECT_TRUE(halts_->is_any_in_force());
  see("canary.fail_over_observed");
  settle();
  EXPECT_EQ(told().back(), "servers_work");
  market_says(0, 80);
  EXPECT_EQ(told().back(), "recovered");
}

TEST_F(RecoveryTest, AHaltThatNobodyOrderedHereCountsToo) {
  market_says(1, 50, {{"stopped", {{{"symbol", "KBS1"}, {"segment", 2}, {"state", "halted"}}}}});
  EXPECT_TRUE(halts_->is_instrument_stopped("KBS1"));
  EXPECT_TRUE(halts_->is_segment_stopped(2));
  EXPECT_FALSE(halts_->is_segment_stopped(1));
  EXPECT_FALSE(halts_->is_market_stopped());
  see("canary.fail_over_observed");
  settle();
  EXPECT_EQ(told().back(), "servers_work");
}

TEST_F(RecoveryTest, AHaltThatIsSeenToBeLiftedAMomentAfterTheFirstOrderIsNotTold) {
  halt();
  see("canary.fail_over_observed");
  market_says(0, 71);
  settle();
  EXPECT_EQ(told(), (std::vector<std::string>{"first", "recovered"}));
  see("canary.fail_over_observed");
  EXPECT_EQ(count("incident.recovered"), 1) << "said once";
}

// The canary looks for a fail-over for two minutes; a market that stood longer comes back too.
TEST_F(RecoveryTest, OrdersThatAreAnsweredAgainAfterALongTimeAreARecoveryToo) {
  const auto size = [&](bool can_trade) {
    apply("incident.sized",
          {{"incident", "inc-1"}, {"facts", {{"can_trade", can_trade}, {"servers_spare", 1}}}});
  };
  size(false);
  halt();
  size(true);
  settle();
  EXPECT_EQ(told().back(), "servers_work");
  market_says(0, 80);
  EXPECT_EQ(told().back(), "recovered");
}

TEST_F(RecoveryTest, OneInstrumentIsLiftedWhileAnotherStaysHalted) {
  halt("instrument", "KBS1");
  market_says(2, 80,
              {{"stopped",
                {{{"symbol", "KBS1"}, {"segment", 0}, {"state", "cancel only"}},
                 {{"symbol", "KBS2"}, {"segment", 0}, {"state", "cancel only"}}}}});
  EXPECT_EQ(count("halt.lifted"), 0);
  market_says(1, 81,
              {{"stopped", {{{"symbol", "KBS2"}, {"segment", 0}, {"state", "cancel only"}}}}});
  EXPECT_EQ(count("halt.lifted"), 1);
  EXPECT_EQ(count("halt.none_in_force"), 0);
}

TEST_F(RecoveryTest, WhatBrokeAgainMustBeSeenToWorkAgain) {
  halt();
  see("canary.fail_over_observed");
  apply("incident.sized",
        {{"incident", "inc-1"}, {"facts", {{"can_trade", false}, {"servers_spare", 1}}}});
  market_says(0, 80);
  EXPECT_EQ(count("incident.recovered"), 0);
  see("canary.fail_over_observed");
  EXPECT_EQ(count("incident.recovered"), 1);
}

}  // namespace
}  // namespace okiagari::desk

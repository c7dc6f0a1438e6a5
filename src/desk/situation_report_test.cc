// What stands in a situation report: who is cut off, by name, and what is thought of the cause.
#include "desk/situation_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "cause/explain.h"
#include "desk/sizing.h"
#include "desk/test_desk.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const boost::json::array& sentences, std::string_view language) {
  std::string text;
  for (const boost::json::value& sentence : sentences) {
    text += text_or(sentence.as_object(), language) + "\n";
  }
  return text;
}

class SituationReportTest : public TestDesk {
 protected:
  SituationReportTest()
      : TestDesk(1'800'000'000'000'000'000),
        sizing_({.members = {{1, "M001"}, {2, "M002"}, {3, "M003"}}, .instruments = 5}) {
    incidents_ = &desk_.add(std::make_unique<Incidents>(std::vector<Trigger>{}));
    apply("incident.open", {{"title", {{"en", "a failure"}, {"ja", "障害"}}}, {"severity", 3}},
          "person:hanako");
    picture_.leader = 1;
    for (GatewayId gateway = 1; gateway <= 2; ++gateway) {
      picture_.gateways.push_back({.gateway = gateway, .state = "alive", .is_serving = true});
    }
    for (NodeId node = 1; node <= 3; ++node) {
      watch::Picture::Server& server = picture_.servers.emplace_back();
      server.node = node;
      server.state = "alive";
    }
    sizing_.look(1, {.members = {1, 3}, .orders_undecided = 4});
    sizing_.look(2, {.members = {2}, .orders_undecided = 0});
    sizing_.name(3, "KOBO");
  }
  boost::json::array report(const boost::json::array& thoughts = {}) {
    sizing_.look(picture_, 1'000);
    apply("incident.sized", {{"incident", "inc-1"}, {"facts", sizing_.facts()}});
    return situation_report(*incidents_, *incidents_->find("inc-1"), cause::CauseTable::builtin(),
                            thoughts);
  }

  Incidents* incidents_ = nullptr;
  Sizing sizing_;
  watch::Picture picture_;
};

TEST_F(SituationReportTest, NamesTheMembersOfAGatewayThatIsGoneAndNoOthers) {
  EXPECT_THAT(text_of(report(), "en"), HasSubstr("Members cut off: 0 of 3."));
  picture_.gateways[0].state = "gone";
  picture_.gateways[0].is_serving = false;
  const boost::json::array said = report();
  EXPECT_THAT(text_of(said, "en"), HasSubstr("Members cut off, by name: M001, KOBO.\n"));
  EXPECT_THAT(text_of(said, "ja"), HasSubstr("接続できない会員: M001, KOBO。\n"));
  EXPECT_THAT(text_of(said, "en"), HasSubstr("an answer at the last look: 4."));
  EXPECT_EQ(incidents_->find("inc-1")->severity, 2) << "members are cut off";
}

TEST_F(SituationReportTest, AHaltIsSaidAsTheStateOfTradingAndNotAsAFault) {
  sizing_.look(
      StopsInForce{.is_market_stopped = true, .state = "cancel_only", .instruments_stopped = 5});
  const boost::json::array said = report();
  EXPECT_THAT(text_of(said, "en"), HasSubstr("Trading is halted on purpose; cancels are taken."));
  EXPECT_THAT(text_of(said, "ja"), Not(HasSubstr("売買は可能である")));
  const boost::json::object& facts = incidents_->find("inc-1")->facts;
  EXPECT_EQ(text_or(facts, "trading_state"), "cancel_only");
  EXPECT_EQ(number_or(facts, "instruments_hit_count", 0), 5);
  EXPECT_EQ(number_or(facts, "members_hit_count", 9), 0);
}

TEST_F(SituationReportTest, WhatIsThoughtOfTheCauseStandsInItWithItsEvidence) {
  const boost::json::array thoughts = {
      {{"en", "A process hangs at node-1: likely (72 %)."},
       {"ja", "プロセスが固まっている(node-1): 可能性が高い(72%)。"},
       {"evidence", {"e/1"}}}};
  const boost::json::array said = report(thoughts);
  EXPECT_THAT(text_of(said, "en"), HasSubstr("The cause is not known yet.\nA process hangs"));
  EXPECT_EQ(said.back(), thoughts.front());
}

TEST_F(SituationReportTest, SaysWhatWasMeasuredInTheReadersLanguageWhereWhoSawItDid) {
  watch::Evidence evidence;
  evidence.id = "e/1";
  evidence.signal = "cluster.heartbeat_missing";
  evidence.entity = "node-1";
  evidence.from_ns = now_;
  evidence.statement = "node-1 has said nothing for 250 ms";
  evidence.statement_ja = "node-1から250ミリ秒応答がない";
  watch::Evidence old = evidence;
  old.id = "e/2";
  old.entity = "node-2";
  old.statement = "node-2 has said nothing for 300 ms";
  old.statement_ja = "";
  apply("evidence.seen", {{"items", {watch::to_json(evidence), watch::to_json(old)}}}, "watch");
  const boost::json::array said = report();
  EXPECT_THAT(text_of(said, "en"), HasSubstr("node-1: node-1 has said nothing for 250 ms."));
  EXPECT_THAT(text_of(said, "ja"), HasSubstr("node-1: node-1から250ミリ秒応答がない。"));
  EXPECT_THAT(text_of(said, "ja"), Not(HasSubstr("300 ms"))) << "the signal's words";
}

}  // namespace
}  // namespace okiagari::desk

// Every deadline as its rule has it, and the clocks that run through the desk.
#include "desk/clocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/deadlines.h"
#include "desk/dora_classification.h"
#include "desk/incidents.h"
#include "desk/playbook_runs.h"
#include "desk/regulators_file.h"
#include "desk/test_desk.h"
#include "desk/time_text.h"
#include "test_places.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;

TimestampNs at(std::string_view text) { return *parse_utc(text); }
std::string day_in(const TimeZone& zone, TimestampNs at_ns) {
  return local_text(zone.local(static_cast<std::int64_t>(at_ns / 1'000'000'000))).substr(0, 10);
}

TEST(Deadlines, TheInitialReportIsDueFourHoursFromClassificationWithinADayOfAwareness) {
  const TimestampNs aware = at("2026-11-20T09:00");
  EXPECT_EQ(dora_initial_due(aware, at("2026-11-20T11:30")).due_ns, at("2026-11-20T15:30"));
  EXPECT_EQ(dora_initial_due(aware, at("2026-11-21T07:00")).due_ns, at("2026-11-21T09:00"));
  const InitialDue late = dora_initial_due(aware, at("2026-11-21T10:00"));
  EXPECT_TRUE(late.is_late);
  EXPECT_EQ(late.due_ns, at("2026-11-21T14:00"));
}

TEST(Deadlines, AMonthEndsWhereTheShorterMonthEnds) {
  EXPECT_EQ(months_after(at("2027-01-31T08:05"), 1), at("2027-02-28T08:05"));
  EXPECT_EQ(months_after(at("2028-01-31T08:05"), 1), at("2028-02-29T08:05"));
  EXPECT_EQ(months_after(at("2026-12-15T08:05"), 1), at("2027-01-15T08:05"));
}

TEST(Deadlines, BusinessDaysLeaveOutWeekendsAndThePlacesHolidays) {
  const auto zone = TimeZone::of_system("America/New_York");
  ASSERT_TRUE(zone.ok());
  const TimestampNs closed = at("2026-11-20T20:00");
  EXPECT_EQ(day_in(zone.value(), business_days_after(closed, 5, &zone.value(), {"2026-11-26"})),
            "2026-11-30");
  EXPECT_EQ(day_in(zone.value(), business_days_after(closed, 5, &zone.value(), {})), "2026-11-27");
  // Saturday 02:00 UTC is still Friday in New York.
  EXPECT_EQ(day_in(zone.value(), business_days_after(at("2026-11-21T02:00"), 5, &zone.value(), {})),
            "2026-11-27");
}

TEST(Deadlines, DelaysCountInJapanFromOverFiveMinutesAndHalfAPercentOrAHundredAccounts) {
  EXPECT_TRUE(counts_for_jsda(360, 100, 1'000'000));
  EXPECT_TRUE(counts_for_jsda(360, 50, 10'000));
  EXPECT_FALSE(counts_for_jsda(360, 49, 10'000));
  EXPECT_FALSE(counts_for_jsda(300, 100, 1'000'000));
}

struct DoraCase {
  const char* name;
  DoraFacts facts;
  bool is_major;
};

TEST(DoraClassification, IsStrictInEveryComparison) {
  const auto facts = [](bool critical, std::int64_t clients_ppm, std::int64_t downtime_s,
                        std::int64_t cost_cents, bool malicious) {
    DoraFacts made;
    made.is_critical_service = critical;
    made.clients_hit_ppm = clients_ppm;
    made.critical_downtime_s = downtime_s;
    made.cost_cents = cost_cents;
    made.is_malicious_access = malicious;
    return made;
  };
  const std::vector<DoraCase> cases = {
      {"12 % and 2.2 h", facts(true, 120'000, 7'920, 0, false), true},
      {"12 % and 2.0 h", facts(true, 120'000, 7'200, 0, false), false},
      {"10 % and 2.2 h", facts(true, 100'000, 7'920, 0, false), false},
      {"malicious only", facts(true, 0, 0, 0, true), true},
      {"not critical", facts(false, 900'000, 32'400, 0, false), false},
      {"2.2 h and 100 001", facts(true, 0, 7'920, 10'000'100, false), true},
      {"2.2 h and 100 000", facts(true, 0, 7'920, 10'000'000, false), false},
  };
  for (const DoraCase& one : cases) {
    EXPECT_EQ(classify_dora(one.facts).is_major, one.is_major) << one.name;
  }
}

class ClocksTest : public TestDesk {
 protected:
  ClocksTest() : TestDesk(at("2026-11-20T10:00")) {
    clocks_ = &desk_.add(std::make_unique<Clocks>());
    const auto zone = TimeZone::of_system("America/New_York");
    EXPECT_TRUE(apply("clock.regimes", {{"regimes", {"jp_fsa", "dora", "reg_sci", "mas"}},
                                        {"firm", "Koboshi Exchange"},
                                        {"zone", zone.value().to_json()},
                                        {"holidays", {"2026-11-26"}}})
                    .ok());
  }
  // Some are to be refused.
  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "desk") {
    return try_apply(type, std::move(body), by);
  }
  void start() {
    ASSERT_TRUE(apply("clock.start", {{"incident", "inc-1"},
                                      {"began_ns", now_},
                                      {"title", {{"en", "no leader"}, {"ja", "リーダー不在"}}},
                                      {"affected", {"matching"}},
                                      {"members_hit_count", 12}})
                    .ok());
  }
  [[nodiscard]] TimestampNs due(const std::string& rule) const {
    const RegulatorClock* clock = clocks_->find("inc-1/" + rule);
    return clock == nullptr ? 0 : clock->due_ns;
  }

  Clocks* clocks_ = nullptr;
};

TEST_F(ClocksTest, WhatRunsFromAwarenessIsDueAsItsRuleSays) {
  start();
  EXPECT_EQ(due("mas_notify"), at("2026-11-20T11:00"));
  EXPECT_EQ(due("mas_report"), at("2026-12-04T10:00"));
  EXPECT_EQ(due("reg_sci_written"), at("2026-11-21T10:00"));
  EXPECT_EQ(due("reg_sci_interim"), at("2026-12-20T10:00"));
  EXPECT_EQ(due("jp_fsa_status"), at("2026-12-20T10:00"));
  EXPECT_EQ(due("dora_initial"), 0u) << "nothing is major before it is classified";
  EXPECT_FALSE(apply("clock.start", {{"incident", "inc-1"}}).ok());
}

TEST_F(ClocksTest, OneReportStartsTheClockOfTheNextAlsoOverAWeekend) {
  now_ = at("2026-11-20T09:00");
  start();
  now_ = at("2026-11-20T11:30");
  ASSERT_TRUE(apply("clock.classify",
                    {{"incident", "inc-1"},
                     {"critical_service", true},
                     {"clients_hit_ppm", 120'000},
                     {"critical_downtime_s", 7'920}},
                    "person:hanako")
                  .ok());
  EXPECT_EQ(due("dora_initial"), at("2026-11-20T15:30"));
  now_ = at("2026-11-20T15:10");
  EXPECT_FALSE(apply("clock.submitted", {{"clock", "inc-1/dora_initial"}}).ok());
  ASSERT_TRUE(apply("clock.submitted", {{"clock", "inc-1/dora_initial"}}, "person:hanako").ok());
  EXPECT_EQ(due("dora_intermediate"), at("2026-11-23T15:10"));
  now_ = at("2027-01-31T12:00");
  ASSERT_TRUE(
      apply("clock.submitted", {{"clock", "inc-1/dora_intermediate"}}, "person:hanako").ok());
  EXPECT_EQ(due("dora_final"), at("2027-02-28T12:00"));
}

TEST_F(ClocksTest, TheFinalReportOfRegSciCountsBusinessDaysFromTheInvestigationsEnd) {
  start();
  now_ = at("2026-11-20T20:00");
  EXPECT_FALSE(apply("clock.closed", {{"incident", "inc-1"}}).ok());
  ASSERT_TRUE(apply("clock.closed", {{"incident", "inc-1"}}, "person:hanako").ok());
  const auto zone = TimeZone::of_system("America/New_York");
  EXPECT_EQ(day_in(zone.value(), due("reg_sci_final")), "2026-11-30");
}

TEST_F(ClocksTest, WarnsBeforeAReportIsDueAndSaysWhenItIsOverdueUnlessItWasSubmitted) {
  start();
  ASSERT_TRUE(apply("clock.submitted", {{"clock", "inc-1/reg_sci_notify"}}, "person:taro").ok());
  now_ = at("2026-11-20T10:44");
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("clock.due_soon"), 0);
  now_ = at("2026-11-20T10:45");
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("clock.due_soon"), 2) << "the FSA and MAS; Reg SCI is submitted";
  now_ = at("2026-11-20T11:00");
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("clock.overdue"), 0);
  now_ = at("2026-11-20T11:01");
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("clock.overdue"), 2);
}

TEST_F(ClocksTest, ADraftIsFilledFromTheRecordAndMarksWhatIsNotKnown) {
  start();
  const auto japan = draft_report(*find_clock_rule("jp_fsa_occurrence"), *clocks_->record("inc-1"));
  EXPECT_EQ(japan[0].label, "会社名");
  EXPECT_EQ(japan[0].value, "Koboshi Exchange");
  EXPECT_EQ(japan[1].value, "2026-11-20 19:00:00 JST（2026-11-20 10:00:00 UTC）");
  EXPECT_EQ(japan[4].value, "12");
  EXPECT_EQ(japan[6].value, "リーダー不在");
  EXPECT_EQ(japan[7].value, "【調査中】");
  EXPECT_FALSE(japan[7].is_known);
  EXPECT_EQ(japan[12].value, "【未確認】");
  const auto sci = draft_report(*find_clock_rule("reg_sci_written"), *clocks_->record("inc-1"));
  EXPECT_EQ(sci[1].value, "no leader");
  EXPECT_THAT(sci[4].value, HasSubstr("not known"));
}

// The desk as it is put together, with the files that ship.
class ClocksOfAnIncidentTest : public TestDesk {
 protected:
  ClocksOfAnIncidentTest() : TestDesk(at("2026-11-20T10:00")) {
    const Playbook playbook = this->playbook();
    auto regulators = load_regulators(OKIAGARI_SOURCE_DIR "/config/regulators.toml");
    EXPECT_TRUE(regulators.ok());
    auto& incidents = desk_.add(std::make_unique<Incidents>(playbook.triggers));
    desk_.add(std::make_unique<PlaybookRuns>(playbook, incidents));
    clocks_ = &desk_.add(std::make_unique<Clocks>(&incidents));
    apply("clock.regimes", regulators.value());
    see("process.gone", "node-1");
  }
  void size(std::int64_t members, boost::json::array affected, std::int64_t servers_hit = 1) {
    apply("incident.sized", {{"incident", "inc-1"},
                             {"facts",
                              {{"can_trade", true},
                               {"members_hit_count", members},
                               {"servers_hit_count", servers_hit},
                               {"affected", std::move(affected)}}}});
  }
  [[nodiscard]] std::string drafted(const char* rule, std::size_t field) const {
    return draft_report(*find_clock_rule(rule), clocks_->report_record("inc-1"))[field].value;
  }

  Clocks* clocks_ = nullptr;
};

TEST_F(ClocksOfAnIncidentTest, TheClocksOfEveryRegimeStartWithTheIncidentAndNobodyStartsThem) {
  EXPECT_TRUE(clocks_->all().empty());
  size(2, {"node-1"});
  for (const char* rule :
       {"jp_fsa_occurrence", "jp_fsa_status", "reg_sci_notify", "reg_sci_written", "mas_notify"}) {
    EXPECT_NE(clocks_->find(std::string("inc-1/") + rule), nullptr) << rule;
  }
}

TEST_F(ClocksOfAnIncidentTest, AnIncidentThatBecomesGraveLaterHasItsClocksToo) {
  size(0, {}, 0);
  EXPECT_TRUE(clocks_->all().empty()) << "nothing is hit: no regulator wants to hear of it";
  size(2, {"gateway-1"});
  apply("incident.report", {{"incident", "inc-1"}, {"sentences", {"first"}}});
  apply("incident.report", {{"incident", "inc-1"}, {"sentences", {"again"}}});
  EXPECT_NE(clocks_->find("inc-1/mas_notify"), nullptr);
}

TEST_F(ClocksOfAnIncidentTest, ADraftSaysTheMostThatWasHitAlsoWhenAllIsWellAgain) {
  size(1, {"node-1"});
  size(7, {"node-1", "gateway-2"});
  size(0, {});
  EXPECT_EQ(drafted("jp_fsa_recovery", 3), "node-1、gateway-2");
  EXPECT_EQ(drafted("jp_fsa_recovery", 4), "7");
  EXPECT_EQ(drafted("dora_initial", 6), "monitoring from outside, with test orders");
  apply("clock.record", {{"incident", "inc-1"}, {"members_hit_count", 6}}, "person:hanako");
  size(9, {"node-1"});
  EXPECT_EQ(drafted("jp_fsa_recovery", 4), "6") << "what a person has recorded stands";
}

TEST_F(ClocksOfAnIncidentTest, WhatWasDoneStandsInTheDraft) {
  size(1, {"node-1"});
  apply("incident.status", {{"incident", "inc-1"}, {"status", "monitoring"}}, "person:hanako");
  EXPECT_THAT(drafted("reg_sci_written", 4), HasSubstr("status: monitoring"));
  EXPECT_THAT(drafted("jp_fsa_occurrence", 9), HasSubstr("monitoring"));
}

TEST(RegulatorsFile, NamesWhatIsWrong) {
  EXPECT_THAT(parse_regulators("regimes = [\"sec\"]", "r.toml").error().message,
              HasSubstr("no regime 'sec'"));
  EXPECT_THAT(parse_regulators("lei = \"5299\"", "r.toml").error().message,
              HasSubstr("20 characters"));
  EXPECT_THAT(parse_regulators("holidays = [\"26.11.\"]", "r.toml").error().message,
              HasSubstr("26.11."));
  EXPECT_THAT(parse_regulators("zone = \"Europe/Atlantis\"", "r.toml").error().message,
              HasSubstr("Atlantis"));
}

}  // namespace
}  // namespace okiagari::desk

// Goal: a day's plan that two people signed is carried out by the market itself, also when another
// server leads by then, and a plan of one person by nobody. Method: real processes, the command as
// an operator types it, phases a few seconds ahead.
#include <gmock/gmock.h>
#include <signal.h>

#include "base/whole_file.h"
#include "client/plan_act.h"
#include "net/loop.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

using ::testing::HasSubstr;

class CalendarTest : public TestMarket {
 protected:
  // `rules_of_first`: text of a rule file for the calls of the first instrument.
  void start_market(const std::string& rules_of_first = "") {
    deployment::DeploymentOptions made = options();
    made.instruments = deployment::made_up_instruments(2);
    if (!rules_of_first.empty()) {
      made.instruments[0].auction_rules = folder_ + "-rules.toml";
      ASSERT_TRUE(base::write_whole_file(made.instruments[0].auction_rules, rules_of_first).ok());
    }
    start(made);
  }
  [[nodiscard]] std::string key(int person) const {
    return folder_ + "/keys/operator-" + std::to_string(person) + ".key";
  }
  Ending calendar(std::vector<std::string> words) {
    words.insert(words.begin(), "calendar");
    words.insert(words.end(), {"--data", folder_});
    return run(words);
  }
  // A plan nearer than a calendar's minutes: a state, and then all again. Its path.
  std::string plan_ahead(std::uint64_t first_ms, std::uint64_t second_ms,
                         venue::InstrumentState first = venue::InstrumentState::cancel_only) {
    client::PlanAct act;
    act.cluster = market_->file().cluster;
    act.calendar = "rehearsal";
    act.command.day = 20261126;
    act.command.count = 2;
    const std::uint64_t now_ns = net::Loop::wall_ns();
    act.command.phases[0].at_ns = now_ns + first_ms * 1'000'000;
    act.command.phases[0].state = first;
    act.command.phases[1].at_ns = now_ns + second_ms * 1'000'000;
    act.command.phases[1].state = venue::InstrumentState::full;
    client::finish_plan(act, now_ns / 1'000'000);
    const std::string path = folder_ + "/plan.json";
    EXPECT_TRUE(base::write_whole_file(path, client::to_json(act)).ok());
    return path;
  }
  [[nodiscard]] bool all_have_done(std::uint64_t phases) const {
    const auto found = reports();
    for (const auto& report : found) {
      if (report.at("plan").at("done").to_number<std::uint64_t>() != phases) return false;
    }
    return found.size() == market_->file().nodes.size();
  }
  // Of the two instruments and the canary's.
  std::string states() { return run({"halt", "status", "--data", folder_}).output; }
};

TEST_F(CalendarTest, ThePlanOfADayIsKeptAlsoByTheServerThatTakesOver) {
  start_market();
  const std::string plan = plan_ahead(6'000, 12'000);
  EXPECT_EQ(calendar({"sign", plan, "--key", key(1)}).status, 0);
  EXPECT_THAT(calendar({"submit", plan}).output, HasSubstr("approval missing"));
  EXPECT_EQ(calendar({"sign", plan, "--key", key(2)}).status, 0);
  const Ending submitted = calendar({"submit", plan});
  EXPECT_EQ(submitted.status, 0) << submitted.output;
  EXPECT_THAT(calendar({"status"}).output, HasSubstr("0 of 2 phases done"));
  market_->signal_node(market_->find_leader(5'000), SIGKILL);
  EXPECT_TRUE(wait_until([&] { return all_have_done(1); }));
  EXPECT_THAT(states(), HasSubstr("3 now cancel only"));
  EXPECT_TRUE(wait_until([&] { return all_have_done(2); }));
  EXPECT_THAT(states(), HasSubstr("3 now full"));
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

TEST_F(CalendarTest, ACallEndsAtARandomMomentAlsoUnderTheServerThatTakesOver) {
  start_market("price = \"largest volume\"\n[times]\nrandom_end_s = 4\n");
  const std::string plan = plan_ahead(3'000, 6'000, venue::InstrumentState::auction_call);
  EXPECT_EQ(calendar({"sign", plan, "--key", key(1), "--key", key(2)}).status, 0);
  EXPECT_EQ(calendar({"submit", plan}).status, 0);
  EXPECT_TRUE(wait_until([&] { return all_have_done(1); }));
  EXPECT_THAT(states(), HasSubstr("3 now auction call"));
  EXPECT_TRUE(wait_until([&] { return all_have_done(2); }));
  market_->signal_node(market_->find_leader(5'000), SIGKILL);
  EXPECT_TRUE(wait_until([&] { return states().find("3 now full") != std::string::npos; }))
      << states();
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
  std::filesystem::remove(folder_ + "-rules.toml");
}

TEST_F(CalendarTest, AHaltOutlastsTheHourAtWhichTradingWouldBegin) {
  start_market();
  const std::string plan = plan_ahead(3'000, 6'000);
  EXPECT_EQ(calendar({"sign", plan, "--key", key(1), "--key", key(2)}).status, 0);
  EXPECT_EQ(calendar({"submit", plan}).status, 0);
  EXPECT_EQ(
      run({"halt", "--market", "--reason", "drill", "--key", key(1), "--data", folder_}).status, 0);
  EXPECT_TRUE(wait_until([&] { return all_have_done(2); }));
  EXPECT_THAT(states(), HasSubstr("3 now cancel only"));
  EXPECT_EQ(calendar({"withdraw", "--key", key(2)}).status, 0) << "one is enough to stop it";
  EXPECT_THAT(calendar({"status"}).output, HasSubstr("0 of 0 phases done"));
}

TEST_F(CalendarTest, TheDayAnOutageKeptFromItsEndIsEndedByTwoPeople) {
  start_market();
  const std::string end = folder_ + "/day_end.json";
  const Ending made = calendar({"end-day", "--date", "2026-11-26", "--out", end, "--key", key(1)});
  EXPECT_EQ(made.status, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("end of 20261126"));
  EXPECT_THAT(calendar({"submit", end}).output, HasSubstr("approval missing"));
  EXPECT_EQ(calendar({"sign", end, "--key", key(2)}).status, 0);
  const Ending submitted = calendar({"submit", end});
  EXPECT_EQ(submitted.status, 0) << submitted.output;
  EXPECT_THAT(calendar({"status"}).output, HasSubstr("20261126 has ended"));
  const Ending again =
      calendar({"end-day", "--date", "2026-11-25", "--out", end, "--key", key(1), "--key", key(2)});
  EXPECT_EQ(again.status, 0) << again.output;
  EXPECT_THAT(calendar({"submit", end}).output, HasSubstr("day has ended"));
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

TEST_F(CalendarTest, AnotherDaysPlanIsMadeOfTheCalendarThatComesWithTheProgram) {
  start_market();
  const std::string file = std::string(OKIAGARI_SOURCE_DIR) + "/config/calendars/all_day.toml";
  const std::string plan = folder_ + "/day.json";
  EXPECT_THAT(run({"calendar", "show", file, "--date", "2026-11-26", "--days", "1"}).output,
              HasSubstr("2026-11-26 06:15  2026-11-26 06:15 UTC  full"));
  const Ending made = calendar({"plan", file, "--date", "2035-01-02", "--out", plan, "--key",
                                key(1), "--key", key(2), "--valid-s", "60"});
  EXPECT_EQ(made.status, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("2035-01-02T06:10:00Z  market to auction call"));
  const Ending submitted = calendar({"submit", plan});
  EXPECT_EQ(submitted.status, 0) << submitted.output;
  EXPECT_THAT(calendar({"status"}).output, HasSubstr("the next at 2035-01-02 06:00 UTC"));
  EXPECT_EQ(calendar({"plan", file, "--date", "2026-01-02", "--out", plan}).status, 2)
      << "that day is over";
}

}  // namespace
}  // namespace okiagari

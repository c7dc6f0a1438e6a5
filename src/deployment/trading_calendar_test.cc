#include "deployment/trading_calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "test_places.h"

namespace okiagari::deployment {
namespace {

using ::testing::HasSubstr;

constexpr TimestampNs kSecondNs = 1'000'000'000;

TradingCalendar calendar(const std::string& text) {
  auto parsed = TradingCalendar::parse(text, "calendar.toml");
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return parsed.value();
}

desk::LocalSeconds day(std::string_view text) { return parse_day(text).value(); }

std::string instants(const TradingCalendar& from, std::string_view date) {
  std::string all;
  for (const venue::PlannedPhase& phase : from.plan_of(day(date))) {
    all += desk::local_text(static_cast<std::int64_t>(phase.at_ns / kSecondNs)).substr(5) + " ";
  }
  return all;
}

constexpr const char* kFrankfurt = R"(
name = "Frankfurt"
time_zone = "Europe/Berlin"
days = ["mon", "tue", "wed", "thu", "fri"]
closed = ["2026-12-25"]
[[phase]]
at = "09:00"
state = "full"
[[phase]]
at = "17:30"
state = "closed"
[[day]]
dates = ["2026-12-30"]
[[day.phase]]
at = "14:00"
state = "closed"
code = "HALF"
)";

TEST(TradingCalendar, AnHourOnTheWallIsAnotherInstantInSummer) {
  const TradingCalendar frankfurt = calendar(kFrankfurt);
  EXPECT_EQ(instants(frankfurt, "2026-03-27"), "03-27 08:00 03-27 16:30 ");
  EXPECT_EQ(instants(frankfurt, "2026-03-30"), "03-30 07:00 03-30 15:30 ");
}

TEST(TradingCalendar, NobodyTradesOnHolidaysAndWeekends) {
  const TradingCalendar frankfurt = calendar(kFrankfurt);
  EXPECT_EQ(instants(frankfurt, "2026-12-25"), "") << "a Friday";
  EXPECT_EQ(instants(frankfurt, "2026-11-28"), "") << "a Saturday";
  EXPECT_NE(instants(frankfurt, "2026-12-28"), "");
}

TEST(TradingCalendar, ADayOfItsOwnHasItsOwnPhases) {
  const TradingCalendar frankfurt = calendar(kFrankfurt);
  const auto plan = frankfurt.plan_of(day("2026-12-30"));
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].state, venue::InstrumentState::closed);
  EXPECT_EQ(+plan[0].reason, 0x48414C46u);
  EXPECT_EQ(day_number(day("2026-12-30")), 20261230u);
}

TEST(TradingCalendar, ADayEndsOnceAndLast) {
  const std::string head = "name = \"A\"\ntime_zone = \"UTC\"\ndays = [\"mon\"]\n";
  const std::string end = "[[phase]]\nat = \"18:00\"\nstate = \"day end\"\n";
  const auto plan = calendar(head + end).plan_of(day("2026-11-30"));
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].state, venue::kDayEnd);
  EXPECT_EQ(plan[0].scope, venue::Scope::market);
  const auto refusal = [&](const std::string& text) {
    const auto parsed = TradingCalendar::parse(head + text, "calendar.toml");
    return parsed.ok() ? "" : parsed.error().message;
  };
  EXPECT_THAT(refusal(end + "[[phase]]\nat = \"19:00\"\nstate = \"closed\"\n"),
              HasSubstr("no phase comes after the day's end"));
  EXPECT_THAT(refusal(end + "segment = 2\n"), HasSubstr("a day ends for the whole market"));
}

TEST(TradingCalendar, ASessionGoesOnPastMidnight) {
  const TradingCalendar osaka = calendar(R"(
name = "Osaka, night"
time_zone = "Asia/Tokyo"
days = ["fri"]
[[phase]]
at = "17:00"
state = "full"
segment = 2
[[phase]]
at = "06:00"
next_day = true
state = "closed"
segment = 2
)");
  EXPECT_EQ(instants(osaka, "2026-11-27"), "11-27 08:00 11-27 21:00 ");
  EXPECT_EQ(osaka.plan_of(day("2026-11-27"))[0].scope, venue::Scope::segment);
}

TEST(TradingCalendar, TimesThatTheClocksJumpOverStillFollowEachOther) {
  const TradingCalendar night = calendar(R"(
name = "Night"
time_zone = "Europe/Berlin"
days = ["sun"]
[[phase]]
at = "02:10"
state = "cancel only"
[[phase]]
at = "02:50"
state = "full"
)");
  const auto plan = night.plan_of(day("2026-03-29"));
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(instants(night, "2026-03-29"), "03-29 01:00 03-29 01:00 ");
  EXPECT_LT(plan[0].at_ns, plan[1].at_ns);
}

TEST(TradingCalendar, WhatIsWrongIsSaidWithItsLine) {
  const auto fault = [](const std::string& text) {
    const auto parsed = TradingCalendar::parse(text, "calendar.toml");
    return parsed.ok() ? "" : parsed.error().message;
  };
  const std::string head = "name = \"a\"\ntime_zone = \"Asia/Tokyo\"\n";
  EXPECT_THAT(fault("name = \"a\"\n"), HasSubstr("time_zone"));
  EXPECT_THAT(fault("name = \"a\"\ntime_zone = \"Asia/Edo\"\n"), HasSubstr("Asia/Edo"));
  EXPECT_THAT(fault(head + "days = [\"Monday\"]\n"), HasSubstr("'Monday' is no day"));
  EXPECT_THAT(fault(head + "closed = [\"26-1-1\"]\n"), HasSubstr("'26-1-1' is no day"));
  EXPECT_THAT(fault(head + "[[phase]]\nat = \"9\"\nstate = \"full\"\n"),
              HasSubstr("no time of day"));
  EXPECT_THAT(fault(head + "[[phase]]\nat = \"09:00\"\nstate = \"open\"\n"),
              HasSubstr("there is no state 'open'"));
  EXPECT_THAT(fault(head + "[[phase]]\nat = \"09:00\"\nstate = \"full\"\n[[phase]]\nat = "
                           "\"08:00\"\nstate = \"closed\"\n"),
              HasSubstr("later than the one before"));
  EXPECT_THAT(fault(head + "[[day]]\ndates = [\"2026-01-05\", \"2026-01-05\"]\n[[day]]\ndates = "
                           "[\"2026-01-05\"]\n"),
              HasSubstr("given twice"));
}

TEST(TradingCalendar, TheCalendarsThatComeWithTheProgramAreGood) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(OKIAGARI_SOURCE_DIR "/config/calendars")) {
    const auto loaded = TradingCalendar::load(entry.path());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    EXPECT_FALSE(loaded.value().plan_of(day("2026-11-26")).empty()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace okiagari::deployment

// Schedules against a model that knows nothing of them: a watchman who goes through the days minute
// by minute with the C library's clock on the wall, and hands over whenever it passes the hour.
#include "desk/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <map>

namespace okiagari::desk {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMinute = 60;

const std::array<const char*, 8> kZones = {
    "Asia/Tokyo",    "Europe/London",     "America/New_York", "Australia/Lord_Howe",
    "Europe/Berlin", "Africa/Casablanca", "Pacific/Chatham",  "America/St_Johns"};

TimeZone zone_named(const std::string& name) {
  auto zone = TimeZone::of_system(name);
  EXPECT_TRUE(zone.ok()) << name;
  return zone.value();
}

std::int64_t utc(const std::string& text) { return *parse_local(text); }

// The clock on the wall, by the C library.
class WallClock {
 public:
  explicit WallClock(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }
  ~WallClock() {
    ::unsetenv("TZ");
    ::tzset();
  }
  [[nodiscard]] std::tm at(std::int64_t utc_s) const {
    const std::time_t time = utc_s;
    std::tm shown{};
    ::localtime_r(&time, &shown);
    return shown;
  }
  // The same as a count of seconds, as if the wall showed UTC.
  [[nodiscard]] static std::int64_t count(std::tm shown) { return ::timegm(&shown); }
};

class Watchman {
 public:
  Watchman(const Rotation& rotation, const std::string& zone)
      : rotation_(rotation), wall_(zone), next_(rotation.first_day + rotation.hand_over[0]) {}

  // To be asked for each minute, in order.
  std::optional<std::int64_t> duty(std::int64_t at_s) {
    const std::tm shown = wall_.at(at_s);
    latest_ = std::max(latest_, WallClock::count(shown));
    if (rotation_.hours != 0) {
      if (duty_ < 0 && latest_ >= next_) duty_ = 0, since_s_ = at_s;
      if (duty_ >= 0 && at_s - since_s_ >= rotation_.hours * 3'600) ++duty_, since_s_ = at_s;
    } else {
      while (latest_ >= next_) hand_over();
    }
    if (duty_ < 0 || !counts(shown)) return std::nullopt;
    return duty_;
  }

 private:
  void hand_over() {
    ++duty_;
    const auto turn = static_cast<std::size_t>(duty_ + 1);
    const std::size_t each = rotation_.hand_over.size();
    next_ = rotation_.first_day + static_cast<std::int64_t>(turn / each) * rotation_.days * kDay +
            rotation_.hand_over[turn % each];
  }
  [[nodiscard]] bool counts(const std::tm& shown) const {
    const std::int64_t time = shown.tm_hour * 3'600 + shown.tm_min * 60 + shown.tm_sec;
    const auto on = [&](int weekday) { return (rotation_.weekdays >> weekday & 1u) != 0; };
    const bool today = on(shown.tm_wday);
    const bool yesterday = on((shown.tm_wday + 6) % 7);
    const bool from = time >= rotation_.window_from;
    const bool to = time < rotation_.window_to;
    if (rotation_.window_from < rotation_.window_to) return from && to && today;
    return (from && today) || (to && yesterday);
  }

  const Rotation& rotation_;
  WallClock wall_;
  std::int64_t next_;
  std::int64_t duty_ = -1;
  std::int64_t latest_ = INT64_MIN;
  std::int64_t since_s_ = 0;
};

// Often around the hours at which clocks are set.
std::int64_t minute_of_day() {
  if (*rc::gen::inRange(0, 2) == 0) return *rc::gen::inRange<std::int64_t>(0, 7) * 30 * kMinute;
  return *rc::gen::inRange<std::int64_t>(0, 24 * 60) * kMinute;
}

// Days around which clocks are set somewhere, and one on which none is.
std::int64_t first_second() {
  return utc(*rc::gen::element<std::string>("2026-03-04", "2026-03-25", "2026-10-21", "2026-10-28",
                                            "2026-02-10", "2026-03-31", "2026-09-22", "2026-06-10",
                                            "2010-11-04")) +
         *rc::gen::inRange<std::int64_t>(0, 3) * kDay;
}

Rotation any_rotation(const std::string& zone, std::int64_t from_s) {
  Rotation rotation;
  rotation.zone = zone_named(zone);
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i)
    rotation.people.push_back(std::string(1, static_cast<char>('a' + i)));
  rotation.first_day = from_s + *rc::gen::inRange<std::int64_t>(-1, 2) * kDay;
  rotation.hand_over = {minute_of_day()};
  const int kind = *rc::gen::inRange(0, 4);
  if (kind == 1) rotation.days = 7;
  if (kind == 2) rotation.hours = *rc::gen::inRange(1, 30);
  if (kind == 3) {
    rotation.hand_over = {*rc::gen::inRange<std::int64_t>(0, 240) * kMinute,
                          *rc::gen::inRange<std::int64_t>(240, 1'440) * kMinute};
  }
  if (*rc::gen::inRange(0, 2) == 1) {
    rotation.weekdays = static_cast<unsigned>(*rc::gen::inRange(1, 0x80));
    rotation.window_from = minute_of_day();
    rotation.window_to = minute_of_day() + kMinute;
  }
  return rotation;
}

RC_GTEST_PROP(RotationTest, ARotationSaysWhatAWatchmanWithAWallClockDoesMinuteByMinute, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const std::int64_t from_s = first_second();
  const Rotation rotation = any_rotation(zone, from_s);
  Watchman watchman(rotation, zone);
  // He has to see the first hand-over.
  for (std::int64_t at_s = from_s - 3 * kDay; at_s < from_s + 8 * kDay; at_s += kMinute) {
    const auto expected = watchman.duty(at_s);
    const auto said = rotation.duty(at_s);
    if (said != expected) RC_FAIL(zone + " at " + local_text(at_s) + " UTC");
  }
}

RC_GTEST_PROP(ScheduleTest, DutiesOfAWholeScheduleAreWhatIsSaidForEachMinuteAndLeaveNoInstantOut,
              ()) {
  const std::int64_t from_s = first_second();
  const Interval days{from_s, from_s + 8 * kDay};
  Schedule schedule;
  const int layers = *rc::gen::inRange(1, 4);
  for (int i = 0; i < layers; ++i) {
    schedule.layers.push_back(any_rotation(*rc::gen::elementOf(kZones), from_s));
  }
  const auto any_interval = [&] {
    const std::int64_t begin_s = from_s + *rc::gen::inRange<std::int64_t>(0, 8 * 1'440) * kMinute;
    return Interval{begin_s, begin_s + *rc::gen::inRange<std::int64_t>(1, 2'880) * kMinute};
  };
  const auto any_person = [] { return std::string(1, *rc::gen::inRange('a', 'e')); };
  std::vector<Absence> absences;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    schedule.overrides.push_back({any_interval(), any_person()});
    schedule.swaps.push_back({any_interval(), any_person(), any_person()});
    absences.push_back({any_interval(), any_person()});
  }
  const std::vector<Duty> duties = schedule.duties(days, absences);
  RC_ASSERT(duties.front().when.from_s == days.from_s);
  RC_ASSERT(duties.back().when.to_s == days.to_s);
  std::size_t current = 0;
  for (std::int64_t at_s = days.from_s; at_s < days.to_s; at_s += kMinute) {
    if (at_s >= duties[current].when.to_s) {
      RC_ASSERT(duties[current + 1].when.from_s == duties[current].when.to_s);
      ++current;
    }
    RC_ASSERT(duties[current].when.holds(at_s));
    const std::string person = schedule.on_duty(at_s, absences);
    RC_ASSERT(duties[current].person == person);
    for (const Absence& absence : absences) {
      RC_ASSERT(!(absence.when.holds(at_s) && absence.person == person));
    }
  }
}

Rotation daily(const std::string& zone, const std::string& day, std::int64_t hand_over_s) {
  Rotation rotation;
  rotation.zone = zone_named(zone);
  rotation.people = {"aiko", "bunta", "chie"};
  rotation.first_day = utc(day);
  rotation.hand_over = {hand_over_s};
  return rotation;
}

TEST(ScheduleTest, AHandOverThatTheClocksJumpOverIsDoneWhenTheyJump) {
  // London, 29 March 2026: 01:00 becomes 02:00.
  const Rotation rotation = daily("Europe/London", "2026-03-28", 5'400);
  EXPECT_EQ(rotation.duty(utc("2026-03-29T00:59")), 0);
  EXPECT_EQ(rotation.duty(utc("2026-03-29T01:00")), 1);
  EXPECT_EQ(rotation.duty(utc("2026-03-30T00:29")), 1);
  EXPECT_EQ(rotation.duty(utc("2026-03-30T00:30")), 2);
}

TEST(ScheduleTest, AHandOverWhoseHourComesTwiceIsDoneOnceAndNotTakenBack) {
  // New York, 1 November 2026: 02:00 becomes 01:00.
  const Rotation rotation = daily("America/New_York", "2026-10-31", 5'400);
  EXPECT_EQ(rotation.duty(utc("2026-11-01T05:29")), 0);
  EXPECT_EQ(rotation.duty(utc("2026-11-01T05:30")), 1);
  EXPECT_EQ(rotation.duty(utc("2026-11-01T06:10")), 1);  // the wall shows 01:10 once more
  EXPECT_EQ(rotation.duty(utc("2026-11-01T06:30")), 1);
}

TEST(ScheduleTest, ClocksThatGoBackOverMidnightDoNotBringBackYesterdaysDuty) {
  // St. John's, 7 November 2010: 00:01 became 23:01 of the day before.
  const Rotation rotation = daily("America/St_Johns", "2010-11-06", 0);
  EXPECT_EQ(rotation.duty(utc("2010-11-07T02:29")), 0);
  EXPECT_EQ(rotation.duty(utc("2010-11-07T02:30")), 1);
  EXPECT_EQ(rotation.duty(utc("2010-11-07T03:00")), 1);  // the wall shows 23:30 once more
  EXPECT_EQ(rotation.duty(utc("2010-11-08T03:29")), 1);
  EXPECT_EQ(rotation.duty(utc("2010-11-08T03:30")), 2);
}

TEST(ScheduleTest, LordHoweSetsItsClocksByHalfAnHourAndNobodyIsLeftOut) {
  Schedule schedule;
  schedule.layers = {daily("Australia/Lord_Howe", "2026-03-20", 9 * 3'600)};
  const Interval month{utc("2026-03-22"), utc("2026-04-21")};
  EXPECT_TRUE(schedule.find_gaps(month, {}).empty());
  const auto duties = schedule.duties(month, {});
  std::map<std::int64_t, int> lengths;
  for (std::size_t i = 1; i + 1 < duties.size(); ++i) {
    ++lengths[(duties[i].when.to_s - duties[i].when.from_s) / kMinute];
  }
  EXPECT_EQ(lengths[24 * 60 + 30], 1);
  EXPECT_EQ(lengths[24 * 60], static_cast<int>(duties.size()) - 3);
}

TEST(ScheduleTest, DayAndNightFromTokyoAndLondonLeaveNoGapInThirtyDaysAndAHoleIsFound) {
  Rotation tokyo = daily("Asia/Tokyo", "2026-10-01", 8 * 3'600);
  tokyo.window_from = 8 * 3'600;
  tokyo.window_to = 20 * 3'600;
  Rotation night = daily("Asia/Tokyo", "2026-10-01", 20 * 3'600);
  night.window_from = 20 * 3'600;
  night.window_to = 8 * 3'600;
  Schedule schedule;
  schedule.layers = {tokyo, night};
  const Interval month{utc("2026-10-05"), utc("2026-11-04")};
  EXPECT_TRUE(schedule.find_gaps(month, {}).empty());
  // London takes the same hours by its own clocks: right in summer, an hour late in winter.
  Rotation london = daily("Europe/London", "2026-09-01", 12 * 3'600);
  london.window_from = 12 * 3'600;
  london.window_to = 24 * 3'600;
  schedule.layers = {tokyo, london};
  const auto gaps = schedule.find_gaps(month, {});
  EXPECT_EQ(gaps.size(), 10u);
  EXPECT_EQ(gaps.front().from_s, utc("2026-10-25T11:00"));
  EXPECT_EQ(gaps.front().to_s, utc("2026-10-25T12:00"));
}

TEST(ScheduleTest, AnAbsenceIsFilledByTheNextAndASwapIsKept) {
  Schedule schedule;
  schedule.layers = {daily("Asia/Tokyo", "2026-11-01", 0)};
  const std::int64_t noon = utc("2026-11-01T03:00");
  EXPECT_EQ(schedule.on_duty(noon, {}), "aiko");
  EXPECT_EQ(schedule.on_duty(noon, {{{noon, noon + 1}, "aiko"}}), "bunta");
  schedule.swaps.push_back({{noon - 60, noon + 60}, "aiko", "chie"});
  EXPECT_EQ(schedule.on_duty(noon, {}), "chie");
  EXPECT_EQ(schedule.on_duty(noon, {{{noon, noon + 1}, "chie"}}), "bunta");
  schedule.overrides.push_back({{noon, noon + 60}, "dan"});
  EXPECT_EQ(schedule.on_duty(noon, {}), "dan");
  schedule.overrides.push_back({{noon + 30, noon + 90}, "emi"});
  EXPECT_EQ(schedule.on_duty(noon + 40, {}), "emi");
  EXPECT_EQ(schedule.find_overlaps().size(), 1u);
}

TEST(TimeZoneTest, AZoneIsTheSameAfterItWentThroughTheLog) {
  for (const char* name : kZones) {
    const TimeZone zone = zone_named(name);
    const auto again = TimeZone::from_json(zone.to_json());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again.value().to_json(), zone.to_json());
  }
  EXPECT_FALSE(TimeZone::of_system("Europe/Londn").ok());
  EXPECT_FALSE(TimeZone::from_json(boost::json::array{}).ok());
  EXPECT_FALSE(TimeZone::from_json(
                   boost::json::array{boost::json::array{5, 0}, boost::json::array{5, 3'600}})
                   .ok());
}

}  // namespace
}  // namespace okiagari::desk

#include "deployment/trading_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "client/market_act.h"
#include "venue/names.h"

namespace okiagari::deployment {

namespace {

constexpr std::int64_t kDayS = 86'400;
constexpr std::size_t kDatesMax = 1'024;
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

int weekday_of(desk::LocalSeconds midnight) {
  const std::int64_t days = midnight / kDayS;
  return static_cast<int>(((days + 4) % 7 + 7) % 7);  // the first of 1970 was a Thursday
}

std::optional<venue::InstrumentState> state_named(std::string_view word) {
  for (auto i = 0; i <= static_cast<int>(venue::InstrumentState::closed); ++i) {
    const auto state = static_cast<venue::InstrumentState>(i);
    if (venue::name_of(state) == word) return state;
  }
  if (venue::name_of(venue::kDayEnd) == word) return venue::kDayEnd;
  return std::nullopt;
}

TradingCalendar::Phase read_phase(base::Settings& table) {
  TradingCalendar::Phase phase;
  std::string at;
  std::string word;
  std::string code;
  bool is_next_day = false;
  table.text("at", at, base::Settings::Presence::required);
  table.text("state", word, base::Settings::Presence::required);
  table.integer("segment", phase.segment, 1, UINT16_MAX);
  table.text("code", code);
  table.flag("next_day", is_next_day);
  const auto seconds = desk::parse_time_of_day(at);
  if (!seconds) table.refuse("at", fmt::format("'{}' is no time of day like \"09:00\"", at));
  const auto state = state_named(word);
  if (!state) {
    table.refuse("state", fmt::format("there is no state '{}': \"auction call\", \"full\", "
                                      "\"closed\" and others are in docs/venue.md",
                                      word));
  }
  if (code.size() > 4) table.refuse("code", "at most four characters");
  phase.at_s = seconds.value_or(0) + (is_next_day ? kDayS : 0);
  phase.state = state.value_or(venue::InstrumentState::closed);
  phase.reason = client::reason_of(code);
  if (phase.state == venue::kDayEnd && (phase.segment != 0 || phase.reason != 0)) {
    table.refuse("state", "a day ends for the whole market, and without a code");
  }
  return phase;
}

std::vector<TradingCalendar::Phase> read_phases(base::Settings& table) {
  std::vector<TradingCalendar::Phase> phases;
  for (base::Settings& one : table.tables("phase")) {
    phases.push_back(read_phase(one));
    if (phases.size() > 1 && phases[phases.size() - 2].at_s >= phases.back().at_s) {
      one.refuse("at", "a phase comes later than the one before it");
    }
    if (phases.size() > 1 && phases[phases.size() - 2].state == venue::kDayEnd) {
      one.refuse("at", "no phase comes after the day's end");
    }
  }
  if (phases.size() > venue::kPlannedPhasesMax) {
    table.refuse("phase", fmt::format("a day has at most {} phases", venue::kPlannedPhasesMax));
  }
  return phases;
}

std::set<desk::LocalSeconds> read_dates(base::Settings& table, std::string_view key) {
  std::set<desk::LocalSeconds> dates;
  for (const std::string& text : table.texts(key)) {
    const auto day = parse_day(text);
    if (!day) {
      table.refuse(key, day.error().message);
    } else {
      dates.insert(day.value());
    }
  }
  if (dates.size() > kDatesMax) table.refuse(key, fmt::format("at most {} dates", kDatesMax));
  return dates;
}

}  // namespace

base::Result<TradingCalendar> TradingCalendar::load(const std::string& path) {
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  return read(settings.value());
}

base::Result<TradingCalendar> TradingCalendar::parse(std::string_view text,
                                                     const std::string& origin) {
  auto settings = base::Settings::parse(text, origin);
  if (!settings) return settings.error();
  return read(settings.value());
}

base::Result<TradingCalendar> TradingCalendar::read(base::Settings& root) {
  constexpr auto kRequired = base::Settings::Presence::required;
  TradingCalendar calendar;
  root.text("name", calendar.name_, kRequired);
  root.text("time_zone", calendar.zone_name_, kRequired);
  for (const std::string& word : root.texts("days")) {
    const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), word);
    if (found == kWeekdays.end()) {
      root.refuse("days", fmt::format("'{}' is no day: \"mon\" to \"sun\"", word));
    } else {
      calendar.weekdays_.insert(static_cast<int>(found - kWeekdays.begin()));
    }
  }
  calendar.closed_ = read_dates(root, "closed");
  calendar.usual_ = read_phases(root);
  for (base::Settings& day : root.tables("day")) {
    const Phases phases = read_phases(day);
    for (const desk::LocalSeconds date : read_dates(day, "dates")) {
      if (!calendar.days_.emplace(date, phases).second || calendar.closed_.contains(date)) {
        day.refuse("dates", desk::local_text(date).substr(0, 10) + " is given twice");
      }
    }
  }
  if (base::Status status = root.finish(); !status) return status.error();
  auto zone = desk::TimeZone::of_system(calendar.zone_name_);
  if (!zone) return zone.error();
  calendar.zone_ = std::move(zone.value());
  return calendar;
}

const std::vector<TradingCalendar::Phase>& TradingCalendar::phases_on(
    desk::LocalSeconds midnight) const {
  static const Phases kNone;
  if (const auto own = days_.find(midnight); own != days_.end()) return own->second;
  const bool trades = weekdays_.contains(weekday_of(midnight)) && !closed_.contains(midnight);
  return trades ? usual_ : kNone;
}

std::vector<venue::PlannedPhase> TradingCalendar::plan_of(desk::LocalSeconds midnight) const {
  std::vector<venue::PlannedPhase> plan;
  for (const Phase& phase : phases_on(midnight)) {
    venue::PlannedPhase planned{};
    planned.at_ns =
        static_cast<TimestampNs>(zone_.first_instant(midnight + phase.at_s)) * 1'000'000'000;
    planned.scope = phase.segment == 0 ? venue::Scope::market : venue::Scope::segment;
    planned.target = phase.segment;
    planned.state = phase.state;
    planned.reason = phase.reason;
    // Two times of a night on which the clocks jump over both.
    if (!plan.empty() && planned.at_ns <= plan.back().at_ns) {
      planned.at_ns = plan.back().at_ns + 1;
    }
    plan.push_back(planned);
  }
  return plan;
}

base::Result<desk::LocalSeconds> parse_day(std::string_view text) {
  const auto day = text.size() == 10 ? desk::parse_local(text) : std::nullopt;
  if (!day) return base::Error{fmt::format("'{}' is no day like 2026-11-26", text)};
  return *day;
}

std::uint32_t day_number(desk::LocalSeconds midnight) {
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(midnight / kDayS))};
  return static_cast<std::uint32_t>(static_cast<int>(day.year()) * 10'000) +
         static_cast<unsigned>(day.month()) * 100 + static_cast<unsigned>(day.day());
}

}  // namespace okiagari::deployment

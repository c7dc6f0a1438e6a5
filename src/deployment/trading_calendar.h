// When a market trades, as people write it down: phases of a day by the clocks of a place, the days
// of the week, holidays and days of their own. What the venue gets of it is one day's plan at a
// time (venue/trading_plan.h); docs/formats/calendar.md has the file.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/settings.h"
#include "desk/time_zone.h"
#include "venue/command.h"

namespace okiagari::deployment {

class TradingCalendar {
 public:
  // Errors name the file, the line and what to write instead.
  [[nodiscard]] static base::Result<TradingCalendar> load(const std::string& path);
  [[nodiscard]] static base::Result<TradingCalendar> parse(std::string_view text,
                                                           const std::string& origin);

  // By the clocks of the place, from midnight of the day; past 86,400 on the next day.
  struct Phase {
    std::int64_t at_s = 0;
    venue::InstrumentState state = venue::InstrumentState::closed;
    std::uint16_t segment = 0;  // 0: the whole market
    std::uint32_t reason = 0;   // up to four characters, as in an act
  };
  // Of the day that begins at `midnight`; none when nobody trades. A time that the clocks jump over
  // is when they jump, of one that they show twice the first.
  [[nodiscard]] const std::vector<Phase>& phases_on(desk::LocalSeconds midnight) const;
  [[nodiscard]] std::vector<venue::PlannedPhase> plan_of(desk::LocalSeconds midnight) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& zone_name() const { return zone_name_; }
  [[nodiscard]] const desk::TimeZone& zone() const { return zone_; }

 private:
  [[nodiscard]] static base::Result<TradingCalendar> read(base::Settings& root);

  using Phases = std::vector<Phase>;

  std::string name_;
  std::string zone_name_;
  desk::TimeZone zone_;
  std::set<int> weekdays_;  // 0: Sunday
  std::set<desk::LocalSeconds> closed_;
  Phases usual_;
  std::map<desk::LocalSeconds, Phases> days_;  // of their own
};

// Midnight of a day "2026-11-26"; an error says how to write it.
[[nodiscard]] base::Result<desk::LocalSeconds> parse_day(std::string_view text);
// 20261126.
[[nodiscard]] std::uint32_t day_number(desk::LocalSeconds midnight);

}  // namespace okiagari::deployment

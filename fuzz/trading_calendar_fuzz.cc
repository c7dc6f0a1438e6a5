// Rooms: desk client venue base
// Files: deployment/trading_calendar.cc
// A calendar of a market. One that is read gives plans whose times ascend, on every day.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "deployment/trading_calendar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto calendar = deployment::TradingCalendar::parse(
      {reinterpret_cast<const char*>(data), size}, "calendar.toml");
  if (!calendar.ok()) {
    ASSERT(!calendar.error().message.empty());
    return 0;
  }
  constexpr std::int64_t kDayS = 86'400;
  const desk::LocalSeconds first = deployment::parse_day("2026-03-23").value();
  for (std::int64_t day = 0; day < 14; ++day) {
    TimestampNs last_ns = 0;
    for (const venue::PlannedPhase& phase : calendar.value().plan_of(first + day * kDayS)) {
      ASSERT(phase.at_ns > last_ns);
      last_ns = phase.at_ns;
    }
  }
  return 0;
}

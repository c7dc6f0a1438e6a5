// Which reports regulators want of an outage, what starts each clock and how long it runs; and what
// must stand in the report.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "desk/words.h"

namespace okiagari::desk {

enum class ClockStart : std::uint8_t {
  aware,       // somebody here knows of it
  occurred,    // it began
  classified,  // as major; only DORA
  recovered,
  cause_known,
  submitted,  // the report that is named in `behind`
  closed      // resolved, and its investigation is over
};

enum class ClockLength : std::uint8_t { at_once, seconds, months, business_days };

struct ReportField {
  std::string_view key;  // of the incident's record
  Words label;
};

struct ClockRule {
  std::string_view id;      // "dora_initial"
  std::string_view regime;  // "dora"
  Words title;
  ClockStart start;
  std::string_view behind;  // only with ClockStart::submitted
  ClockLength length;
  std::uint64_t amount;       // seconds, months or days
  std::string_view language;  // of the report
  std::vector<ReportField> fields;
};

[[nodiscard]] const std::vector<ClockRule>& clock_rules();
[[nodiscard]] const ClockRule* find_clock_rule(std::string_view id);

}  // namespace okiagari::desk

// When reports to regulators are due, as pure functions. docs/regulators.md says which rule each
// is, and which of them were not confirmed in a primary text. A trading venue gets no more time for
// a weekend.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/types.h"
#include "desk/time_zone.h"

namespace okiagari::desk {

// DORA, initial: four hours from classification, but at most 24 hours from awareness. Classified
// later than that, it is late, and due four hours from then.
struct InitialDue {
  TimestampNs due_ns = 0;
  bool is_late = false;
};
[[nodiscard]] InitialDue dora_initial_due(TimestampNs aware_ns, TimestampNs classified_ns);

// The same day and time so many months later; the month's last day when it is shorter. UTC.
[[nodiscard]] TimestampNs months_after(TimestampNs at_ns, unsigned months);

// The end of the n-th business day behind the day of `at_ns`, by the clocks of the place. Holidays
// are "2026-11-26". Without a zone: UTC.
[[nodiscard]] TimestampNs business_days_after(TimestampNs at_ns, unsigned days,
                                              const TimeZone* zone,
                                              const std::set<std::string>& holidays);

// Whether a delay of orders counts in the monthly figures of Japan's dealers' association: more
// than five minutes, and 0.5 % of the accounts or 100 of them.
[[nodiscard]] bool counts_for_jsda(std::uint64_t delay_s, std::uint64_t accounts_hit,
                                   std::uint64_t accounts_total);

}  // namespace okiagari::desk

// What a run shows, worked out of the checker's history: how many acknowledgements came when, how
// long they took, and how long there were none.
#pragma once

#include <cstdint>
#include <vector>

#include "check/history.h"
#include "cli/run_page.h"

namespace okiagari::cli {

// When things happened, monotonic.
struct RunTimes {
  std::uint64_t started_ns = 0;
  std::uint64_t killed_ns = 0;
  std::uint64_t ended_ns = 0;  // nothing was sent of the flow any more
};

// Fills in the times, series and latencies of `record`. Orders of the flow count, from being sent
// to being accepted or rejected by the venue; the gap is the longest time without an
// acknowledgement of them that ends after the kill.
void measure_run(const check::History& history, const RunTimes& times, RunRecord& record);

// What a fault costs whoever trades.
struct Gap {
  // The longest time without an acknowledgement that ends after the fault and begins before it or
  // soon after, while answers that were under way still come in.
  double length_ms = 0;
  // The longest one that begins later and ends before the next fault: of what comes back, or of the
  // machine.
  double later_ms = 0;
  double later_begins_ms = 0;  // after the fault
};
inline constexpr double kGapBeginsWithinMs = 250;

// Of faults at those times, in order.
[[nodiscard]] std::vector<Gap> gaps_after(const check::History& history,
                                          const std::vector<std::uint64_t>& times_ns);

}  // namespace okiagari::cli

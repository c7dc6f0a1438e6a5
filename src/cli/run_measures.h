// What a run shows, worked out of the checker's history: how many acknowledgements came when, how
// long they took, and how long there were none.
#pragma once

#include <cstdint>
#include <vector>

#include "check/history.h"
#include "cli/run_page.h"

namespace okiagari::cli {

// Fills in the times, series and latencies of `record`. Orders count, from being sent to being
// accepted or rejected by the venue. `started_ns` and `killed_ns` are monotonic; the gap is the
// longest time without an acknowledgement that ends after the kill.
void measure_run(const check::History& history, std::uint64_t started_ns, std::uint64_t killed_ns,
                 RunRecord& record);

struct Gap {
  double length_ms = 0;
  double begins_ms = 0;  // after the time it belongs to; negative: before
};

// Of each time, in order: the longest time without an acknowledgement that ends between it and the
// next one.
[[nodiscard]] std::vector<Gap> gaps_after(const check::History& history,
                                             const std::vector<std::uint64_t>& times_ns);

}  // namespace okiagari::cli

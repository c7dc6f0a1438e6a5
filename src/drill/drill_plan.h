// What a campaign does: which drills in which order, and how long each trades before its fault. All
// of it is drawn from one seed; the same seed gives the same plan.
#pragma once

#include <cstdint>
#include <vector>

#include "drill/fault.h"

namespace okiagari::drill {

struct PlannedDrill {
  std::size_t number = 0;  // from 1, in the order of the campaign
  Fault fault{};
  std::uint64_t seed = 0;  // of the drill: its target, its variant, its times
};

// Each of `faults` `each` times, in random order.
[[nodiscard]] std::vector<PlannedDrill> plan_campaign(const std::vector<Fault>& faults,
                                                      std::size_t each, std::uint64_t seed);

struct DrillTimes {
  std::uint64_t before_ms = 0;  // trading before the fault, so that there is a usual state
  std::uint64_t settle_ms = 0;  // at most, from the fault until the desk's answer is taken
};
[[nodiscard]] DrillTimes draw_times(std::uint64_t seed);

}  // namespace okiagari::drill

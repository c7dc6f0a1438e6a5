// Which branches of the market's own work a run took, as its events tell.
#pragma once

#include "tests/simulation/event_history.h"
#include "tests/simulation/tally.h"

namespace okiagari::simulation {

// `days_ended`: in the run; an act that ended one is told, a plan's phase is not.
void count_told(const EventHistory& events, std::uint64_t days_ended, Tally& tally);

}  // namespace okiagari::simulation

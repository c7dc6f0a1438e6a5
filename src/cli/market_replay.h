// Recorded order flow replayed into a market that runs, by its members' sessions.
#pragma once

#include <cstdint>
#include <string>

#include "base/report.h"
#include "base/result.h"
#include "check/load.h"
#include "recordings/flow_file.h"

namespace okiagari::cli {

struct MarketReplay {
  std::string name;  // of the report
  recordings::Flow flow;
  check::MarketAddresses addresses;
  double speed = 1;        // times as fast as recorded; 0: as fast as the market takes it
  std::uint32_t rate = 0;  // messages a second instead of the recorded times, when not 0
};

// Until the flow is over or Ctrl-C; either way the report says what was measured. The error says
// why it could not begin.
[[nodiscard]] base::Result<base::Report> replay_into_market(const MarketReplay& replay);

}  // namespace okiagari::cli

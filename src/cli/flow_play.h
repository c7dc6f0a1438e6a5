// Recorded order flow sent through a load of members: for the run and for a replay into a market
// that is there already.
#pragma once

#include <functional>

#include "base/result.h"
#include "check/load.h"
#include "cli/flow_source.h"

namespace okiagari::cli {

// Sends what `source` has, with a line of progress a second, until it is over. `goes_on` is called
// after every turn and ends it by returning false. The error says that nothing could be sent for a
// long time; what was sent is in `load` all the same.
[[nodiscard]] base::Status play_flow(check::Load& load, const FlowSource& source,
                                     const std::function<bool()>& goes_on);

}  // namespace okiagari::cli

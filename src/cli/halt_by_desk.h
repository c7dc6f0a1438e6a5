// A halt by way of the desk: the same act as in the console, on the incident's record, carried out
// by both of the desk's roads. Where the desk is dead, the other ways of `okiagari halt` need none.
#pragma once

#include "cli/halt_request.h"

namespace okiagari::cli {

// Previews, orders, or, of a lift, proposes what two must sign; the exit status.
[[nodiscard]] int run_halt_by_desk(const HaltRequest& request, bool is_lift);

}  // namespace okiagari::cli

// Recomputes what can be derived from the state and compares.
#pragma once

#include "base/result.h"
#include "venue/state.h"

namespace okiagari::venue {

[[nodiscard]] base::Status check_invariants(VenueState& state);

}  // namespace okiagari::venue

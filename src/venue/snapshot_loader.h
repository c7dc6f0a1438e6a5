// Reads a snapshot without trusting it: whatever the bytes are, the outcome is a state that holds
// together or an error that names the offset and what is wrong there.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "venue/state.h"

namespace okiagari::venue {

// `into` is a new state with the limits that the snapshot must have been written under; after an
// error it is of no use.
[[nodiscard]] base::Status load_snapshot(base::Bytes bytes, VenueState& into);

}  // namespace okiagari::venue

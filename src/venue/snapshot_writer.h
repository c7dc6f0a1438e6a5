// Writes the state as a snapshot: equal states give equal bytes, however they came about.
#pragma once

#include "base/bytes.h"
#include "venue/state.h"

namespace okiagari::venue {

void write_snapshot(const VenueState& state, base::ByteWriter& into);

}  // namespace okiagari::venue

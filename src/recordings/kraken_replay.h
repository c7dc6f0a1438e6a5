// Replays a recording of Kraken's book channel through the venue's state machine, reads the venue's
// own market data (ITCH 5.0) as a subscriber does, rebuilds the books from it, and compares the
// checksum of each with the one that Kraken sent.
//
// A level's volume is an order, or the difference one more. Volumes have eight decimals, and more
// than 32 bits: each pair is listed twice, in lots of the last decimal and in lots of a thousand
// million of them, and a level is the sum of both.
#pragma once

#include "base/result.h"
#include "recordings/held_recording.h"

namespace okiagari::recordings {

[[nodiscard]] base::Result<HeldRecording> hold_kraken(const HoldOptions& options);

}  // namespace okiagari::recordings

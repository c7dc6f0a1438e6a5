// Replays a log of Bitstamp's channels through the venue's state machine and holds the venue's book
// to the exchange's own, which the log has every few seconds.
//
// Every created order is a limit order, and trades in the venue by itself. What the log says of it
// later is compared with what the venue made of it: what is left less than in the venue is taken
// away, what the venue traded and the log never confirms is entered again after kGraceNs. The log's
// channels are not ordered among each other, so a trade may be told before its order or after.
// Orders from before the log are in the book as what the first snapshot has beyond them (seeds),
// and once more where deeper levels come into view.
#pragma once

#include "base/result.h"
#include "recordings/held_recording.h"

namespace okiagari::recordings {

[[nodiscard]] base::Result<HeldRecording> hold_bitstamp(const HoldOptions& options);

}  // namespace okiagari::recordings

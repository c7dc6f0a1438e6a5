// Replays a daily ITCH 5.0 file through the venue's state machine: every order that was added is a
// limit order, every execution an incoming immediate-or-cancel order of the other side, which must
// trade with the very order that the message names. Price-time priority as the venue has it is so
// held to that of the market which published the file.
//
// What the venue is not asked to do is counted: executions at another price than the order's,
// orders that would trade at once (a book that is crossed while trading is halted), messages of
// crosses.
#pragma once

#include "base/result.h"
#include "recordings/held_recording.h"

namespace okiagari::recordings {

[[nodiscard]] base::Result<HeldRecording> hold_itch(const HoldOptions& options);

}  // namespace okiagari::recordings

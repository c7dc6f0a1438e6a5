// The feed's events as ITCH 5.0 messages, one for one. Pure; docs/formats/itch.md has the table.
#pragma once

#include <cstddef>

#include "venue/event.h"
#include "wire/itch.h"
#include "wire/symbols.h"

namespace okiagari::wire::itch {

// Writes the message for a feed event, at most kMessageBytesMax; returns its size, 0 when the event
// is none for the feed. `symbols` must know the instruments of the directory events before it.
[[nodiscard]] std::size_t itch_from_event(const venue::EventHeader& event, const Symbols& symbols,
                                          std::byte* into);

// The public letter of a trading state.
[[nodiscard]] char state_letter(venue::InstrumentState state);

}  // namespace okiagari::wire::itch

// What OUCH messages mean to the venue, both ways: a member's message becomes a command, an event
// for a session becomes a message. Pure functions; docs/formats/ouch.md has the tables.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/types.h"
#include "venue/command.h"
#include "venue/event.h"
#include "wire/ouch.h"
#include "wire/symbols.h"

namespace okiagari::wire::ouch {

// Of the command to be made.
struct Origin {
  SessionId session = 0;
  GatewayId gateway = 0;
  std::uint32_t epoch = 0;
  std::uint32_t stream_number = 0;
  Alpha<4> firm = alpha<4>("");  // the session's; blank when not known
};

inline constexpr std::size_t kCommandBytesMax =
    std::max({sizeof(venue::NewIceberg), sizeof(venue::ReplaceIceberg), sizeof(venue::NewStop),
              sizeof(venue::ReplaceStop), sizeof(venue::NewTrailingStop),
              sizeof(venue::ReplaceTrailingStop)});

struct Translated {
  std::size_t size_bytes = 0;  // of the command; 0: refused
  RejectCode refusal = RejectCode::venue_reason;
  std::uint32_t user_reference = 0;
};

// Writes the command that an inbound message found without fault asks for, at most
// kCommandBytesMax. What only the venue can judge (symbols, prices, quantities) is left to it: an
// unknown symbol is instrument 0. An account query is no command and must not be passed.
[[nodiscard]] Translated command_from_ouch(base::Bytes message, const Origin& origin,
                                           const Symbols& symbols, std::byte* into);

// Writes the message for an event of a session, at most kMessageBytesMax; returns its size, 0 when
// the event is none for a session.
[[nodiscard]] std::size_t ouch_from_event(const venue::EventHeader& event, const Symbols& symbols,
                                          std::byte* into);

// Reasons in their wire form and back. Every reason of the venue has a code of its own.
[[nodiscard]] RejectCode code_of(venue::Reason reason);
[[nodiscard]] venue::Reason reason_of(RejectCode code);  // none when the code is not the venue's
[[nodiscard]] char cancel_letter(venue::Reason reason);

}  // namespace okiagari::wire::ouch

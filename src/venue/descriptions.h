// How instruments and sessions are told to gateways.
#pragma once

#include "venue/event.h"
#include "venue/instruments.h"
#include "venue/members.h"
#include "venue/sessions.h"

namespace okiagari::venue {

// As the gateway of a reference event: it is for all of them.
inline constexpr GatewayId kEveryGateway = 0;

inline void describe_instrument(const Instrument& instrument, InstrumentId id,
                                ReferenceInstrument& event) {
  event.instrument = id;
  event.symbol = instrument.symbol;
  event.state = instrument.state;
  event.tick_e4 = instrument.tick_e4;
}

inline void describe_segment(const Instrument& instrument, InstrumentId id,
                             ReferenceSegment& event) {
  event.instrument = id;
  event.segment = instrument.segment;
}

inline void describe_session(const Session& session, const Member& member,
                             ReferenceSession& event) {
  event.added_session = session.id;
  event.member = session.member;
  event.firm = member.firm;
}

}  // namespace okiagari::venue

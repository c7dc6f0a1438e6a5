// What a day of trading consists of, as two people approved it before it began: phases with their
// times. The venue knows no time zone and no holiday; a phase is carried out by a command that
// comes when its time has come, held against the time of its batch.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.h"
#include "base/types.h"
#include "venue/command.h"

namespace okiagari::venue {

struct TradingPlan {
  // A phase that starts trading later than this is left out: after an outage people decide how the
  // market opens again, and no calendar.
  static constexpr TimestampNs kLateMaxNs = 60'000'000'000;

  std::uint64_t control_number = 0;  // of the act that brought it; 0: there is none
  std::uint32_t day = 0;             // as its makers call it, 20261126; for people
  std::uint16_t count = 0;           // phases
  std::uint16_t next = 0;            // that is not carried out yet; `count`: the day is over
  std::array<PlannedPhase, kPlannedPhasesMax> phases{};
  // Digest of the command with its signatures, which members never see: venue/call_ends.h.
  base::Digest secret{};

  // From the first plan of a market on.
  [[nodiscard]] bool is_known() const { return control_number != 0; }
  [[nodiscard]] bool is_due(TimestampNs now_ns) const {
    return next < count && phases[next].at_ns <= now_ns;
  }
};

// Whether orders can trade, or be entered for a call, that could not in a stopped or closed book.
[[nodiscard]] constexpr bool starts_trading(InstrumentState state) {
  return state != InstrumentState::halted && state != InstrumentState::cancel_only &&
         state != InstrumentState::closed;
}

}  // namespace okiagari::venue

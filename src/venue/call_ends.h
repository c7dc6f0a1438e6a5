// Ends of calls that the clock brings: somewhere within the seconds that an instrument's rules give
// a planned end, so that nobody can wait for the last moment, and after an extension, when the call
// is tried again.
//
// The moment follows from the log alone, so every replica comes to it and anybody can check it
// afterwards: BLAKE2b over the digest of the day's plan with its signatures, the time of the batch
// that plans the end, and the instrument. Whoever signed the plan does not know that time, and
// whoever is told the time of a batch does not know the signatures.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "venue/state.h"

namespace okiagari::venue {

class CallEnds {
 public:
  explicit CallEnds(VenueState& state) : state_(state) {}

  // The call ends `after_s` from now and up to `random_s` later, where it then can; `then` and
  // `reason` are the state that follows and what the feed says of it. Without a plan that two
  // people signed nothing is random.
  void plan(InstrumentId id, InstrumentState then, std::uint32_t reason, std::uint32_t after_s,
            std::uint32_t random_s);
  [[nodiscard]] bool is_planned(InstrumentId id) const {
    return state_.instruments.auction(id).end.is_planned();
  }
  // Another state comes at its end.
  void follow_with(InstrumentId id, InstrumentState then, std::uint32_t reason);
  void forget(InstrumentId id) { state_.instruments.auction(id).end = {}; }

  // At the time of the batch. May be so of an end that was forgotten, until find_earliest().
  [[nodiscard]] bool is_any_due() const {
    return state_.next_call_end_ns != 0 && state_.next_call_end_ns <= state_.counters.timestamp_ns;
  }
  // The first one behind `id` whose end is due; 0 when there is none.
  [[nodiscard]] InstrumentId next_due(InstrumentId id) const;
  // Looks at all instruments for when the next one ends.
  void find_earliest();

 private:
  [[nodiscard]] TimestampNs random_ns(InstrumentId id, std::uint32_t random_s) const;

  VenueState& state_;
};

}  // namespace okiagari::venue

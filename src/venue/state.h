// All that the venue remembers between two batches, in one place: what a snapshot holds and what
// two replicas must agree on. Those who change it are the classes named after what they do:
// order_entry, session_control, market_control, reference_data, upkeep.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/types.h"
#include "market/order_books.h"
#include "venue/approvals.h"
#include "venue/attestations.h"
#include "venue/calls.h"
#include "venue/day_end.h"
#include "venue/foundation.h"
#include "venue/instruments.h"
#include "venue/ledger.h"
#include "venue/members.h"
#include "venue/quarantine_list.h"
#include "venue/sessions.h"
#include "venue/stops.h"
#include "venue/trading_plan.h"
#include "venue/venue.h"

namespace okiagari::venue {

// Each is the last number given; 0 before the first.
struct Counters {
  Sequence sequence = 0;
  std::uint64_t event_number = 0;
  std::uint64_t feed_number = 0;
  OrderReference order_reference = 0;
  MatchNumber match_number = 0;
  std::uint64_t control_number = 0;
  std::uint64_t checkpoints = 0;  // applied so far; chooses the slice that is scrubbed
  TimestampNs timestamp_ns = 0;
  std::uint64_t state_hash = 0;
};

struct VenueState {
  explicit VenueState(const Limits& the_limits)
      : limits(the_limits),
        books(the_limits.books),
        stops(the_limits.books),
        calls(the_limits.books.max_live_orders),
        ledger(the_limits.max_positions),
        attestations(the_limits.max_nodes) {}

  // Whether the order rests or waits.
  [[nodiscard]] bool lives(market::OrderKey key) const {
    return books.find(key) != nullptr || stops.waiting().find(key).has_value();
  }

  // That a call will end then.
  void note_call_end(TimestampNs at_ns) {
    next_call_end_ns = next_call_end_ns == 0 ? at_ns : std::min(next_call_end_ns, at_ns);
  }

  Limits limits;
  Counters counters;
  Instruments instruments;
  market::OrderBooks books;
  Stops stops;
  Calls calls;
  Members members;
  Ledger ledger;
  Sessions sessions;
  Operators operators;
  QuarantineList quarantine;
  Attestations attestations;
  Foundation foundation;
  TradingPlan plan;
  DayEnd day_end;
  // No call ends by itself before this; 0: none does. Follows from the instruments.
  TimestampNs next_call_end_ns = 0;
};

[[nodiscard]] constexpr market::OrderKey order_key(SessionId session,
                                                   std::uint32_t user_reference) {
  return market::OrderKey{session} << 32 | user_reference;
}
[[nodiscard]] constexpr SessionId session_of(market::OrderKey key) {
  return static_cast<SessionId>(key >> 32);
}
[[nodiscard]] constexpr std::uint32_t user_reference_of(market::OrderKey key) {
  return static_cast<std::uint32_t>(key);
}

}  // namespace okiagari::venue

// What a live order holds back: a buy its price in cash, a sell its lots. It is let go as the order
// trades or leaves.
#pragma once

#include "base/assert.h"
#include "base/types.h"
#include "market/order.h"
#include "venue/state.h"

namespace okiagari::venue {

struct Reservation {
  Balance* balance;
  Money amount;
};

// Of `lots` of the order.
[[nodiscard]] inline Reservation reservation(VenueState& state, const market::Order& order,
                                             QuantityLots lots) {
  if (order.side == Side::buy) {
    return {&state.ledger.cash(order.account),
            state.instruments[order.instrument].money(order.price, lots)};
  }
  Balance* position = state.ledger.position(order.account, order.instrument);
  ASSERT(position != nullptr, "sell order {:#x} without a position", order.key);
  return {position, lots};
}

inline void release(VenueState& state, const market::Order& order, QuantityLots lots) {
  const Reservation held = reservation(state, order, lots);
  held.balance->reserved -= held.amount;
}

}  // namespace okiagari::venue

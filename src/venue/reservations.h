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
    const Instrument& instrument = state.instruments[order.instrument];
    return {&state.ledger.cash(order.account),
            instrument.money(instrument.paid_at_most(order.price), lots)};
  }
  Balance* position = state.ledger.position(order.account, order.instrument);
  ASSERT(position != nullptr, "sell order {:#x} without a position", order.key);
  return {position, lots};
}

// Of an order that waits for its trigger.
[[nodiscard]] inline Reservation reservation(VenueState& state, const market::Stop& stop,
                                             QuantityLots lots) {
  if (stop.side == Side::buy) {
    return {&state.ledger.cash(stop.account),
            state.instruments[stop.instrument].money(stop.price, lots)};
  }
  Balance* position = state.ledger.position(stop.account, stop.instrument);
  ASSERT(position != nullptr, "stop {:#x} without a position", stop.key);
  return {position, lots};
}

template <typename Order>
void release(VenueState& state, const Order& order, QuantityLots lots) {
  const Reservation held = reservation(state, order, lots);
  held.balance->reserved -= held.amount;
}

}  // namespace okiagari::venue

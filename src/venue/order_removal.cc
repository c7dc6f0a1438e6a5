#include "venue/order_removal.h"

#include "base/assert.h"
#include "venue/reservations.h"

namespace okiagari::venue {

void OrderRemoval::cancel(const CancelOrder& command, Session& session) {
  const market::OrderKey key = order_key(session.id, command.user_reference);
  const market::Order* order = state_.books.find(key);
  if (order == nullptr) {
    const std::optional<market::Stop> stop = state_.stops.waiting().find(key);
    if (stop) return cancel_waiting(command, *stop, session);
    reject(command.user_reference, command.header, session, Reason::unknown_order);
    return;
  }
  if (!state_.instruments[order->instrument].takes_cancels()) {
    reject(command.user_reference, command.header, session, Reason::state_forbids);
    return;
  }
  if (command.quantity == 0) {
    take_out(*order, session, Reason::by_member, command.header.stream_number);
  } else if (command.quantity < state_.books.open_lots(*order)) {
    reduce(*order, command.quantity, session, command.header.stream_number);
  }
}

void OrderRemoval::cancel_waiting(const CancelOrder& command, const market::Stop& stop,
                                  Session& session) {
  if (!state_.instruments[stop.instrument].takes_cancels()) {
    reject(command.user_reference, command.header, session, Reason::state_forbids);
  } else if (command.quantity == 0) {
    take_out(stop, session, Reason::by_member, command.header.stream_number);
  } else if (command.quantity < stop.quantity) {
    const QuantityLots gone = stop.quantity - command.quantity;
    release(state_, stop, gone);
    state_.stops.reduce(stop, command.quantity);
    tell_canceled(stop.key, gone, command.quantity, Reason::by_member, session,
                  command.header.stream_number);
  }
}

void OrderRemoval::mass_cancel(const MassCancel& command, Session& session) {
  if (!take_number(command, session)) return;
  Reason reason = Reason::none;
  if (command.side > kBothSides) {
    reason = Reason::malformed;
  } else if (command.instrument != 0 && !state_.instruments.exists(command.instrument)) {
    reason = Reason::unknown_instrument;
  } else {
    const Selection selection{command.instrument, command.side};
    const Count count = remove(session, selection, Reason::by_member, command.header.stream_number);
    if (count.left > 0) reason = Reason::state_forbids;
  }
  if (reason != Reason::none) reject(command.user_reference, command.header, session, reason);
}

void OrderRemoval::refuse(const CancelOrder& command, Session& session, Reason reason) {
  reject(command.user_reference, command.header, session, reason);
}

void OrderRemoval::refuse(const MassCancel& command, Session& session, Reason reason) {
  if (take_number(command, session)) {
    reject(command.user_reference, command.header, session, reason);
  }
}

OrderRemoval::Count OrderRemoval::cancel_all(Session& session, Reason reason) {
  return remove(session, Selection{}, reason, 0);
}

void OrderRemoval::expire(market::OrderKey key) {
  Session& session = state_.sessions[session_of(key)];
  if (const market::Order* order = state_.books.find(key); order != nullptr) {
    return take_out(*order, session, Reason::day_over, 0);
  }
  const std::optional<market::Stop> stop = state_.stops.waiting().find(key);
  ASSERT(stop.has_value(), "order {:#x} was found and does not live", key);
  take_out(*stop, session, Reason::day_over, 0);
}

OrderRemoval::Count OrderRemoval::remove(Session& session, const Selection& selection,
                                         Reason reason, std::uint32_t stream_number) {
  Count count;
  keys_.clear();
  state_.books.keys_of_owner(session.id, keys_);
  for (const market::OrderKey key : keys_) {
    const market::Order* order = state_.books.find(key);
    ASSERT(order != nullptr, "order {:#x} is in its owner's list alone", key);
    remove(*order, selection, session, reason, stream_number, count);
  }
  if (state_.stops.waiting().count() == 0) return count;
  keys_.clear();
  state_.stops.waiting().keys_of_owner(session.id, keys_);
  for (const market::OrderKey key : keys_) {
    const std::optional<market::Stop> stop = state_.stops.waiting().find(key);
    ASSERT(stop.has_value(), "stop {:#x} is in its owner's list alone", key);
    remove(*stop, selection, session, reason, stream_number, count);
  }
  return count;
}

template <typename Order>
void OrderRemoval::remove(const Order& order, const Selection& selection, Session& session,
                          Reason reason, std::uint32_t stream_number, Count& count) {
  if (selection.instrument != 0 && selection.instrument != order.instrument) return;
  if (selection.side != kBothSides && selection.side != static_cast<std::uint8_t>(order.side)) {
    return;
  }
  if (state_.instruments[order.instrument].takes_cancels()) {
    take_out(order, session, reason, stream_number);
    ++count.removed;
  } else {
    ++count.left;
  }
}

// No feed has shown it.
void OrderRemoval::take_out(const market::Stop& stop, Session& session, Reason reason,
                            std::uint32_t stream_number) {
  release(state_, stop, stop.quantity);
  state_.stops.remove(state_.instruments, stop);
  tell_canceled(stop.key, stop.quantity, 0, reason, session, stream_number);
}

void OrderRemoval::tell_canceled(market::OrderKey key, QuantityLots gone, QuantityLots left,
                                 Reason reason, Session& session, std::uint32_t stream_number) {
  OrderCanceled& canceled = events_.to_session<OrderCanceled>(session, stream_number);
  canceled.user_reference = user_reference_of(key);
  canceled.quantity = gone;
  canceled.remaining = left;
  canceled.reason = reason;
}

void OrderRemoval::take_out(const market::Order& order, Session& session, Reason reason,
                            std::uint32_t stream_number) {
  const QuantityLots open = state_.books.open_lots(order);
  count_out(order, open);
  release(state_, order, open);
  tell_canceled(order.key, open, 0, reason, session, stream_number);

  FeedDelete& published = events_.to_feed<FeedDelete>();
  published.reference = order.reference;
  published.instrument = order.instrument;

  const bool was_live = state_.books.cancel(order.key);
  ASSERT(was_live, "an order that was found does not live");
}

void OrderRemoval::count_out(const market::Order& order, QuantityLots lots) {
  const Instrument& instrument = state_.instruments[order.instrument];
  if (instrument.is_called) state_.calls.count_out(instrument, order, lots);
}

void OrderRemoval::reduce(const market::Order& order, QuantityLots remaining, Session& session,
                          std::uint32_t stream_number) {
  const QuantityLots taken_away = state_.books.open_lots(order) - remaining;
  count_out(order, taken_away);
  release(state_, order, taken_away);
  tell_canceled(order.key, taken_away, remaining, Reason::by_member, session, stream_number);

  const QuantityLots shown = order.remaining;
  const bool reduced = state_.books.reduce(order.key, remaining);
  ASSERT(reduced, "an order that was found cannot be reduced to {} lots", remaining);
  // What is hidden goes first.
  if (shown == order.remaining) return;
  FeedReduce& published = events_.to_feed<FeedReduce>();
  published.reference = order.reference;
  published.quantity = shown - order.remaining;
  published.instrument = order.instrument;
}

// A mass cancel that is sent again must not take out what was entered since, so it has a number
// like an order. Without one (0) it is carried out each time.
bool OrderRemoval::take_number(const MassCancel& command, Session& session) {
  if (command.user_reference == 0) return true;
  switch (session.numbers.standing(command.user_reference)) {
    case AppliedNumbers::Standing::fresh:
      session.numbers.apply(command.user_reference);
      return true;
    case AppliedNumbers::Standing::applied:
      break;
    case AppliedNumbers::Standing::never_arrived:
      reject(command.user_reference, command.header, session, Reason::number_never_arrived);
      break;
    case AppliedNumbers::Standing::too_old:
      reject(command.user_reference, command.header, session, Reason::number_too_old);
      break;
  }
  return false;
}

void OrderRemoval::reject(std::uint32_t user_reference, const CommandHeader& header,
                          Session& session, Reason reason) {
  CancelRejected& rejected = events_.to_session<CancelRejected>(session, header.stream_number);
  rejected.user_reference = user_reference;
  rejected.reason = reason;
}

}  // namespace okiagari::venue

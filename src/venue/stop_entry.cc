#include "venue/stop_entry.h"

#include "base/assert.h"
#include "venue/reservations.h"

namespace okiagari::venue {

void StopEntry::hold(const market::Stop& stop) {
  const Reservation held = reservation(state_, stop, stop.quantity);
  held.balance->reserved += held.amount;
}

template <typename Command>
Reason StopEntry::try_to_enter(const Command& command, Session& session) {
  market::Stop stop;
  Reason reason = checks_.check_stop(command, session, stop);
  if (reason == Reason::none) reason = checks_.check_funds(stop, 0);
  if (reason != Reason::none) return reason;
  if (!state_.stops.add(state_.instruments, stop)) return Reason::books_full;
  state_.counters.order_reference = stop.reference;
  hold(stop);
  tell(command, stop, session);
  return Reason::none;
}

template Reason StopEntry::try_to_enter(const NewStop& command, Session& session);
template Reason StopEntry::try_to_enter(const NewTrailingStop& command, Session& session);

template <typename Command>
Reason StopEntry::try_to_replace(const Command& command, Session& session) {
  const std::optional<market::Stop> original =
      state_.stops.waiting().find(order_key(session.id, command.original_user_reference));
  if (!original) return Reason::unknown_order;
  market::Stop stop;
  Reason reason = checks_.check_stop(command, *original, stop);
  if (reason != Reason::none) return reason;
  if (!OrderChecks::keeps_place(stop, *original)) {
    const Reservation held = reservation(state_, *original, original->quantity);
    reason = checks_.check_funds(stop, held.amount);
    if (reason != Reason::none) return reason;
  }
  put_in_place(*original, stop);
  tell(command, stop, session);
  return Reason::none;
}

template Reason StopEntry::try_to_replace(const ReplaceStop& command, Session& session);
template Reason StopEntry::try_to_replace(const ReplaceTrailingStop& command, Session& session);

void StopEntry::put_in_place(const market::Stop& original, market::Stop& stop) {
  if (OrderChecks::keeps_place(stop, original)) {
    release(state_, original, original.quantity - stop.quantity);
    state_.stops.reduce(original, stop.quantity);
    state_.stops.rename(original, stop.key);
    stop.reference = original.reference;
    return;
  }
  release(state_, original, original.quantity);
  state_.stops.remove(state_.instruments, original);
  const bool is_added = state_.stops.add(state_.instruments, stop);
  ASSERT(is_added, "there is no room where stop {:#x} was", original.key);
  state_.counters.order_reference = stop.reference;
  hold(stop);
}

template <typename Event, typename Command>
Event& StopEntry::tell_accepted(const Command& command, const market::Stop& stop,
                                Session& session) {
  Event& accepted = events_.to_session<Event>(session, command.header.stream_number);
  accepted.user_reference = command.user_reference;
  accepted.quantity = command.quantity;
  accepted.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  accepted.last_day = stop.last_day;
  accepted.trigger_e4 = state_.instruments[stop.instrument].price_e4(stop.trigger);
  accepted.reference = stop.reference;
  accepted.account = stop.account;
  accepted.instrument = stop.instrument;
  accepted.side = stop.side;
  accepted.price_type = command.price_type;
  accepted.time_in_force = command.time_in_force;
  accepted.self_trade = command.self_trade;
  accepted.client_order_id = command.client_order_id;
  return accepted;
}

template <typename Event, typename Command>
Event& StopEntry::tell_replaced(const Command& command, const market::Stop& stop,
                                Session& session) {
  Event& replaced = events_.to_session<Event>(session, command.header.stream_number);
  replaced.original_user_reference = command.original_user_reference;
  replaced.user_reference = command.user_reference;
  replaced.quantity = stop.quantity;
  replaced.instrument = stop.instrument;
  replaced.side = stop.side;
  replaced.time_in_force = static_cast<std::uint8_t>(stop.time_in_force);
  replaced.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  replaced.last_day = stop.last_day;
  replaced.trigger_e4 = state_.instruments[stop.instrument].price_e4(stop.trigger);
  replaced.reference = stop.reference;
  replaced.price_type = command.price_type;
  replaced.client_order_id = command.client_order_id;
  return replaced;
}

void StopEntry::tell(const NewStop& command, const market::Stop& stop, Session& session) {
  tell_accepted<StopAccepted>(command, stop, session);
}

void StopEntry::tell(const NewTrailingStop& command, const market::Stop& stop, Session& session) {
  tell_accepted<TrailingStopAccepted>(command, stop, session).distance_e4 = command.distance_e4;
}

void StopEntry::tell(const ReplaceStop& command, const market::Stop& stop, Session& session) {
  tell_replaced<StopReplaced>(command, stop, session);
}

void StopEntry::tell(const ReplaceTrailingStop& command, const market::Stop& stop,
                     Session& session) {
  tell_replaced<TrailingStopReplaced>(command, stop, session).distance_e4 = command.distance_e4;
}

}  // namespace okiagari::venue

#include "venue/stop_entry.h"

#include "base/assert.h"
#include "venue/reservations.h"

namespace okiagari::venue {

void StopEntry::enter(const NewStop& command, Session& session) {
  const OrderEntry::Name name = OrderEntry::name_of(command);
  if (!orders_.take_number(name, session)) return;
  const Reason reason = try_to_enter(command, session);
  if (reason != Reason::none) orders_.reject(name, session, reason);
}

void StopEntry::replace(const ReplaceStop& command, Session& session) {
  const OrderEntry::Name name = OrderEntry::name_of(command);
  if (!orders_.take_number(name, session)) return;
  const Reason reason = try_to_replace(command, session);
  if (reason != Reason::none) orders_.reject(name, session, reason);
}

void StopEntry::hold(const market::Stop& stop) {
  const Reservation held = reservation(state_, stop, stop.quantity);
  held.balance->reserved += held.amount;
}

Reason StopEntry::try_to_enter(const NewStop& command, Session& session) {
  market::Stop stop;
  Reason reason = checks_.check_stop(command, session, stop);
  if (reason == Reason::none) reason = checks_.check_funds(stop, 0);
  if (reason != Reason::none) return reason;
  if (!state_.stops.add(state_.instruments, stop)) return Reason::books_full;
  state_.counters.order_reference = stop.reference;
  hold(stop);

  StopAccepted& accepted = events_.to_session<StopAccepted>(session, command.header.stream_number);
  accepted.user_reference = command.user_reference;
  accepted.quantity = command.quantity;
  accepted.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  accepted.last_day = stop.last_day;
  accepted.trigger_e4 = command.trigger_e4;
  accepted.reference = stop.reference;
  accepted.account = stop.account;
  accepted.instrument = stop.instrument;
  accepted.side = stop.side;
  accepted.price_type = command.price_type;
  accepted.time_in_force = command.time_in_force;
  accepted.self_trade = command.self_trade;
  accepted.client_order_id = command.client_order_id;
  return Reason::none;
}

Reason StopEntry::try_to_replace(const ReplaceStop& command, Session& session) {
  const std::optional<market::Stop> waits =
      state_.stops.waiting().find(order_key(session.id, command.original_user_reference));
  if (!waits) return Reason::unknown_order;
  const market::Stop& original = *waits;
  market::Stop stop;
  Reason reason = checks_.check_stop(command, original, stop);
  if (reason != Reason::none) return reason;

  const bool is_as_before = stop.trigger == original.trigger && stop.type == original.type &&
                            stop.price == original.price &&
                            stop.time_in_force == original.time_in_force &&
                            stop.last_day == original.last_day;
  if (is_as_before && stop.quantity <= original.quantity) {
    release(state_, original, original.quantity - stop.quantity);
    state_.stops.reduce(original, stop.quantity);
    state_.stops.rename(original, stop.key);
    stop.reference = original.reference;
    tell_replaced(command, stop, session);
    return Reason::none;
  }
  const Reservation held = reservation(state_, original, original.quantity);
  reason = checks_.check_funds(stop, held.amount);
  if (reason != Reason::none) return reason;
  release(state_, original, original.quantity);
  state_.stops.remove(state_.instruments, original);
  const bool is_added = state_.stops.add(state_.instruments, stop);
  ASSERT(is_added, "there is no room where stop {:#x} was", original.key);
  state_.counters.order_reference = stop.reference;
  hold(stop);
  tell_replaced(command, stop, session);
  return Reason::none;
}

void StopEntry::tell_replaced(const ReplaceStop& command, const market::Stop& stop,
                              Session& session) {
  StopReplaced& replaced = events_.to_session<StopReplaced>(session, command.header.stream_number);
  replaced.original_user_reference = command.original_user_reference;
  replaced.user_reference = command.user_reference;
  replaced.quantity = stop.quantity;
  replaced.instrument = stop.instrument;
  replaced.side = stop.side;
  replaced.time_in_force = static_cast<std::uint8_t>(stop.time_in_force);
  replaced.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  replaced.last_day = stop.last_day;
  replaced.trigger_e4 = command.trigger_e4;
  replaced.reference = stop.reference;
  replaced.price_type = command.price_type;
  replaced.client_order_id = command.client_order_id;
}

}  // namespace okiagari::venue

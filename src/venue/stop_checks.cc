// OrderChecks of orders that wait for their trigger.
#include <cstdint>
#include <cstring>

#include "venue/order_checks.h"
#include "venue/reservations.h"

namespace okiagari::venue {

namespace {

using market::PriceType;
using market::TimeInForce;

NewOrder order_of(const NewStop& command) {
  NewOrder order;
  std::memcpy(&order, &command, sizeof order);
  return order;
}
const NewOrder& order_of(const NewTrailingStop& command) { return command; }

}  // namespace

// What waits for its trigger cannot be immediate, and what shall trade cannot insist on resting.
Reason OrderChecks::check_waiting(const Validity& validity, std::uint8_t post_only) const {
  if (validity.time_in_force > static_cast<std::uint8_t>(TimeInForce::good_till_date) ||
      post_only > 1) {
    return Reason::malformed;
  }
  if (!market::is_lasting(validity.type()) || post_only != 0) return Reason::not_supported;
  return check_time(validity, 0);
}

template <typename Command>
Reason OrderChecks::check_stop_terms(const Command& command, const Session& session,
                                     market::Stop& stop) const {
  if (const Reason bad =
          check_waiting({command.time_in_force, command.last_day}, command.post_only);
      bad != Reason::none) {
    return bad;
  }
  market::Incoming order;
  if (const Reason bad = check_terms(order_of(command), session, order); bad != Reason::none) {
    return bad;
  }
  const bool is_limit = order.type == PriceType::limit;
  stop = market::Stop{
      .key = order.key,
      .reference = order.reference,
      .trigger = 0,
      .price =
          is_limit ? order.price : state_.instruments[order.instrument].worst_price(order.side),
      .quantity = order.quantity,
      .account = order.account,
      .instrument = order.instrument,
      .member = order.member,
      .side = order.side,
      .type = order.type,
      .time_in_force = order.time_in_force,
      .self_trade = order.self_trade,
      .last_day = order.last_day,
  };
  return Reason::none;
}

Reason OrderChecks::check_stop(const NewStop& command, const Session& session,
                               market::Stop& stop) const {
  Reason bad = check_stop_terms(command, session, stop);
  if (bad != Reason::none) return bad;
  bad = check_price(state_.instruments[stop.instrument], command.trigger_e4, stop.trigger);
  return bad != Reason::none ? bad : check_state(stop);
}

Reason OrderChecks::check_stop(const NewTrailingStop& command, const Session& session,
                               market::Stop& stop) const {
  Reason bad = check_stop_terms(command, session, stop);
  if (bad != Reason::none) return bad;
  bad = check_distance(state_.instruments[stop.instrument], command.distance_e4, stop.distance);
  if (bad == Reason::none) bad = begin_to_trail(stop);
  if (bad == Reason::none) bad = check_state(stop);
  if (bad != Reason::none) return bad;
  const bool is_taken =
      state_.stops.waiting().takes_distance(stop.instrument, stop.side, stop.distance, nullptr);
  return is_taken ? Reason::none : Reason::too_many_distances;
}

template <typename Command>
Reason OrderChecks::check_stop_terms(const Command& command, const market::Stop& original,
                                     market::Stop& stop) const {
  if (command.price_type > static_cast<std::uint8_t>(PriceType::market)) return Reason::malformed;
  const Validity validity = validity_of(command, original);
  if (const Reason bad = check_waiting(validity, command.post_only); bad != Reason::none) {
    return bad;
  }
  const SessionId session = session_of(original.key);
  if (state_.sessions[session].next_session_number >= kSessionNumbersMax) {
    return Reason::bound_reached;
  }
  if (const Reason bad = check_quantity(command.quantity); bad != Reason::none) return bad;
  const Instrument& instrument = state_.instruments[original.instrument];
  stop = original;
  stop.key = order_key(session, command.user_reference);
  stop.reference = state_.counters.order_reference + 1;
  stop.quantity = command.quantity;
  stop.type = static_cast<PriceType>(command.price_type);
  stop.time_in_force = validity.type();
  stop.last_day = validity.day();
  if (stop.type == PriceType::market) {
    stop.price = instrument.worst_price(stop.side);
    return Reason::none;
  }
  return check_price(instrument, command.price_e4, stop.price);
}

Reason OrderChecks::check_stop(const ReplaceStop& command, const market::Stop& original,
                               market::Stop& stop) const {
  Reason bad = check_stop_terms(command, original, stop);
  if (bad != Reason::none) return bad;
  stop.distance = 0;
  bad = check_price(state_.instruments[stop.instrument], command.trigger_e4, stop.trigger);
  return bad != Reason::none ? bad : check_state(stop);
}

Reason OrderChecks::check_stop(const ReplaceTrailingStop& command, const market::Stop& original,
                               market::Stop& stop) const {
  Reason bad = check_stop_terms(command, original, stop);
  if (bad != Reason::none) return bad;
  bad = check_distance(state_.instruments[stop.instrument], command.distance_e4, stop.distance);
  if (bad != Reason::none) return bad;
  if (keeps_place(stop, original)) return check_state(stop);
  bad = begin_to_trail(stop);
  if (bad == Reason::none) bad = check_state(stop);
  if (bad != Reason::none) return bad;
  const bool is_taken =
      state_.stops.waiting().takes_distance(stop.instrument, stop.side, stop.distance, &original);
  return is_taken ? Reason::none : Reason::too_many_distances;
}

bool OrderChecks::keeps_place(const market::Stop& stop, const market::Stop& original) {
  return stop.trigger == original.trigger && stop.distance == original.distance &&
         stop.type == original.type && stop.price == original.price &&
         stop.time_in_force == original.time_in_force && stop.last_day == original.last_day &&
         stop.quantity <= original.quantity;
}

Reason OrderChecks::check_distance(const Instrument& instrument, std::uint64_t distance_e4,
                                   PriceTicks& distance) {
  if (distance_e4 == 0) return Reason::malformed;
  if (distance_e4 > UINT32_MAX) return Reason::price_too_large;
  if (distance_e4 % instrument.tick_e4 != 0) return Reason::price_off_tick;
  // No price is so far from another.
  const std::uint64_t ticks = distance_e4 / instrument.tick_e4;
  if (ticks >= static_cast<std::uint64_t>(kMaxPriceTicks)) return Reason::price_out_of_limits;
  distance = static_cast<PriceTicks>(ticks);
  return Reason::none;
}

Reason OrderChecks::begin_to_trail(market::Stop& stop) const {
  const Instrument& instrument = state_.instruments[stop.instrument];
  if (instrument.last_price == 0) return Reason::nothing_to_follow;
  const std::int64_t last = instrument.last_price;
  const std::int64_t trigger =
      stop.side == Side::sell ? last - stop.distance : last + stop.distance;
  if (trigger < instrument.low_limit || trigger > instrument.high_limit) {
    return Reason::price_out_of_limits;
  }
  stop.trigger = static_cast<PriceTicks>(trigger);
  return Reason::none;
}

// It waits wherever orders may be entered. While others of its instrument wait for their turn to
// go, it would be told apart from those that were reached by its age alone.
Reason OrderChecks::check_state(const market::Stop& stop) const {
  const Instrument& instrument = state_.instruments[stop.instrument];
  switch (instrument.state) {
    case InstrumentState::full:
      if (state_.stops.next(stop.instrument)) return Reason::state_forbids;
      break;
    case InstrumentState::limit_only:
    case InstrumentState::post_only:
      break;
    case InstrumentState::auction_call:
      if (!state_.instruments.auction(stop.instrument).has_rules) return Reason::not_supported;
      break;
    case InstrumentState::halted:
    case InstrumentState::cancel_only:
    case InstrumentState::uncross:
    case InstrumentState::closed:
      return Reason::state_forbids;
  }
  return state_.members[stop.member].halted ? Reason::member_halted : Reason::none;
}

Reason OrderChecks::check_funds(const market::Stop& stop, Money freed) {
  return check_funds(market::Incoming{.key = stop.key,
                                      .reference = stop.reference,
                                      .price = stop.price,
                                      .quantity = stop.quantity,
                                      .account = stop.account,
                                      .instrument = stop.instrument,
                                      .member = stop.member,
                                      .side = stop.side,
                                      .type = PriceType::limit,
                                      .time_in_force = stop.time_in_force,
                                      .self_trade = stop.self_trade,
                                      .post_only = false},
                     freed);
}

}  // namespace okiagari::venue

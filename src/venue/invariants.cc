#include "venue/invariants.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "venue/reservations.h"

namespace okiagari::venue {

namespace {

base::Status check_order(const VenueState& state, const market::Order& order) {
  const Session* session = state.sessions.find(session_of(order.key));
  if (session == nullptr || session->member != order.member) {
    return base::Error{fmt::format("order {:#x} belongs to no session", order.key)};
  }
  const auto standing = session->numbers.standing(user_reference_of(order.key));
  if (standing == AppliedNumbers::Standing::fresh ||
      standing == AppliedNumbers::Standing::never_arrived) {
    return base::Error{fmt::format("order {:#x} has a number that was not applied", order.key)};
  }
  if (order.account == 0 || order.account > state.ledger.accounts() ||
      state.ledger.account(order.account).member != order.member) {
    return base::Error{fmt::format("order {:#x} is for an account of another", order.key)};
  }
  if (!state.instruments.exists(order.instrument) ||
      order.reference > state.counters.order_reference) {
    return base::Error{fmt::format("order {:#x} names what there is not", order.key)};
  }
  const bool has_day = order.time_in_force == market::TimeInForce::good_till_date;
  const DayEnd& end = state.day_end;
  const bool is_over = has_day && order.last_day <= end.day && order.reference > end.newest;
  if (has_day != (order.last_day != 0) || is_over) {
    return base::Error{fmt::format("order {:#x} is good till a day that it cannot be", order.key)};
  }
  if (order.remaining > kMaxQuantityLots || order.executed > kMaxQuantityLots) {
    return base::Error{fmt::format("order {:#x} has grown too large", order.key)};
  }
  return {};
}

bool is_armed(const VenueState& state, InstrumentId id) {
  const Instrument& instrument = state.instruments[id];
  const market::StopOrders& waiting = state.stops.waiting();
  if (instrument.state != InstrumentState::full) {
    return instrument.buys_go_from == Instrument::kNoStop && instrument.sells_go_from == 0;
  }
  const auto or_none = [](PriceTicks from) { return from == 0 ? Instrument::kNoStop : from; };
  const PriceTicks from_above = std::min(or_none(waiting.first_trigger(id, Side::buy)),
                                         or_none(waiting.moves_from(id, Side::sell)));
  const PriceTicks from_below =
      std::max(waiting.first_trigger(id, Side::sell), waiting.moves_from(id, Side::buy));
  return instrument.buys_go_from == from_above && instrument.sells_go_from == from_below;
}

base::Status check_stops(const VenueState& state) {
  if (base::Status waiting = state.stops.waiting().check_invariants(); !waiting) return waiting;
  std::vector<market::Stop> stops;
  state.stops.waiting().by_entry(stops);
  OrderReference last = 0;
  for (const market::Stop& stop : stops) {
    market::Order as_if{};
    as_if.key = stop.key;
    as_if.reference = stop.reference;
    as_if.member = stop.member;
    as_if.remaining = stop.quantity;
    as_if.account = stop.account & market::kMaxAccount;
    as_if.instrument = stop.instrument;
    as_if.time_in_force = stop.time_in_force;
    as_if.last_day = stop.last_day;
    if (base::Status status = check_order(state, as_if); !status) return status;
    if (stop.reference <= last || state.books.find(stop.key) != nullptr) {
      return base::Error{fmt::format("stop {:#x} waits out of turn, or rests too", stop.key)};
    }
    last = stop.reference;
  }
  for (std::uint32_t number = 1; number <= state.instruments.count(); ++number) {
    const auto id = static_cast<InstrumentId>(number);
    if (is_armed(state, id) && state.stops.is_on_its_way(state.instruments, id)) continue;
    return base::Error{fmt::format("a stop of instrument {} would miss its price", id)};
  }
  return {};
}

base::Status check_orders(const VenueState& state) {
  if (base::Status books = state.books.check_invariants(); !books) return books;
  std::vector<const market::Order*> orders;
  state.books.orders_by_entry(orders);
  OrderReference last = 0;
  for (const market::Order* order : orders) {
    if (base::Status status = check_order(state, *order); !status) return status;
    // A snapshot relies on it.
    if (order->reference <= last) {
      return base::Error{fmt::format("order {:#x} came to rest out of turn", order->key)};
    }
    last = order->reference;
  }
  for (std::uint32_t id = 1; id <= state.instruments.count(); ++id) {
    market::Level bid;
    market::Level ask;
    const auto instrument = static_cast<InstrumentId>(id);
    if (state.instruments[instrument].is_called) continue;
    for (const Side side : {Side::buy, Side::sell}) {
      const market::Order* first = state.books.front(instrument, side);
      if (first != nullptr && first->is_market()) {
        return base::Error{fmt::format("a market order rests in instrument {}, in no call", id)};
      }
    }
    if (state.books.best(instrument, Side::buy, bid) &&
        state.books.best(instrument, Side::sell, ask) && bid.price >= ask.price) {
      return base::Error{fmt::format("the book of instrument {} is crossed", id)};
    }
  }
  return state.calls.check(state.instruments, state.books);
}

base::Status check_reservations(VenueState& state) {
  std::vector<const market::Order*> orders;
  state.books.orders_by_entry(orders);
  absl::flat_hash_map<const Balance*, Money> expected;
  for (const market::Order* order : orders) {
    const Reservation held = reservation(state, *order, state.books.open_lots(*order));
    expected[held.balance] += held.amount;
    if (state.ledger.position(order->account, order->instrument) == nullptr) {
      return base::Error{fmt::format("order {:#x} has no position to trade into", order->key)};
    }
  }
  std::vector<market::Stop> stops;
  state.stops.waiting().by_entry(stops);
  for (const market::Stop& stop : stops) {
    const Reservation held = reservation(state, stop, stop.quantity);
    expected[held.balance] += held.amount;
    if (state.ledger.position(stop.account, stop.instrument) == nullptr) {
      return base::Error{fmt::format("stop {:#x} has no position to trade into", stop.key)};
    }
  }
  const auto is_right = [&](const Balance& balance) {
    const auto found = expected.find(&balance);
    return balance.reserved == (found == expected.end() ? 0 : found->second);
  };
  for (AccountId id = 1; id <= state.ledger.accounts(); ++id) {
    if (!is_right(state.ledger.cash(id))) {
      return base::Error{fmt::format("reserved cash of account {} is not its orders'", id)};
    }
  }
  for (const Ledger::Position& position : state.ledger.positions()) {
    if (!is_right(position.balance)) {
      return base::Error{
          fmt::format("reserved lots of account {} in instrument {} are not its "
                      "orders'",
                      position.account, position.instrument)};
    }
  }
  return {};
}

}  // namespace

base::Status check_invariants(VenueState& state) {
  if (base::Status orders = check_orders(state); !orders) return orders;
  if (base::Status stops = check_stops(state); !stops) return stops;
  if (base::Status reservations = check_reservations(state); !reservations) return reservations;
  if (!state.ledger.conserved()) {
    return base::Error{"balances are not what came in, or hold back more than they have"};
  }
  for (std::uint32_t id = 1; id <= state.sessions.count(); ++id) {
    const Session& session = state.sessions[static_cast<SessionId>(id)];
    if (session.touched || session.told_gap) {
      return base::Error{fmt::format("session {} keeps notes of a batch that is over", id)};
    }
  }
  return {};
}

}  // namespace okiagari::venue

#include "venue/invariants.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

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
  if (order.remaining > kMaxQuantityLots || order.executed > kMaxQuantityLots) {
    return base::Error{fmt::format("order {:#x} has grown too large", order.key)};
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
    if (state.books.best(instrument, Side::buy, bid) &&
        state.books.best(instrument, Side::sell, ask) && bid.price >= ask.price) {
      return base::Error{fmt::format("the book of instrument {} is crossed", id)};
    }
  }
  return {};
}

base::Status check_reservations(VenueState& state) {
  std::vector<const market::Order*> orders;
  state.books.orders_by_entry(orders);
  absl::flat_hash_map<const Balance*, Money> expected;
  for (const market::Order* order : orders) {
    const Reservation held = reservation(state, *order, order->remaining);
    expected[held.balance] += held.amount;
    if (state.ledger.position(order->account, order->instrument) == nullptr) {
      return base::Error{fmt::format("order {:#x} has no position to trade into", order->key)};
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

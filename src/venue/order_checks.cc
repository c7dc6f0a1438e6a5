#include "venue/order_checks.h"

#include <algorithm>

namespace okiagari::venue {

using market::is_lasting;
using market::PriceType;
using market::SelfTradePrevention;
using market::TimeInForce;

namespace {

Reason check_fields(const NewOrder& command) {
  if (command.side > Side::sell) return Reason::malformed;
  if (command.price_type > static_cast<std::uint8_t>(PriceType::market)) return Reason::malformed;
  if (command.self_trade > static_cast<std::uint8_t>(SelfTradePrevention::cancel_both)) {
    return Reason::malformed;
  }
  return command.post_only > 1 ? Reason::malformed : Reason::none;
}

Reason check_fields(const ReplaceOrder& command) {
  return command.post_only > 1 ? Reason::malformed : Reason::none;
}

// An order that must rest and must not rest.
bool contradicts_itself(bool post_only, PriceType type, TimeInForce time_in_force) {
  return post_only && (type == PriceType::market || !is_lasting(time_in_force));
}

}  // namespace

Reason OrderChecks::check_quantity(QuantityLots quantity) {
  if (quantity == 0) return Reason::quantity_zero;
  return quantity > kMaxQuantityLots ? Reason::quantity_too_large : Reason::none;
}

Reason OrderChecks::check_new(const NewOrder& command, const Session& session,
                              market::Incoming& incoming) const {
  if (const Reason bad = check_terms(command, session, incoming); bad != Reason::none) return bad;
  const Instrument& instrument = state_.instruments[command.instrument];
  if (const Reason bad = check_state(instrument, incoming); bad != Reason::none) return bad;
  return state_.members[session.member].halted ? Reason::member_halted : Reason::none;
}

Reason OrderChecks::check_terms(const NewOrder& command, const Session& session,
                                market::Incoming& incoming) const {
  if (const Reason bad = check_fields(command); bad != Reason::none) return bad;
  const Validity validity{command.time_in_force, command.last_day};
  if (const Reason bad = check_time(validity, command.instrument); bad != Reason::none) {
    return bad;
  }
  const auto type = static_cast<PriceType>(command.price_type);
  const TimeInForce time_in_force = validity.type();
  if (contradicts_itself(command.post_only != 0, type, time_in_force)) {
    return Reason::not_supported;
  }
  if (session.next_session_number >= kSessionNumbersMax) return Reason::bound_reached;
  if (!state_.instruments.exists(command.instrument)) return Reason::unknown_instrument;

  const AccountId account = command.account == 0 ? session.default_account : command.account;
  if (account > state_.ledger.accounts() ||
      state_.ledger.account(account).member != session.member) {
    return Reason::unknown_account;
  }
  if (const Reason bad = check_quantity(command.quantity); bad != Reason::none) return bad;

  const Instrument& instrument = state_.instruments[command.instrument];
  PriceTicks price = 0;
  if (type == PriceType::limit) {
    const Reason bad = check_price(instrument, command.price_e4, price);
    if (bad != Reason::none) return bad;
  }
  incoming = market::Incoming{
      .key = order_key(session.id, command.user_reference),
      .reference = state_.counters.order_reference + 1,
      .price = price,
      .quantity = command.quantity,
      .account = account,
      .instrument = command.instrument,
      .member = session.member,
      .side = command.side,
      .type = type,
      .time_in_force = time_in_force,
      .self_trade = static_cast<SelfTradePrevention>(command.self_trade),
      .post_only = command.post_only != 0,
      .executed = 0,
      .last_day = validity.day(),
  };
  return Reason::none;
}

Reason OrderChecks::check_replacement(const ReplaceOrder& command, const market::Order& original,
                                      market::Incoming& incoming) const {
  if (const Reason bad = check_fields(command); bad != Reason::none) return bad;
  const Validity validity = validity_of(command, original);
  if (const Reason bad = check_time(validity, original.instrument); bad != Reason::none) {
    return bad;
  }
  const TimeInForce time_in_force = validity.type();
  if (contradicts_itself(command.post_only != 0, PriceType::limit, time_in_force)) {
    return Reason::not_supported;
  }
  const SessionId session = session_of(original.key);
  if (state_.sessions[session].next_session_number >= kSessionNumbersMax) {
    return Reason::bound_reached;
  }
  if (const Reason bad = check_quantity(command.quantity); bad != Reason::none) return bad;
  const Instrument& instrument = state_.instruments[original.instrument];
  PriceTicks price = 0;
  if (const Reason bad = check_price(instrument, command.price_e4, price); bad != Reason::none) {
    return bad;
  }
  incoming = market::Incoming{
      .key = order_key(session, command.user_reference),
      .reference = state_.counters.order_reference + 1,
      .price = price,
      .quantity = command.quantity - std::min(command.quantity, original.executed),
      .account = original.account,
      .instrument = original.instrument,
      .member = original.member,
      .side = original.side,
      .type = PriceType::limit,
      .time_in_force = time_in_force,
      .self_trade = original.self_trade,
      .post_only = command.post_only != 0,
      .executed = original.executed,
      .last_day = validity.day(),
  };
  if (const Reason bad = check_state(instrument, incoming); bad != Reason::none) return bad;
  return state_.members[original.member].halted ? Reason::member_halted : Reason::none;
}

// What is immediate, or has no price of its own, is never displayed.
Reason OrderChecks::check_display(const market::Incoming& incoming) {
  if (incoming.display == 0) return Reason::none;
  if (incoming.type == PriceType::market || !is_lasting(incoming.time_in_force)) {
    return Reason::not_supported;
  }
  const QuantityLots peaks = (incoming.quantity - 1) / incoming.display + 1;
  return peaks > market::kPeaksMax ? Reason::too_many_peaks : Reason::none;
}

// An order for the auction alone is one only where there are calls, and only while one is open. It
// is looked at here, beside what is malformed, so that all others need not be asked.
Reason OrderChecks::check_time(const Validity& validity, InstrumentId id) const {
  if (validity.time_in_force <= static_cast<std::uint8_t>(TimeInForce::fill_or_kill)) [[likely]] {
    return Reason::none;
  }
  if (validity.time_in_force == static_cast<std::uint8_t>(TimeInForce::good_till_date)) {
    if (validity.last_day == 0) return Reason::malformed;
    return validity.last_day <= state_.day_end.day ? Reason::day_has_ended : Reason::none;
  }
  if (validity.time_in_force != static_cast<std::uint8_t>(TimeInForce::at_auction)) {
    return Reason::malformed;
  }
  if (!state_.instruments.exists(id)) return Reason::unknown_instrument;
  if (!state_.instruments.auction(id).has_rules) return Reason::malformed;
  return state_.instruments[id].state == InstrumentState::auction_call ? Reason::none
                                                                       : Reason::state_forbids;
}

Reason OrderChecks::check_price(const Instrument& instrument, std::uint64_t price_e4,
                                PriceTicks& price) const {
  if (price_e4 > UINT32_MAX) return Reason::price_too_large;
  const auto narrow = static_cast<std::uint32_t>(price_e4);
  const std::uint32_t ticks = narrow / instrument.tick_e4;
  if (ticks * instrument.tick_e4 != narrow) return Reason::price_off_tick;
  if (ticks < static_cast<std::uint32_t>(instrument.low_limit) ||
      ticks > static_cast<std::uint32_t>(instrument.high_limit)) {
    return Reason::price_out_of_limits;
  }
  price = static_cast<PriceTicks>(ticks);
  return Reason::none;
}

Reason OrderChecks::check_state(const Instrument& instrument, market::Incoming& incoming) const {
  switch (instrument.state) {
    case InstrumentState::full:
      return Reason::none;
    case InstrumentState::limit_only:
      return incoming.type == PriceType::limit ? Reason::none : Reason::state_forbids;
    case InstrumentState::post_only:
      // Whoever would rest may come in; the book refuses the others.
      incoming.post_only = true;
      return incoming.type == PriceType::limit && is_lasting(incoming.time_in_force)
                 ? Reason::none
                 : Reason::state_forbids;
    case InstrumentState::auction_call:
      return check_call(state_.instruments.auction(incoming.instrument), incoming);
    case InstrumentState::halted:
    case InstrumentState::cancel_only:
    case InstrumentState::uncross:
    case InstrumentState::closed:
      break;
  }
  return Reason::state_forbids;
}

// What rests does not trade at once, so post-only asks for nothing. A market order has a price of
// its own from here on.
Reason OrderChecks::check_call(const Auction& auction, market::Incoming& incoming) {
  if (!auction.has_rules) return Reason::not_supported;
  incoming.post_only = false;
  if (!market::may_wait(incoming.time_in_force)) return Reason::state_forbids;
  if (incoming.type == PriceType::limit) return Reason::none;
  incoming.price = market::market_price(incoming.side);
  return auction.rules.takes_market_orders ? Reason::none : Reason::state_forbids;
}

Reason OrderChecks::check_funds(const market::Incoming& incoming, Money freed) {
  Ledger& ledger = state_.ledger;
  if (incoming.side == Side::sell) {
    const Balance* position = ledger.position(incoming.account, incoming.instrument);
    const Money available = position == nullptr ? 0 : position->available();
    return available + freed < incoming.quantity ? Reason::insufficient_position : Reason::none;
  }
  const Instrument& instrument = state_.instruments[incoming.instrument];
  const bool rests = incoming.type == PriceType::limit || instrument.is_called;
  const Money needed =
      rests ? instrument.money(instrument.paid_at_most(incoming.price), incoming.quantity)
            : market_cost(incoming);
  if (ledger.cash(incoming.account).available() + freed < needed) {
    return Reason::insufficient_funds;
  }
  // Opened now, so that no trade can fail for want of room.
  const Balance* position = ledger.open_position(incoming.account, incoming.instrument);
  return position == nullptr ? Reason::bound_reached : Reason::none;
}

// What a market buy will cost, exactly: the same walk through the book that matching takes.
Money OrderChecks::market_cost(const market::Incoming& incoming) const {
  const Instrument& instrument = state_.instruments[incoming.instrument];
  QuantityLots left = incoming.quantity;
  Money cost = 0;
  state_.books.for_each_match(
      incoming.instrument, Side::sell, instrument.high_limit, incoming.member, incoming.self_trade,
      [&](PriceTicks price, std::uint64_t lots) {
        const auto quantity = static_cast<QuantityLots>(std::min<std::uint64_t>(left, lots));
        cost += instrument.money(price, quantity);
        left -= quantity;
        return left > 0;
      });
  return cost;
}

}  // namespace okiagari::venue

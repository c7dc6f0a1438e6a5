#include "venue/call_auctions.h"

#include <algorithm>

#include "base/assert.h"
#include "venue/icebergs.h"
#include "venue/reservations.h"

namespace okiagari::venue {

namespace {

// ITCH 5.0: O for an opening cross, H for one after a halt.
char cross_type(const Instrument& instrument) { return instrument.last_match == 0 ? 'O' : 'H'; }

}  // namespace

void CallAuctions::open(InstrumentId id) {
  Instrument& instrument = state_.instruments[id];
  Auction& auction = state_.instruments.auction(id);
  const PriceTicks reference = price_range(instrument, auction).reference;
  instrument.is_called = true;
  auction.extensions = 0;
  auction.collar =
      market::collar_around(reference, market::width_ticks(auction.rules.collar, reference));
  state_.calls.open(state_.instruments, id, state_.books);
  if (auction.collar != market::Collar{}) tell_collar(id);
}

Reason CallAuctions::uncross(InstrumentId id) {
  const market::AuctionPrice price = state_.calls.price(state_.instruments, id);
  const Reason reason = reason_to_go_on(id, price);
  if (reason != Reason::none) return reason;
  const bool may_hold_at_auction = state_.calls.may_hold_at_auction(id);
  state_.calls.close(id);
  if (price.price != 0) trade(id, price);
  expire(id, may_hold_at_auction);
  state_.instruments[id].is_called = false;
  return Reason::none;
}

// A call without a price ends when there is nothing to be decided in it.
Reason CallAuctions::reason_to_go_on(InstrumentId id, const market::AuctionPrice& price) {
  Auction& auction = state_.instruments.auction(id);
  if (price.price == 0) {
    const market::Order* buy = state_.books.front(id, Side::buy);
    const market::Order* sell = state_.books.front(id, Side::sell);
    const bool must_fill =
        auction.rules.uncross.price.method == market::PriceRule::Method::three_conditions &&
        ((buy != nullptr && buy->is_market()) || (sell != nullptr && sell->is_market()));
    return must_fill || is_crossed(id) ? Reason::no_auction_price : Reason::none;
  }
  if (auction.is_collar_off() || auction.collar.holds(price.price)) return Reason::none;
  const PriceTicks reference = price_range(state_.instruments[id], auction).reference;
  auction.collar = market::widened(auction.collar, price.price,
                                   market::width_ticks(auction.rules.collar_step, reference));
  ++auction.extensions;
  tell_collar(id);
  return Reason::outside_collar;
}

// Whether limit orders could trade with each other.
bool CallAuctions::is_crossed(InstrumentId id) const {
  const auto best_limit = [&](Side side) {
    PriceTicks best = 0;
    state_.books.for_each_level_while(id, side, [&](const market::Level& level) {
      if (level.price == market::market_price(side)) return true;
      best = level.price;
      return false;
    });
    return best;
  };
  const PriceTicks bid = best_limit(Side::buy);
  const PriceTicks ask = best_limit(Side::sell);
  return bid != 0 && ask != 0 && bid >= ask;
}

void CallAuctions::trade(InstrumentId id, const market::AuctionPrice& price) {
  Instrument& instrument = state_.instruments[id];
  const char type = cross_type(instrument);
  const MatchNumber match = ++state_.counters.match_number;
  instrument.last_price = price.price;
  instrument.last_match = match;
  instrument.traded_lots += price.volume;
  const market::AllocationRule rule = state_.instruments.auction(id).rules.uncross.allocation;
  struct Listener {
    CallAuctions& auctions;
    const Instrument& instrument;
    PriceTicks price;

    void on_fill(const market::Order& order, QuantityLots lots) {
      auctions.settle(instrument, order, lots, price);
      auctions.tell_execution(instrument, order, lots, price);
    }
    OrderReference on_replenish(const market::Order& order, QuantityLots shown) {
      return show_next_peak(auctions.state_, auctions.events_, order, shown);
    }
  } listener{*this, instrument, price.price};
  for (const Side side : {Side::buy, Side::sell}) {
    filler_.fill(state_.books, id, side, price.volume, rule, listener);
  }
  FeedCross& cross = events_.to_feed<FeedCross>();
  cross.match = match;
  cross.volume = price.volume;
  cross.price_e4 = instrument.price_e4(price.price);
  cross.instrument = id;
  cross.cross_type = type;
}

// Buyers pay into the auction what sellers get out of it: the same lots at the same price.
void CallAuctions::settle(const Instrument& instrument, const market::Order& order,
                          QuantityLots lots, PriceTicks price) {
  release(state_, order, lots);
  const Money value = instrument.money(price, lots);
  Balance& cash = state_.ledger.cash(order.account);
  Balance* position = state_.ledger.position(order.account, order.instrument);
  ASSERT(position != nullptr, "order {:#x} without a position", order.key);
  if (order.side == Side::buy) {
    cash.total -= value;
    position->total += lots;
  } else {
    cash.total += value;
    position->total -= lots;
  }
}

void CallAuctions::tell_execution(const Instrument& instrument, const market::Order& order,
                                  QuantityLots lots, PriceTicks price) {
  Session& session = state_.sessions[session_of(order.key)];
  OrderExecuted& executed = events_.to_session<OrderExecuted>(session, 0);
  executed.user_reference = user_reference_of(order.key);
  executed.quantity = lots;
  executed.price_e4 = instrument.price_e4(price);
  executed.match = instrument.last_match;
  executed.remaining = state_.books.open_lots(order) - lots;
  executed.in_auction = 1;

  // The feed never saw what was hidden; the cross has it in its volume.
  FeedExecuteAt& published = events_.to_feed<FeedExecuteAt>();
  published.reference = order.reference;
  published.match = instrument.last_match;
  published.quantity = std::min<QuantityLots>(lots, order.remaining);
  published.price_e4 = instrument.price_e4(price);
  published.instrument = order.instrument;
}

void CallAuctions::expire(InstrumentId id, bool may_hold_at_auction) {
  for (const Side side : {Side::buy, Side::sell}) expire(side, id, may_hold_at_auction);
}

// Market orders stand first; those for the auction alone, anywhere.
void CallAuctions::expire(Side side, InstrumentId id, bool may_hold_at_auction) {
  keys_.clear();
  state_.books.for_each_order(id, side, [&](const market::Order& order) {
    const bool is_for_it_alone = order.time_in_force == market::TimeInForce::at_auction;
    if (order.is_market() || is_for_it_alone) keys_.push_back(order.key);
    return order.is_market() || may_hold_at_auction;
  });
  for (const market::OrderKey key : keys_) {
    const market::Order& order = *state_.books.find(key);
    if (state_.calls.is_open(id)) {
      state_.calls.count_out(state_.instruments[id], order, order.remaining);
    }
    release(state_, order, order.remaining);
    OrderCanceled& canceled =
        events_.to_session<OrderCanceled>(state_.sessions[session_of(key)], 0);
    canceled.user_reference = user_reference_of(key);
    canceled.quantity = order.remaining;
    canceled.reason = Reason::auction_ended;
    FeedDelete& published = events_.to_feed<FeedDelete>();
    published.reference = order.reference;
    published.instrument = id;
    const bool was_live = state_.books.cancel(key);
    ASSERT(was_live, "order {:#x} does not live", key);
  }
}

void CallAuctions::tell_collar(InstrumentId id) {
  const Instrument& instrument = state_.instruments[id];
  const Auction& auction = state_.instruments.auction(id);
  FeedCollar& told = events_.to_feed<FeedCollar>();
  told.reference_e4 = instrument.price_e4(price_range(instrument, auction).reference);
  told.low_e4 = instrument.price_e4(std::max(auction.collar.low, instrument.low_limit));
  told.high_e4 = instrument.price_e4(std::min(auction.collar.high, instrument.high_limit));
  told.extensions = auction.extensions;
  told.instrument = id;
}

void CallAuctions::tell_prices() {
  for (const InstrumentId id : state_.calls.touched()) {
    const Instrument& instrument = state_.instruments[id];
    const market::AuctionPrice now = state_.calls.price(state_.instruments, id);
    market::AuctionPrice& told = state_.calls.told(id);
    const bool is_same =
        now.price == told.price && now.volume == told.volume && now.surplus == told.surplus;
    told = now;
    if (is_same) continue;
    FeedIndicative& event = events_.to_feed<FeedIndicative>();
    event.volume = now.volume;
    event.surplus = now.surplus;
    event.price_e4 = instrument.price_e4(now.price);
    event.reference_e4 =
        instrument.price_e4(price_range(instrument, state_.instruments.auction(id)).reference);
    event.instrument = id;
    event.cross_type = cross_type(instrument);
  }
  state_.calls.clear_touched();
}

}  // namespace okiagari::venue

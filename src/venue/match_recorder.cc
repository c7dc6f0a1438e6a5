#include "venue/match_recorder.h"

#include <algorithm>

#include "base/assert.h"
#include "venue/icebergs.h"
#include "venue/reservations.h"

namespace okiagari::venue {

void MatchRecorder::on_fill(const market::Order& maker, QuantityLots quantity) {
  if (!acknowledged_) acknowledge_before_trading();
  const Money value = instrument_.money(maker.price, quantity);
  value_ += value;
  open_ -= quantity;
  settle_maker(maker, quantity, value);
  write_execution(maker, quantity);
}

// A maker's reservation was made at its own price, which is the price of the trade.
void MatchRecorder::settle_maker(const market::Order& maker, QuantityLots quantity, Money value) {
  Balance& cash = state_.ledger.cash(maker.account);
  Balance* position = state_.ledger.position(maker.account, maker.instrument);
  ASSERT(position != nullptr, "maker {:#x} without a position", maker.key);
  if (maker.side == Side::buy) {
    cash.total -= value;
    cash.reserved -= value;
    position->total += quantity;
  } else {
    cash.total += value;
    position->total -= quantity;
    position->reserved -= quantity;
  }
}

void MatchRecorder::write_execution(const market::Order& maker, QuantityLots quantity) {
  const MatchNumber match = ++state_.counters.match_number;
  const std::uint32_t price_e4 = instrument_.price_e4(maker.price);
  instrument_.last_price = maker.price;
  instrument_.last_match = match;
  instrument_.traded_lots += quantity;
  if (maker.price >= instrument_.buys_go_from || maker.price <= instrument_.sells_go_from)
      [[unlikely]] {
    state_.stops.count(state_.instruments, incoming_.instrument, maker.price);
  }

  Session& makers_session = state_.sessions[session_of(maker.key)];
  OrderExecuted& to_maker = events_.to_session<OrderExecuted>(makers_session, 0);
  to_maker.user_reference = user_reference_of(maker.key);
  to_maker.quantity = quantity;
  to_maker.price_e4 = price_e4;
  to_maker.match = match;
  to_maker.remaining = state_.books.open_lots(maker) - quantity;

  OrderExecuted& to_taker = events_.to_session<OrderExecuted>(session_, stream_number_);
  to_taker.user_reference = user_reference_of(incoming_.key);
  to_taker.quantity = quantity;
  to_taker.price_e4 = price_e4;
  to_taker.match = match;
  to_taker.remaining = open_;
  to_taker.aggressor = 1;

  FeedExecute& published = events_.to_feed<FeedExecute>();
  published.reference = maker.reference;
  published.match = match;
  published.quantity = quantity;
  published.instrument = maker.instrument;
}

void MatchRecorder::on_self_trade_cancel(const market::Order& resting) {
  if (!acknowledged_) acknowledge_before_trading();
  const QuantityLots open = state_.books.open_lots(resting);
  release(state_, resting, open);
  OrderCanceled& canceled =
      events_.to_session<OrderCanceled>(state_.sessions[session_of(resting.key)], 0);
  canceled.user_reference = user_reference_of(resting.key);
  canceled.quantity = open;
  canceled.remaining = 0;
  canceled.reason = Reason::self_trade;

  FeedDelete& published = events_.to_feed<FeedDelete>();
  published.reference = resting.reference;
  published.instrument = resting.instrument;
}

// The number that this order has taken is not noted before it is finished.
OrderReference MatchRecorder::on_replenish(const market::Order& maker, QuantityLots shown) {
  OrderReference& last = state_.counters.order_reference;
  last = std::max(last, incoming_.reference);
  return show_next_peak(state_, events_, maker, shown);
}

void MatchRecorder::finish(const market::Submitted& submitted) {
  OrderReference& last = state_.counters.order_reference;
  last = std::max(last, incoming_.reference);
  settle_taker(submitted.resting);
  const bool live = submitted.resting > 0;
  if (!acknowledged_) {
    acknowledge(live);
  } else if (live) {
    mark_live();
  }

  if (live) {
    publish_rest(submitted.resting);
  } else {
    delete_original();
  }

  if (submitted.dropped > 0) {
    OrderCanceled& canceled = events_.to_session<OrderCanceled>(session_, stream_number_);
    canceled.user_reference = user_reference_of(incoming_.key);
    canceled.quantity = submitted.dropped;
    canceled.remaining = 0;
    canceled.reason =
        submitted.dropped_by_self_trade_prevention ? Reason::self_trade : Reason::immediate_rest;
  }
}

// The taker pays and gets what was traded; only its rest is reserved, at its own price.
void MatchRecorder::settle_taker(QuantityLots resting) {
  const QuantityLots filled = incoming_.quantity - open_;
  Balance& cash = state_.ledger.cash(incoming_.account);
  Balance* position = state_.ledger.position(incoming_.account, incoming_.instrument);
  ASSERT(position != nullptr, "order {:#x} without a position", incoming_.key);
  if (incoming_.side == Side::buy) {
    cash.total -= value_;
    if (resting > 0) {
      cash.reserved += instrument_.money(instrument_.paid_at_most(incoming_.price), resting);
    }
    position->total += filled;
  } else {
    cash.total += value_;
    position->total -= filled;
    position->reserved += resting;
  }
}

void MatchRecorder::publish_rest(QuantityLots resting) {
  const QuantityLots shown =
      incoming_.display == 0 ? resting : std::min(resting, incoming_.display);
  const std::uint32_t price_e4 = instrument_.resting_price_e4(incoming_.side, incoming_.price);
  // Who has traded on its way in is a new order to those who watch: its old one was deleted then.
  if (original_reference_ != 0) {
    FeedReplace& published = events_.to_feed<FeedReplace>();
    published.original_reference = original_reference_;
    published.reference = incoming_.reference;
    published.quantity = shown;
    published.price_e4 = price_e4;
    published.instrument = incoming_.instrument;
    return;
  }
  FeedAdd& published = events_.to_feed<FeedAdd>();
  published.reference = incoming_.reference;
  published.quantity = shown;
  published.price_e4 = price_e4;
  published.instrument = incoming_.instrument;
  published.side = incoming_.side;
}

// The first sign of trading: whether a rest will live is not known yet.
void MatchRecorder::acknowledge_before_trading() {
  acknowledge(false);
  delete_original();
}

void MatchRecorder::delete_original() {
  if (original_reference_ == 0) return;
  FeedDelete& published = events_.to_feed<FeedDelete>();
  published.reference = original_reference_;
  published.instrument = incoming_.instrument;
  original_reference_ = 0;
}

void MatchRecorder::acknowledge(bool live) {
  acknowledged_ = true;
  if (entered_ != nullptr) {
    write_accepted(live);
  } else if (replaced_ != nullptr) {
    write_replaced(live);
  } else {
    write_triggered(live);
  }
}

template <typename Event, typename OfIceberg>
Event& MatchRecorder::acknowledgement() {
  if (incoming_.display == 0) [[likely]] {
    Event& event = events_.to_session<Event>(session_, stream_number_);
    acknowledgement_place_ = events_.place_of_last<Event>();
    return event;
  }
  OfIceberg& event = events_.to_session<OfIceberg>(session_, stream_number_);
  acknowledgement_place_ = events_.place_of_last<OfIceberg>();
  event.display = incoming_.display;
  return event;
}

void MatchRecorder::write_accepted(bool live) {
  const NewOrder& command = *entered_;
  OrderAccepted& accepted = acknowledgement<OrderAccepted, IcebergAccepted>();
  accepted.user_reference = command.user_reference;
  accepted.quantity = command.quantity;
  accepted.price_e4 = command.price_e4;
  accepted.reference = incoming_.reference;
  accepted.account = incoming_.account;
  accepted.instrument = command.instrument;
  accepted.side = command.side;
  accepted.price_type = command.price_type;
  accepted.time_in_force = command.time_in_force;
  accepted.self_trade = command.self_trade;
  accepted.post_only = command.post_only;
  accepted.live = live ? 1 : 0;
  accepted.client_order_id = command.client_order_id;
  accepted.last_day = incoming_.last_day;
}

void MatchRecorder::write_replaced(bool live) {
  const ReplaceOrder& command = *replaced_;
  OrderReplaced& replaced = acknowledgement<OrderReplaced, IcebergReplaced>();
  replaced.original_user_reference = command.original_user_reference;
  replaced.user_reference = command.user_reference;
  replaced.quantity = incoming_.quantity;
  replaced.instrument = incoming_.instrument;
  replaced.side = incoming_.side;
  replaced.time_in_force = static_cast<std::uint8_t>(incoming_.time_in_force);
  replaced.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  replaced.last_day = incoming_.last_day;
  replaced.reference = incoming_.reference;
  replaced.live = live ? 1 : 0;
  replaced.post_only = command.post_only;
  replaced.client_order_id = command.client_order_id;
}

void MatchRecorder::write_triggered(bool live) {
  StopTriggered& triggered = events_.to_session<StopTriggered>(session_, 0);
  triggered.user_reference = user_reference_of(incoming_.key);
  triggered.quantity = incoming_.quantity;
  triggered.reference = incoming_.reference;
  triggered.last_price_e4 = instrument_.price_e4(triggered_after_);
  triggered.instrument = incoming_.instrument;
  triggered.side = incoming_.side;
  triggered.live = live ? 1 : 0;
  acknowledgement_place_ = events_.place_of_last<StopTriggered>();
}

void MatchRecorder::mark_live() {
  if (entered_ != nullptr) {
    events_.at<OrderAccepted>(acknowledgement_place_).live = 1;
  } else if (replaced_ != nullptr) {
    events_.at<OrderReplaced>(acknowledgement_place_).live = 1;
  } else {
    events_.at<StopTriggered>(acknowledgement_place_).live = 1;
  }
}

}  // namespace okiagari::venue

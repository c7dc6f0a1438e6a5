#include "tests/simulation/event_history.h"

#include <algorithm>
#include <cstring>

#include "market/order.h"

namespace okiagari::simulation {
namespace {

template <typename Event>
Event read(base::Bytes event) {
  Event into{};
  std::memcpy(&into, event.data(), std::min(event.size(), sizeof into));
  return into;
}

}  // namespace

void EventHistory::take(base::Bytes event) {
  const auto header = read<venue::EventHeader>(event);
  if (header.event_number != places_.size()) {
    verdict_.fail("event {} where {} is next", header.event_number, places_.size());
    return;
  }
  places_.push_back(bytes_.size());
  bytes_.insert(bytes_.end(), event.begin(), event.end());
  if (header.feed_number != 0 && header.feed_number != ++last_feed_number_) {
    verdict_.fail("feed message {} where {} is next", header.feed_number, last_feed_number_);
  }
  if (header.session_number != 0) take_session_event(event, header);
  if (header.type == venue::EventType::control_result) {
    take_answer(read<venue::ControlResult>(event));
  }
}

// An act has a number, above that of the last one that was carried out. A call that was extended
// was an act, too.
void EventHistory::take_answer(const venue::ControlResult& result) {
  switch (result.command) {
    case venue::CommandType::set_instrument_state:
    case venue::CommandType::set_price_limits:
    case venue::CommandType::set_trading_plan:
    case venue::CommandType::end_day:
      break;
    default:
      return;
  }
  if (result.reason != venue::Reason::none && result.reason != venue::Reason::outside_collar)
    return;
  if (result.number <= last_control_number_) {
    verdict_.fail("act {} was carried out after act {}", result.number, last_control_number_);
  }
  last_control_number_ = result.number;
}

EventHistory::Session& EventHistory::session(SessionId session) {
  if (session >= sessions_.size()) sessions_.resize(session + 1U);
  return sessions_[session];
}

EventHistory::Order& EventHistory::order(SessionId session_id, std::uint32_t user_reference) {
  std::vector<Order>& orders = session(session_id).orders;
  if (user_reference >= orders.size()) orders.resize(user_reference + 1U);
  return orders[user_reference];
}

void EventHistory::take_session_event(base::Bytes event, const venue::EventHeader& header) {
  Session& to = session(header.session);
  if (header.session_number != to.events.size()) {
    verdict_.fail("message {} of session {} where {} is next", header.session_number,
                  header.session, to.events.size());
    return;
  }
  to.events.push_back(header.event_number);
  switch (header.type) {
    case venue::EventType::order_accepted:
      return accept(read<venue::OrderAccepted>(event), false);
    case venue::EventType::stop_accepted:
      return accept(read<venue::StopAccepted>(event), true);
    case venue::EventType::iceberg_accepted:
      return accept(read<venue::IcebergAccepted>(event), false);
    case venue::EventType::iceberg_replaced:
      return replace(read<venue::IcebergReplaced>(event), false);
    case venue::EventType::peak_shown:
      return show(read<venue::PeakShown>(event));
    case venue::EventType::order_replaced:
      return replace(read<venue::OrderReplaced>(event), false);
    case venue::EventType::stop_replaced:
      return replace(read<venue::StopReplaced>(event), true);
    case venue::EventType::trailing_stop_accepted:
      return accept(read<venue::TrailingStopAccepted>(event), true);
    case venue::EventType::trailing_stop_replaced:
      return replace(read<venue::TrailingStopReplaced>(event), true);
    case venue::EventType::stop_triggered:
      return trigger(read<venue::StopTriggered>(event));
    case venue::EventType::order_executed:
      return execute(read<venue::OrderExecuted>(event));
    case venue::EventType::order_canceled:
      return cancel(read<venue::OrderCanceled>(event));
    case venue::EventType::order_rejected: {
      const auto rejected = read<venue::OrderRejected>(event);
      return refuse(header.session, rejected.user_reference, rejected.reason);
    }
    default:
      return;
  }
}

template <typename Event>
void EventHistory::accept(const Event& event, bool waits) {
  Order& accepted = order(event.header.session, event.user_reference);
  if (accepted.fate != Fate::none) {
    verdict_.fail("order {} of session {} was accepted a second time", +event.user_reference,
                  +event.header.session);
  }
  accepted = {Fate::open, event.quantity, waits, event.time_in_force};
  newest_reference_ = std::max<OrderReference>(newest_reference_, event.reference);
}

template <typename Event>
void EventHistory::replace(const Event& event, bool waits) {
  Order& original = order(event.header.session, event.original_user_reference);
  if (original.fate != Fate::open || original.waits != waits) {
    verdict_.fail("order {} of session {} was replaced, but it is not open",
                  +event.original_user_reference, +event.header.session);
  }
  original.fate = Fate::ended;
  accept(event, waits);
}

void EventHistory::trigger(const venue::StopTriggered& event) {
  Order& stop = order(event.header.session, event.user_reference);
  if (stop.fate != Fate::open || !stop.waits || stop.open != event.quantity) {
    verdict_.fail(
        "stop {} of session {} was triggered with {} lots, but it does not wait with them",
        +event.user_reference, +event.header.session, +event.quantity);
  }
  stop.waits = false;
  newest_reference_ = std::max<OrderReference>(newest_reference_, event.reference);
}

void EventHistory::show(const venue::PeakShown& event) {
  const Order& iceberg = order(event.header.session, event.user_reference);
  if (iceberg.fate != Fate::open || iceberg.waits || iceberg.open < event.quantity) {
    verdict_.fail("order {} of session {} shows {} lots, but has not so many open",
                  +event.user_reference, +event.header.session, +event.quantity);
  }
  newest_reference_ = std::max<OrderReference>(newest_reference_, event.reference);
}

void EventHistory::execute(const venue::OrderExecuted& event) {
  if (order(event.header.session, event.user_reference).waits) {
    verdict_.fail("stop {} of session {} was executed while it waits", +event.user_reference,
                  +event.header.session);
  }
  reduce(event.header.session, event.user_reference, event.quantity, false);
}

void EventHistory::cancel(const venue::OrderCanceled& event) {
  const Order& canceled = order(event.header.session, event.user_reference);
  const auto for_ever = static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel);
  if (event.reason == venue::Reason::day_over && canceled.time_in_force == for_ever) {
    verdict_.fail("order {} of session {} left with a day, but it is good till it is cancelled",
                  +event.user_reference, +event.header.session);
  }
  reduce(event.header.session, event.user_reference, event.quantity, event.remaining == 0);
}

void EventHistory::refuse(SessionId session, std::uint32_t user_reference, venue::Reason reason) {
  Order& refused = order(session, user_reference);
  if (refused.fate == Fate::open || refused.fate == Fate::ended) {
    verdict_.fail("order {} of session {} was refused ({}) after it had been accepted",
                  user_reference, session, static_cast<unsigned>(reason));
  }
  refused.fate = Fate::refused;
}

void EventHistory::reduce(SessionId session, std::uint32_t user_reference, QuantityLots quantity,
                          bool ends) {
  Order& reduced = order(session, user_reference);
  if (reduced.fate != Fate::open || quantity > reduced.open) {
    verdict_.fail("{} lots taken from order {} of session {}, which has {} open", quantity,
                  user_reference, session, reduced.fate == Fate::open ? reduced.open : 0);
    return;
  }
  reduced.open -= quantity;
  if (ends && reduced.open != 0) {
    verdict_.fail("order {} of session {} ended with {} lots unaccounted for", user_reference,
                  session, reduced.open);
  }
  if (reduced.open == 0) reduced.fate = Fate::ended;
}

base::Bytes EventHistory::between(std::uint64_t after, std::uint64_t through) const {
  if (after >= through || through > last()) return {};
  const std::size_t begin = places_[after + 1];
  const std::size_t end = through == last() ? bytes_.size() : places_[through + 1];
  return base::Bytes{bytes_}.subspan(begin, end - begin);
}

base::Bytes EventHistory::session_event(SessionId session, std::uint32_t number) const {
  return event(sessions_[session].events[number]);
}

std::uint32_t EventHistory::next_session_number(SessionId session) const {
  if (session >= sessions_.size()) return 1;
  return static_cast<std::uint32_t>(sessions_[session].events.size());
}

}  // namespace okiagari::simulation

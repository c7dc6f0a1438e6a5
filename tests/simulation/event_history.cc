#include "tests/simulation/event_history.h"

#include <algorithm>
#include <cstring>

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
    case venue::EventType::order_accepted: {
      const auto accepted = read<venue::OrderAccepted>(event);
      accept(header.session, accepted.user_reference, accepted.quantity);
      return;
    }
    case venue::EventType::order_replaced:
      replace(read<venue::OrderReplaced>(event));
      return;
    case venue::EventType::order_executed: {
      const auto executed = read<venue::OrderExecuted>(event);
      reduce(header.session, executed.user_reference, executed.quantity, false);
      return;
    }
    case venue::EventType::order_canceled: {
      const auto canceled = read<venue::OrderCanceled>(event);
      reduce(header.session, canceled.user_reference, canceled.quantity, canceled.remaining == 0);
      return;
    }
    case venue::EventType::order_rejected: {
      const auto rejected = read<venue::OrderRejected>(event);
      refuse(header.session, rejected.user_reference, rejected.reason);
      return;
    }
    default:
      return;
  }
}

void EventHistory::accept(SessionId session, std::uint32_t user_reference, QuantityLots open) {
  Order& accepted = order(session, user_reference);
  if (accepted.fate != Fate::none) {
    verdict_.fail("order {} of session {} was accepted a second time", user_reference, session);
  }
  accepted.fate = Fate::open;
  accepted.open = open;
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

void EventHistory::replace(const venue::OrderReplaced& event) {
  Order& original = order(event.header.session, event.original_user_reference);
  if (original.fate != Fate::open) {
    verdict_.fail("order {} of session {} was replaced, but it is not open",
                  event.original_user_reference, event.header.session);
  }
  original.fate = Fate::ended;
  accept(event.header.session, event.user_reference, event.quantity);
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

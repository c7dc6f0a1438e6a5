#include "tests/simulation/canonical_history.h"

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

void CanonicalHistory::applied(Endpoint node, journal::Index previous, journal::Index index,
                               journal::Term term, base::Bytes batch, const base::Digest& chain,
                               const venue::Venue& venue, base::Bytes events) {
  const Applied entry{.term = term,
                      .previous = previous,
                      .batch_hash = base::hash64(batch),
                      .chain = chain,
                      .state_hash = venue.state_hash(),
                      .sequence = venue.last_sequence(),
                      .last_event = venue.last_event_number()};
  if (index > last_index_) {
    extend(node, index, entry, events);
    return;
  }
  const Applied& known = entries_[index];
  const base::Bytes known_events =
      events_between(entries_[known.previous].last_event, known.last_event);
  if (known.term != term || known.batch_hash != entry.batch_hash || known.chain != chain) {
    verdict_.fail("node {} applied another entry {} (term {}) than the one of term {}", node + 1,
                  index, term, known.term);
  } else if (known.previous != previous) {
    verdict_.fail("node {} applied entry {} behind {} instead of {}", node + 1, index, previous,
                  known.previous);
  } else if (known.state_hash != entry.state_hash || known.sequence != entry.sequence) {
    verdict_.fail("node {} is in another state after entry {}: sequence {} instead of {}", node + 1,
                  index, entry.sequence, known.sequence);
  } else if (!std::equal(events.begin(), events.end(), known_events.begin(), known_events.end())) {
    verdict_.fail("node {} said other events after entry {}", node + 1, index);
  }
}

void CanonicalHistory::extend(Endpoint node, journal::Index index, const Applied& entry,
                              base::Bytes events) {
  if (entry.previous != last_index_) {
    verdict_.fail("node {} applied entry {} behind {}, but {} had been applied", node + 1, index,
                  entry.previous, last_index_);
    return;
  }
  entries_.resize(index + 1);
  Applied& added = entries_[index];
  added = entry;
  last_index_ = index;
  for (base::Bytes left = events; !left.empty();) {
    const auto header = read<venue::EventHeader>(left);
    if (header.size_bytes < sizeof header || header.size_bytes > left.size()) {
      verdict_.fail("an event of {} bytes after entry {}", header.size_bytes, index);
      return;
    }
    take_event(left.first(header.size_bytes), added);
    left = left.subspan(header.size_bytes);
  }
  if (last_event() != entry.last_event) {
    verdict_.fail("events up to {} after entry {}, but the venue counts {}", last_event(), index,
                  entry.last_event);
  }
}

void CanonicalHistory::take_event(base::Bytes event, Applied& entry) {
  const auto header = read<venue::EventHeader>(event);
  if (header.event_number != event_places_.size()) {
    verdict_.fail("event {} where {} is next", header.event_number, event_places_.size());
    return;
  }
  event_places_.push_back(events_.size());
  events_.insert(events_.end(), event.begin(), event.end());
  if (header.feed_number != 0 && header.feed_number != ++last_feed_number_) {
    verdict_.fail("feed message {} where {} is next", header.feed_number, last_feed_number_);
  }
  if (header.session_number != 0) take_session_event(event, header);
  const bool is_for_a_gateway = header.session_number == 0 && header.feed_number == 0;
  if (is_for_a_gateway || header.gateway != 0) entry.gateways |= 1U << (header.gateway % 32);
}

CanonicalHistory::Session& CanonicalHistory::session(SessionId session) {
  if (session >= sessions_.size()) sessions_.resize(session + 1U);
  return sessions_[session];
}

CanonicalHistory::Order& CanonicalHistory::order(SessionId session_id,
                                                 std::uint32_t user_reference) {
  std::vector<Order>& orders = session(session_id).orders;
  if (user_reference >= orders.size()) orders.resize(user_reference + 1U);
  return orders[user_reference];
}

void CanonicalHistory::take_session_event(base::Bytes event, const venue::EventHeader& header) {
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

void CanonicalHistory::accept(SessionId session, std::uint32_t user_reference, QuantityLots open) {
  Order& accepted = order(session, user_reference);
  if (accepted.fate != Fate::none) {
    verdict_.fail("order {} of session {} was accepted a second time", user_reference, session);
  }
  accepted.fate = Fate::open;
  accepted.open = open;
}

void CanonicalHistory::refuse(SessionId session, std::uint32_t user_reference,
                              venue::Reason reason) {
  Order& refused = order(session, user_reference);
  if (refused.fate == Fate::open || refused.fate == Fate::ended) {
    verdict_.fail("order {} of session {} was refused ({}) after it had been accepted",
                  user_reference, session, static_cast<unsigned>(reason));
  }
  refused.fate = Fate::refused;
}

void CanonicalHistory::reduce(SessionId session, std::uint32_t user_reference,
                              QuantityLots quantity, bool ends) {
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

void CanonicalHistory::replace(const venue::OrderReplaced& event) {
  Order& original = order(event.header.session, event.original_user_reference);
  if (original.fate != Fate::open) {
    verdict_.fail("order {} of session {} was replaced, but it is not open",
                  event.original_user_reference, event.header.session);
  }
  original.fate = Fate::ended;
  accept(event.header.session, event.user_reference, event.quantity);
}

journal::Index CanonicalHistory::loaded(Endpoint node, journal::Index index,
                                        const venue::Venue& venue) {
  journal::Index last = std::min<journal::Index>(index, last_index_);
  while (last > 0 && entries_[last].term == 0) --last;
  const Applied& known = entries_[last];
  if (venue.state_hash() != known.state_hash && last != 0) {
    verdict_.fail("node {} loaded a snapshot of entry {} in another state than {} had", node + 1,
                  index, last);
  } else if (venue.last_event_number() != known.last_event) {
    verdict_.fail("node {} loaded a snapshot of entry {} with events up to {} instead of {}",
                  node + 1, index, venue.last_event_number(), known.last_event);
  }
  return last;
}

base::Bytes CanonicalHistory::events_between(std::uint64_t after, std::uint64_t through) const {
  if (after >= through || through > last_event()) return {};
  const std::size_t begin = event_places_[after + 1];
  const std::size_t end = through == last_event() ? events_.size() : event_places_[through + 1];
  return base::Bytes{events_}.subspan(begin, end - begin);
}

base::Bytes CanonicalHistory::event(std::uint64_t number) const {
  return events_between(number - 1, number);
}

base::Bytes CanonicalHistory::session_event(SessionId session, std::uint32_t number) const {
  return event(sessions_[session].events[number]);
}

std::uint32_t CanonicalHistory::next_session_number(SessionId session) const {
  if (session >= sessions_.size()) return 1;
  return static_cast<std::uint32_t>(sessions_[session].events.size());
}

CanonicalHistory::Fate CanonicalHistory::fate(SessionId session,
                                              std::uint32_t user_reference) const {
  if (session >= sessions_.size()) return Fate::none;
  const std::vector<Order>& orders = sessions_[session].orders;
  return user_reference < orders.size() ? orders[user_reference].fate : Fate::none;
}

std::uint64_t CanonicalHistory::fingerprint() const {
  std::uint64_t fingerprint = base::hash64(events_);
  for (const Applied& entry : entries_) {
    fingerprint = base::hash64(base::object_bytes(entry.chain), fingerprint);
  }
  return fingerprint;
}

}  // namespace okiagari::simulation

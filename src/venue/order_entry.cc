#include "venue/order_entry.h"

#include "base/assert.h"
#include "venue/reservations.h"

namespace okiagari::venue {

namespace {

Reason reason_of(market::SubmitResult result) {
  switch (result) {
    case market::SubmitResult::done:
      return Reason::none;
    case market::SubmitResult::would_trade:
      return Reason::would_trade;
    case market::SubmitResult::cannot_fill:
      return Reason::cannot_fill;
    case market::SubmitResult::price_out_of_limits:
      return Reason::price_out_of_limits;
    case market::SubmitResult::books_full:
      return Reason::books_full;
    case market::SubmitResult::duplicate_key:
      break;
  }
  ASSERT(false, "a fresh number named a live order");
  return Reason::malformed;
}

}  // namespace

void OrderEntry::enter(const NewIceberg& command, Session& session) {
  if (command.display == 0) return refuse(command, session, Reason::malformed);
  enter(command, command.display, session);
}

void OrderEntry::enter(const NewOrder& command, QuantityLots display, Session& session) {
  if (!take_number(name_of(command), session)) return;
  const Reason reason = try_to_enter(command, display, session);
  if (reason != Reason::none) reject(name_of(command), session, reason);
}

void OrderEntry::replace(const ReplaceOrder& command, std::optional<QuantityLots> display,
                         Session& session) {
  if (!take_number(name_of(command), session)) return;
  const Reason reason = try_to_replace(command, display, session);
  if (reason != Reason::none) reject(name_of(command), session, reason);
}

void OrderEntry::refuse(const NewOrder& command, Session& session, Reason reason) {
  if (take_number(name_of(command), session)) reject(name_of(command), session, reason);
}

void OrderEntry::refuse(const ReplaceOrder& command, Session& session, Reason reason) {
  if (take_number(name_of(command), session)) reject(name_of(command), session, reason);
}

bool OrderEntry::take_number(const Name& order, Session& session) {
  if (order.user_reference == 0) {
    reject(order, session, Reason::malformed);
    return false;
  }
  switch (session.numbers.standing(order.user_reference)) {
    case AppliedNumbers::Standing::fresh:
      session.numbers.apply(order.user_reference);
      return true;
    case AppliedNumbers::Standing::applied:
      break;
    case AppliedNumbers::Standing::never_arrived:
      reject(order, session, Reason::number_never_arrived);
      break;
    case AppliedNumbers::Standing::too_old:
      // One that still lives was applied for certain, however old.
      if (!state_.lives(order_key(session.id, order.user_reference))) {
        reject(order, session, Reason::number_too_old);
      }
      break;
  }
  return false;
}

void OrderEntry::reject(const Name& order, Session& session, Reason reason) {
  OrderRejected& rejected = events_.to_session<OrderRejected>(session, order.stream_number);
  rejected.user_reference = order.user_reference;
  rejected.reason = reason;
  rejected.client_order_id = order.client_order_id;
}

Reason OrderEntry::try_to_enter(const NewOrder& command, QuantityLots display, Session& session) {
  market::Incoming incoming;
  Reason reason = checks_.check_new(command, session, incoming);
  incoming.display = display;
  if (reason == Reason::none) reason = OrderChecks::check_display(incoming);
  if (reason == Reason::none) reason = checks_.check_funds(incoming, 0);
  if (reason != Reason::none) return reason;

  MatchRecorder recorder(state_, events_, session, incoming);
  recorder.acknowledges(command);
  const market::Submitted submitted = submit(incoming, recorder);
  reason = reason_of(submitted.result);
  if (reason == Reason::none) recorder.finish(submitted);
  return reason;
}

// In a call it comes to rest, whatever rests already.
market::Submitted OrderEntry::submit(const market::Incoming& incoming, MatchRecorder& recorder) {
  const Instrument& instrument = state_.instruments[incoming.instrument];
  if (!instrument.is_called) [[likely]] {
    return state_.books.submit(incoming, recorder);
  }
  if (!state_.books.rest(incoming)) return {.result = market::SubmitResult::books_full};
  state_.calls.count_in(instrument, *state_.books.find(incoming.key), incoming.quantity);
  return {.result = market::SubmitResult::done, .resting = incoming.quantity};
}

void OrderEntry::count_out(const market::Order& order, QuantityLots lots) {
  const Instrument& instrument = state_.instruments[order.instrument];
  if (instrument.is_called) state_.calls.count_out(instrument, order, lots);
}

Reason OrderEntry::try_to_replace(const ReplaceOrder& command, std::optional<QuantityLots> display,
                                  Session& session) {
  const market::Order* live =
      state_.books.find(order_key(session.id, command.original_user_reference));
  if (live == nullptr) return Reason::unknown_order;
  const market::Order original = *live;

  market::Incoming incoming;
  Reason reason = checks_.check_replacement(command, original, incoming);
  if (reason != Reason::none) return reason;
  if (incoming.quantity == 0) {
    end_original(original, command, session);
    return Reason::none;
  }
  const market::Reserve reserve = state_.books.reserve(original);
  const QuantityLots open = original.remaining + reserve.hidden;
  incoming.display = display.value_or(reserve.peak);
  reason = OrderChecks::check_display(incoming);
  if (reason != Reason::none) return reason;
  if (incoming.price == original.price && incoming.quantity <= open &&
      incoming.display == reserve.peak && incoming.time_in_force == original.time_in_force &&
      incoming.last_day == original.last_day) {
    reduce_original(original, incoming, command, session);
    return Reason::none;
  }

  const Reservation held = reservation(state_, original, open);
  const Money freed = held.amount;
  reason = checks_.check_funds(incoming, freed);
  if (reason != Reason::none) return reason;
  // The old order stays until the book has taken the new one. They are on the same side, so neither
  // sees the other.
  MatchRecorder recorder(state_, events_, session, incoming);
  recorder.acknowledges(command, original);
  const market::Submitted submitted = submit(incoming, recorder);
  reason = reason_of(submitted.result);
  if (reason != Reason::none) return reason;
  recorder.finish(submitted);
  count_out(original, open);
  release(state_, original, open);
  const bool was_live = state_.books.cancel(original.key);
  ASSERT(was_live, "order {:#x} vanished while it was replaced", original.key);
  return Reason::none;
}

// All that was wanted has been executed already.
void OrderEntry::end_original(const market::Order& original, const ReplaceOrder& command,
                              Session& session) {
  const QuantityLots open = state_.books.open_lots(original);
  count_out(original, open);
  release(state_, original, open);
  const bool was_live = state_.books.cancel(original.key);
  ASSERT(was_live, "order {:#x} does not live", original.key);

  OrderCanceled& canceled =
      events_.to_session<OrderCanceled>(session, command.header.stream_number);
  canceled.user_reference = command.original_user_reference;
  canceled.quantity = open;
  canceled.remaining = 0;
  canceled.reason = Reason::by_member;

  FeedDelete& published = events_.to_feed<FeedDelete>();
  published.reference = original.reference;
  published.instrument = original.instrument;
}

// The order keeps its place and its number on the feed; to its owner it has the new number.
void OrderEntry::reduce_original(const market::Order& original, const market::Incoming& incoming,
                                 const ReplaceOrder& command, Session& session) {
  const QuantityLots taken_away = state_.books.open_lots(original) - incoming.quantity;
  count_out(original, taken_away);
  release(state_, original, taken_away);
  const bool reduced = state_.books.reduce(original.key, incoming.quantity);
  const bool renamed = state_.books.rename(original.key, incoming.key, original.reference);
  ASSERT(reduced && renamed, "order {:#x} cannot be reduced to {} lots", original.key,
         incoming.quantity);

  const std::uint32_t stream_number = command.header.stream_number;
  if (incoming.display == 0) {
    tell_reduced(original, incoming, command,
                 events_.to_session<OrderReplaced>(session, stream_number));
  } else {
    auto& replaced = events_.to_session<IcebergReplaced>(session, stream_number);
    replaced.display = incoming.display;
    tell_reduced(original, incoming, command, replaced);
  }

  // What is hidden goes first.
  const QuantityLots shown = state_.books.find(incoming.key)->remaining;
  if (shown == original.remaining) return;
  FeedReduce& published = events_.to_feed<FeedReduce>();
  published.reference = original.reference;
  published.quantity = original.remaining - shown;
  published.instrument = original.instrument;
}

void OrderEntry::tell_reduced(const market::Order& original, const market::Incoming& incoming,
                              const ReplaceOrder& command, OrderReplaced& replaced) {
  replaced.original_user_reference = command.original_user_reference;
  replaced.user_reference = command.user_reference;
  replaced.quantity = incoming.quantity;
  replaced.instrument = original.instrument;
  replaced.side = original.side;
  replaced.time_in_force = static_cast<std::uint8_t>(incoming.time_in_force);
  replaced.price_e4 = static_cast<std::uint32_t>(command.price_e4);
  replaced.last_day = incoming.last_day;
  replaced.reference = original.reference;
  replaced.live = 1;
  replaced.post_only = command.post_only;
  replaced.client_order_id = command.client_order_id;
}

}  // namespace okiagari::venue

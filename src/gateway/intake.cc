#include "gateway/intake.h"

#include <algorithm>

#include "gateway/member_line.h"
#include "venue/order_commands.h"
#include "wire/ouch_venue.h"

namespace okiagari::gateway {

namespace ouch = wire::ouch;

namespace {

constexpr std::size_t kQueriesMax = 16;
constexpr std::uint32_t kAwayRetryMs = 1'000;
constexpr std::uint64_t kTokenMilli = 1'000;

bool is_new_order(base::Bytes message) {
  const auto type = static_cast<char>(message[0]);
  return type == ouch::EnterOrder::kType || type == ouch::ReplaceOrder::kType;
}

// The number that a refusal names, as the command would.
std::uint32_t user_reference_of(base::Bytes message) {
  const bool is_replace = static_cast<char>(message[0]) == ouch::ReplaceOrder::kType;
  const std::size_t at = is_replace ? 5 : 1;
  return message.size() < at + 4 ? 0 : base::load_big<std::uint32_t>(&message[at]);
}

}  // namespace

bool Intake::take(Session& session, base::Bytes message, const Moment& moment) {
  const SessionId id = session.credential.session;
  const ouch::Fault fault = ouch::check_inbound(message);
  if (fault != ouch::Fault::none) {
    receipts_.add(wire::ReceiptKind::message, id, moment.wall_ns, message);
    ++measures_.malformed;
    session.line->end(ouch::describe(fault));
    return true;
  }
  std::byte* const place = undecided_.place(ouch::kCommandBytesMax);
  if (place == nullptr) return false;
  receipts_.add(wire::ReceiptKind::message, id, moment.wall_ns, message);
  ++session.messages;
  measures_.count_message(static_cast<char>(message[0]));
  if (static_cast<char>(message[0]) == ouch::AccountQuery::kType) {
    take_query(session, message, moment);
    return true;
  }
  const Refusal refusal = check(session, message, moment);
  if (refusal.reason != ouch::RejectCode::venue_reason) {
    refuse(session, message, user_reference_of(message), refusal.reason, refusal.retry_after_ms,
           moment);
    return true;
  }
  const ouch::Origin origin{.session = id,
                            .gateway = options_.id,
                            .epoch = session.epoch,
                            .stream_number = session.last_stream_number + 1,
                            .firm = session.firm};
  const ouch::Translated made = ouch::command_from_ouch(message, origin, symbols_, place);
  if (made.size_bytes == 0) {
    refuse(session, message, made.user_reference, made.refusal, 0, moment);
    return true;
  }
  if (wire::level_of({place, made.size_bytes}) > moment.format_level) {
    refuse(session, message, made.user_reference, ouch::RejectCode::not_yet_taken, 0, moment);
    return true;
  }
  undecided_.add(made.size_bytes);
  arrivals_.add(moment.now_ns);
  note_order(session, *reinterpret_cast<const venue::CommandHeader*>(place));
  ++session.last_stream_number;
  if (static_cast<char>(message[0]) != ouch::CancelOrder::kType) {
    session.next_user_reference = std::max(session.next_user_reference, made.user_reference + 1);
  }
  return true;
}

Intake::Refusal Intake::check(Session& session, base::Bytes message, const Moment& moment) const {
  const bool is_order = is_new_order(message);
  if (is_order && halts_.is_any() && is_halted(session, message)) {
    return {ouch::RejectCode::halt_order, 0};
  }
  if (moment.cluster_away) return {ouch::RejectCode::cluster_away, kAwayRetryMs};
  if (session.credential.orders_per_second != 0 && is_order) {
    const std::uint32_t wait_ms = throttle(session, moment.now_ms);
    if (wait_ms > 0) return {ouch::RejectCode::throttled, wait_ms};
  }
  return {};
}

// Any replacement may increase what is at risk: how large the order is, and at which price, is
// known to the venue only.
bool Intake::is_halted(const Session& session, base::Bytes message) const {
  OrderPlace place;
  place.member = session.member;
  InstrumentId instrument = 0;
  if (static_cast<char>(message[0]) == ouch::EnterOrder::kType) {
    place.symbol = wire::view_as<ouch::EnterOrder>(message)->symbol;
    place.knows_instrument = true;
    instrument = symbols_.find(place.symbol);
  } else {
    instrument = orders_.find(session.credential.session,
                              wire::view_as<ouch::ReplaceOrder>(message)->original_user_reference);
    place.symbol = symbols_.of(instrument);
    place.knows_instrument = instrument != 0;
  }
  place.knows_segment = instrument != 0;
  place.segment = symbols_.segment_of(instrument);
  return halts_.stops(place);
}

void Intake::note_order(Session& session, const venue::CommandHeader& command) {
  const SessionId id = session.credential.session;
  // A stop of either kind begins as the order that it becomes, an iceberg as one that shows all.
  if (venue::enters_order(command.type)) {
    const auto& order = reinterpret_cast<const venue::NewOrder&>(command);
    orders_.note(id, order.user_reference, order.instrument);
    session.last_order_reference = order.user_reference;
  } else if (venue::replaces_order(command.type)) {
    const auto& order = reinterpret_cast<const venue::ReplaceOrder&>(command);
    orders_.note(id, order.user_reference, orders_.find(id, order.original_user_reference));
    session.last_order_reference = order.user_reference;
  }
}

void Intake::refuse(Session& session, base::Bytes message, std::uint32_t user_reference,
                    ouch::RejectCode reason, std::uint32_t retry_after_ms, const Moment& moment) {
  measures_.count_refusal(reason);
  ouch::LocalRefusal refusal;
  refusal.timestamp_ns = wire::since_midnight_ns(moment.wall_ns);
  refusal.refused_type = static_cast<char>(message[0]);
  refusal.user_reference = user_reference;
  refusal.reason = static_cast<std::uint16_t>(reason);
  refusal.retry_after_ms = retry_after_ms;
  const base::Bytes bytes = base::object_bytes(refusal);
  receipts_.add(wire::ReceiptKind::refused, session.credential.session, moment.wall_ns, bytes);
  session.line->send_unsequenced(bytes);
}

void Intake::take_query(Session& session, base::Bytes message, const Moment& moment) {
  if (session.queries.size() >= kQueriesMax) {
    refuse(session, message, 0, ouch::RejectCode::throttled, 1, moment);
    return;
  }
  session.queries.push_back(session.last_stream_number);
  answer_queries(session, moment.wall_ns);
}

std::uint32_t Intake::throttle(Session& session, std::uint64_t now_ms) const {
  // One second's worth may come at once.
  const std::uint64_t rate = session.credential.orders_per_second;
  const std::uint64_t gained = (now_ms - session.tokens_filled_ms) * rate;
  session.tokens_milli = std::min(session.tokens_milli + gained, rate * kTokenMilli);
  session.tokens_filled_ms = now_ms;
  if (session.tokens_milli >= kTokenMilli) {
    session.tokens_milli -= kTokenMilli;
    return 0;
  }
  return static_cast<std::uint32_t>((kTokenMilli - session.tokens_milli + rate - 1) / rate);
}

void answer_queries(Session& session, TimestampNs wall_ns) {
  while (!session.queries.empty() && !session.is_replaying && session.line != nullptr &&
         session.queries.front() <= session.decided_stream_number) {
    session.queries.pop_front();
    ouch::AccountQueryResponse response;
    response.timestamp_ns = wire::since_midnight_ns(wall_ns);
    response.next_user_reference = session.next_user_reference;
    session.line->send_unsequenced(base::object_bytes(response));
  }
}

}  // namespace okiagari::gateway

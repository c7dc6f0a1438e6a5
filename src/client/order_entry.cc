#include "client/order_entry.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace okiagari::client {

namespace ouch = wire::ouch;

namespace {

// What a session may have under way. A gateway takes far more; beyond it the member has lost its
// hold on what it is doing.
constexpr std::size_t kUnansweredMax = 1u << 20;
constexpr std::size_t kQueuedBytesMax = 32u << 20;

// The order's appendage behind it; returns the end.
std::byte* put_options(std::byte* at, const OrderTicket& ticket) {
  if (ticket.time == OrderTicket::Time::fill_or_kill) {
    at = ouch::put_option(at, ouch::Tag::minimum_quantity, ticket.quantity);
  }
  if (ticket.time == OrderTicket::Time::good_till_cancel) {
    at = ouch::put_option(at, ouch::Tag::good_till_cancel, 'Y');
  }
  if (ticket.time == OrderTicket::Time::good_till_date) {
    at = ouch::put_option(at, ouch::Tag::last_day, ticket.last_day);
  }
  if (ticket.time == OrderTicket::Time::at_auction) {
    at = ouch::put_option(at, ouch::Tag::at_auction, 'Y');
  }
  if (ticket.post_only) at = ouch::put_option(at, ouch::Tag::post_only, 'P');
  if (ticket.account != 0) at = ouch::put_option(at, ouch::Tag::account, ticket.account);
  if (ticket.self_trade != '0') {
    at = ouch::put_option(at, ouch::Tag::self_trade, ticket.self_trade);
  }
  if (ticket.trigger_e4 != 0) at = ouch::put_option(at, ouch::Tag::trigger, ticket.trigger_e4);
  if (ticket.distance_e4 != 0) at = ouch::put_option(at, ouch::Tag::trail, ticket.distance_e4);
  return at;
}

bool is_immediate(OrderTicket::Time time) {
  return time == OrderTicket::Time::immediate_or_cancel || time == OrderTicket::Time::fill_or_kill;
}

template <typename Message>
const Message& as(base::Bytes message) {
  return *wire::view_as<Message>(message);
}

}  // namespace

OrderEntrySession::OrderEntrySession(net::Loop& loop, Listener& listener, SoupAccess access)
    : listener_(listener), soup_(loop, *this, std::move(access)) {}

std::uint32_t OrderEntrySession::enter(const OrderTicket& ticket) {
  std::byte bytes[Unanswered::kMessageBytesMax];
  ouch::EnterOrder message;
  message.user_reference = next_user_reference_;
  message.side = ticket.side == Side::buy ? 'B' : 'S';
  message.quantity = ticket.quantity;
  message.symbol = ticket.symbol;
  message.price_e4 = ticket.price_e4;
  message.time_in_force = is_immediate(ticket.time) ? '3' : '0';
  message.client_order_id = ticket.client_order_id;
  const std::byte* const end = put_options(bytes + sizeof message, ticket);
  const auto size = static_cast<std::size_t>(end - bytes);
  message.appendage_bytes = static_cast<std::uint16_t>(size - sizeof message);
  std::memcpy(bytes, &message, sizeof message);
  if (!send({ouch::EnterOrder::kType, next_user_reference_}, {bytes, size})) return 0;
  return next_user_reference_++;
}

std::uint32_t OrderEntrySession::replace(std::uint32_t original, QuantityLots quantity,
                                         std::uint64_t price_e4) {
  ouch::ReplaceOrder message;
  message.original_user_reference = original;
  message.user_reference = next_user_reference_;
  message.quantity = quantity;
  message.price_e4 = price_e4;
  const Unanswered::Key key{ouch::ReplaceOrder::kType, next_user_reference_};
  return send(key, base::object_bytes(message)) ? next_user_reference_++ : 0;
}

std::uint32_t OrderEntrySession::mass_cancel(const ouch::Symbol& symbol) {
  ouch::MassCancel message;
  message.user_reference = next_user_reference_;
  message.symbol = symbol;
  const Unanswered::Key key{ouch::MassCancel::kType, next_user_reference_};
  return send(key, base::object_bytes(message)) ? next_user_reference_++ : 0;
}

bool OrderEntrySession::cancel(std::uint32_t user_reference, QuantityLots remaining) {
  ouch::CancelOrder message;
  message.user_reference = user_reference;
  message.quantity = remaining;
  return send({ouch::CancelOrder::kType, user_reference}, base::object_bytes(message));
}

bool OrderEntrySession::send(Unanswered::Key key, base::Bytes message) {
  if (!is_ready_ || unanswered_.count() >= kUnansweredMax ||
      soup_.queued_bytes() >= kQueuedBytesMax || !soup_.send(message)) {
    return false;
  }
  unanswered_.add(key, message);
  return true;
}

// The answer to the query comes behind everything that was missed, so that only what is truly
// without an answer is sent again.
void OrderEntrySession::on_logged_in(std::uint64_t) {
  const ouch::AccountQuery query;
  (void)soup_.send(base::object_bytes(query));
  soup_.flush();
}

void OrderEntrySession::become_ready(std::uint32_t next_user_reference) {
  next_user_reference_ = std::max(next_user_reference_, next_user_reference);
  unanswered_.for_each([this](base::Bytes message) { (void)soup_.send(message); });
  is_ready_ = true;
  listener_.on_ready();
}

void OrderEntrySession::on_sequenced(std::uint64_t number, base::Bytes message) {
  if (ouch::check_outbound(message) != ouch::Fault::none) return;
  switch (static_cast<char>(message[0])) {
    case ouch::Accepted::kType:
      unanswered_.answer_order(as<ouch::Accepted>(message).user_reference);
      return listener_.on_accepted(number, as<ouch::Accepted>(message));
    case ouch::Replaced::kType:
      unanswered_.answer_order(as<ouch::Replaced>(message).user_reference);
      return listener_.on_replaced(number, as<ouch::Replaced>(message));
    case ouch::Rejected::kType:
      unanswered_.answer_order(as<ouch::Rejected>(message).user_reference);
      return listener_.on_rejected(number, as<ouch::Rejected>(message));
    case ouch::Canceled::kType:
      unanswered_.answer_cancel(as<ouch::Canceled>(message).user_reference);
      return listener_.on_canceled(number, as<ouch::Canceled>(message));
    case ouch::CancelReject::kType:
      unanswered_.answer_cancel(as<ouch::CancelReject>(message).user_reference);
      return listener_.on_cancel_rejected(number, as<ouch::CancelReject>(message));
    case ouch::Executed::kType:
      return listener_.on_executed(number, as<ouch::Executed>(message));
    case ouch::Triggered::kType:
      return listener_.on_triggered(number, as<ouch::Triggered>(message));
    case ouch::TradingState::kType:
      return listener_.on_trading_state(number, as<ouch::TradingState>(message));
    default:
      return;
  }
}

void OrderEntrySession::on_unsequenced(base::Bytes message) {
  if (ouch::check_outbound(message) != ouch::Fault::none) return;
  if (static_cast<char>(message[0]) == ouch::LocalRefusal::kType) {
    const auto& refusal = as<ouch::LocalRefusal>(message);
    unanswered_.refuse({refusal.refused_type, refusal.user_reference});
    return listener_.on_refusal(refusal);
  }
  if (static_cast<char>(message[0]) == ouch::GatewayHalt::kType) {
    return listener_.on_gateway_halt(as<ouch::GatewayHalt>(message));
  }
  if (static_cast<char>(message[0]) == ouch::AccountQueryResponse::kType && !is_ready_) {
    become_ready(as<ouch::AccountQueryResponse>(message).next_user_reference);
  }
}

void OrderEntrySession::on_lost(const std::string& reason) {
  is_ready_ = false;
  listener_.on_lost(reason);
}

}  // namespace okiagari::client

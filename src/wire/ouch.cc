#include "wire/ouch.h"

#include <array>

namespace okiagari::wire::ouch {

namespace {

enum class Appendage : std::uint8_t { none, required, optional };

// `size_bytes` is without the appendage's length field, whether or not that must be there.
struct Shape {
  std::uint8_t size_bytes = 0;  // 0: no such message
  Appendage appendage = Appendage::none;
};
using Shapes = std::array<Shape, 128>;

template <typename Message>
constexpr void with_optional(Shapes& shapes) {
  shapes[Message::kType] = {sizeof(Message), Appendage::optional};
}
template <typename Message>
constexpr void with_required(Shapes& shapes) {
  shapes[Message::kType] = {sizeof(Message) - sizeof(std::uint16_t), Appendage::required};
}
template <typename Message>
constexpr void without(Shapes& shapes) {
  shapes[Message::kType] = {sizeof(Message), Appendage::none};
}

constexpr Shapes kInbound = [] {
  Shapes shapes{};
  with_required<EnterOrder>(shapes);
  with_required<ReplaceOrder>(shapes);
  with_optional<CancelOrder>(shapes);
  with_optional<ModifyOrder>(shapes);
  with_required<MassCancel>(shapes);
  with_required<DisableOrderEntry>(shapes);
  with_required<EnableOrderEntry>(shapes);
  with_optional<AccountQuery>(shapes);
  return shapes;
}();

constexpr Shapes kOutbound = [] {
  Shapes shapes{};
  without<SystemEvent>(shapes);
  with_required<Accepted>(shapes);
  with_required<Replaced>(shapes);
  with_optional<Canceled>(shapes);
  with_optional<AiqCanceled>(shapes);
  with_required<Executed>(shapes);
  with_optional<BrokenTrade>(shapes);
  with_optional<Rejected>(shapes);
  with_optional<CancelPending>(shapes);
  with_optional<CancelReject>(shapes);
  with_optional<OrderPriorityUpdate>(shapes);
  with_optional<OrderModified>(shapes);
  with_required<OrderRestated>(shapes);
  with_required<MassCancelResponse>(shapes);
  constexpr Shape kResponse = {sizeof(OrderEntryResponse) - 2, Appendage::required};
  shapes[OrderEntryResponse::kDisableType] = kResponse;
  shapes[OrderEntryResponse::kEnableType] = kResponse;
  with_optional<AccountQueryResponse>(shapes);
  without<TradingState>(shapes);
  without<Triggered>(shapes);
  without<LocalRefusal>(shapes);
  without<GatewayHalt>(shapes);
  return shapes;
}();

Shape shape_of(const Shapes& shapes, base::Bytes message) {
  const auto type = static_cast<std::size_t>(message[0]);
  return type < shapes.size() ? shapes[type] : Shape{};
}

Fault check(const Shapes& shapes, base::Bytes message) {
  if (message.empty()) return Fault::empty;
  const Shape shape = shape_of(shapes, message);
  if (shape.size_bytes == 0) return Fault::unknown_type;
  if (message.size() < shape.size_bytes) return Fault::too_short;
  const base::Bytes rest = message.subspan(shape.size_bytes);
  if (shape.appendage == Appendage::none) return rest.empty() ? Fault::none : Fault::too_long;
  if (rest.empty() && shape.appendage == Appendage::optional) return Fault::none;
  if (rest.size() < sizeof(std::uint16_t)) return Fault::too_short;
  if (base::load_big<std::uint16_t>(rest.data()) != rest.size() - sizeof(std::uint16_t)) {
    return Fault::appendage_length_wrong;
  }
  for (base::Bytes left = rest.subspan(sizeof(std::uint16_t)); !left.empty();) {
    const auto size = static_cast<std::size_t>(left[0]);
    if (size == 0 || size >= left.size()) return Fault::appendage_broken;
    left = left.subspan(size + 1);
  }
  return Fault::none;
}

base::Bytes appendage(const Shapes& shapes, base::Bytes message) {
  const std::size_t begin = shape_of(shapes, message).size_bytes + sizeof(std::uint16_t);
  return begin >= message.size() ? base::Bytes{} : message.subspan(begin);
}

}  // namespace

Fault check_inbound(base::Bytes message) { return check(kInbound, message); }
Fault check_outbound(base::Bytes message) { return check(kOutbound, message); }
base::Bytes inbound_appendage(base::Bytes message) { return appendage(kInbound, message); }
base::Bytes outbound_appendage(base::Bytes message) { return appendage(kOutbound, message); }

const char* describe(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "no fault";
    case Fault::empty:
      return "a packet without a message";
    case Fault::unknown_type:
      return "unknown message type";
    case Fault::too_short:
      return "message shorter than its type";
    case Fault::too_long:
      return "message longer than its type";
    case Fault::appendage_length_wrong:
      return "appendage length differs from what follows";
    case Fault::appendage_broken:
      return "an element of the appendage is empty or runs over its end";
  }
  return "unknown fault";
}

std::string_view describe(RejectCode code) {
  switch (code) {
    case RejectCode::halted:
      return "halted";
    case RejectCode::invalid_side:
      return "invalid side";
    case RejectCode::firm_not_authorized:
      return "firm not authorized";
    case RejectCode::invalid_min_quantity:
      return "invalid minimum quantity";
    case RejectCode::invalid_display:
      return "invalid display";
    case RejectCode::invalid_quantity:
      return "invalid quantity";
    case RejectCode::invalid_cross:
      return "invalid cross type";
    case RejectCode::invalid_symbol:
      return "invalid symbol";
    case RejectCode::invalid_price:
      return "invalid price";
    case RejectCode::venue_reason:
      return "no reason";
    case RejectCode::cluster_away:
      return "the market's servers cannot be reached";
    case RejectCode::throttled:
      return "more messages a second than agreed";
    case RejectCode::message_not_supported:
      return "message type not supported";
    case RejectCode::option_not_supported:
      return "option not supported";
    case RejectCode::option_malformed:
      return "option malformed";
    case RejectCode::invalid_time_in_force:
      return "invalid time in force";
    case RejectCode::invalid_self_trade:
      return "invalid self-trade prevention";
    case RejectCode::invalid_account:
      return "invalid account";
    case RejectCode::halt_order:
      return "stopped by a signed halt that this gateway obeys";
    case RejectCode::not_yet_taken:
      return "not taken before all servers of the market are renewed";
  }
  return "a reason of the venue";
}

}  // namespace okiagari::wire::ouch

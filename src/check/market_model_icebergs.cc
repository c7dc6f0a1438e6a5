// MarketModel: orders that do not show all of themselves, and orders that are made smaller, of
// which the feed may see nothing.
#include <algorithm>

#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr std::uint16_t kNone = 0;
constexpr std::uint16_t kNotSupported = 0x117;
constexpr std::uint16_t kTooManyPeaks = 0x128;
constexpr std::uint32_t kPeaksMax = 100;
constexpr char kDayOver = 'T';
constexpr char kDisplayRefreshed = 'R';

}  // namespace

std::uint16_t MarketModel::display_refusal(const ModelOrder& order) {
  if (order.display == 0) return kNone;
  if (!order.may_rest()) return kNotSupported;
  const bool fits = std::uint64_t{order.display} * kPeaksMax >= order.open;
  return fits ? kNone : kTooManyPeaks;
}

void MarketModel::reduce_original(const ModelOrder& original, const ModelOrder& order,
                                  const LoggedCommand& command, Session& session) {
  touch_call(original.instrument);
  books_.reduce(original.key, order.open);
  books_.rename(original.key, order.key);
  OuchAnswer& answer = say(session, kOuchReplaced, command.user_reference);
  answer.original_user_reference = command.original_user_reference;
  answer.side = original.side == 0 ? 'B' : 'S';
  answer.quantity = order.open;
  answer.symbol = instruments_.at(original.instrument).symbol;
  answer.price_e4 = command.price_e4;
  answer.time_in_force = say_time_in_force(order, answer.appendage);
  answer.display = 'Y';
  answer.order_reference = original.reference;
  answer.capacity = 'A';
  answer.sweep = 'N';
  answer.cross = 'N';
  answer.order_state = 'L';
  answer.client_order_id = command.client_order_id;
  if (command.post_only != 0) append_field(answer.appendage, kTagPostOnly, base::as_bytes("P"));
  if (order.display != 0) append_number(answer.appendage, kTagMaxFloor, order.display);
  publish_reduced(original, books_.find(order.key)->shown());
}

// The feed does not see what was hidden.
void MarketModel::publish_reduced(const ModelOrder& before, std::uint32_t shown) {
  if (before.shown() == shown) return;
  publish(kItchCancel, before.instrument, before.reference).quantity = before.shown() - shown;
}

std::uint64_t MarketModel::say_shown(const ModelOrder& order) {
  Session& owner = sessions_.at(static_cast<std::uint16_t>(order.key >> 32));
  const auto user_reference = static_cast<std::uint32_t>(order.key);
  if (is_over(order)) {
    say_canceled(owner, user_reference, order.open, kDayOver);
    return 0;
  }
  const std::uint32_t shown = std::min(order.display, order.hidden);
  ++reference_;
  OuchAnswer& answer = say(owner, kOuchRestated, user_reference);
  answer.reason = kDisplayRefreshed;
  append_number(answer.appendage, kTagSecondReference, reference_);
  append_number(answer.appendage, kTagDisplayQuantity, shown);
  const Instrument& instrument = instruments_.at(order.instrument);
  ItchMessage& added = publish(kItchAdd, order.instrument, reference_);
  added.quantity = shown;
  added.price_e4 = static_cast<std::uint32_t>(order.price_ticks) * instrument.tick_e4;
  added.side = order.side == 0 ? 'B' : 'S';
  added.symbol = instrument.symbol;
  return reference_;
}

}  // namespace okiagari::check

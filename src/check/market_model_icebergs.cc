// MarketModel: orders that do not show all of themselves.
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

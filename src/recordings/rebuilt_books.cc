#include "recordings/rebuilt_books.h"

namespace okiagari::recordings {

void RebuiltBooks::take(const check::ItchMessage& message) {
  switch (message.type) {
    case check::kItchAdd:
    case check::kItchAddAttributed:
      return add(message.reference, {message.locate, message.side == 'B' ? Side::buy : Side::sell,
                                     message.price_e4, message.quantity});
    case check::kItchExecuted:
    case check::kItchExecutedAtPrice:
    case check::kItchCancel:
      return lower(message.reference, message.quantity);
    case check::kItchDelete:
      return lower(message.reference, 0);
    case check::kItchReplace: {
      const auto found = orders_.find(message.reference);
      if (found == orders_.end()) {
        ++wrong_;
        return;
      }
      Order order = found->second;
      lower(message.reference, 0);
      order.price = message.price_e4;
      order.quantity = message.quantity;
      return add(message.new_reference, order);
    }
    default:
      return;
  }
}

const RebuiltBooks::Levels& RebuiltBooks::levels(std::uint16_t locate, Side side) {
  return sides_[static_cast<int>(side)][locate];
}

void RebuiltBooks::add(std::uint64_t reference, const Order& order) {
  if (!orders_.emplace(reference, order).second) {
    ++wrong_;
    return;
  }
  sides_[static_cast<int>(order.side)][order.locate][order.price] += order.quantity;
}

void RebuiltBooks::lower(std::uint64_t reference, std::uint32_t by) {
  const auto found = orders_.find(reference);
  if (found == orders_.end() || by > found->second.quantity) {
    ++wrong_;
    return;
  }
  Order& order = found->second;
  const std::uint32_t taken = by == 0 ? order.quantity : by;
  Levels& levels = sides_[static_cast<int>(order.side)][order.locate];
  const auto level = levels.find(order.price);
  level->second -= taken;
  if (level->second == 0) levels.erase(level);
  order.quantity -= taken;
  if (order.quantity == 0) orders_.erase(found);
}

}  // namespace okiagari::recordings

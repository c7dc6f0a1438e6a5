#include "check/order_view.h"

#include <algorithm>

namespace okiagari::check {

namespace {

std::uint64_t price_in(const OuchAnswer& answer, std::uint8_t tag) {
  const base::Bytes field = appendage_field(base::as_bytes(answer.appendage), tag);
  return field.size() == 8 ? base::load_big<std::uint64_t>(field.data()) : 0;
}

}  // namespace

void OrderView::take(const OuchAnswer& answer) {
  switch (answer.type) {
    case kOuchAccepted:
      if (answer.order_state != 'L') return;
      return add({answer.user_reference, answer.quantity, 0, answer.price_e4, answer.symbol,
                  answer.side, price_in(answer, kTagTrigger), price_in(answer, kTagTrail)});
    case kOuchReplaced: {
      const auto old = places_.find(answer.original_user_reference);
      const std::uint32_t executed = old == places_.end() ? 0 : orders_[old->second].executed;
      remove(answer.original_user_reference);
      if (answer.order_state != 'L') return;
      return add({answer.user_reference, answer.quantity, executed, answer.price_e4, answer.symbol,
                  answer.side, price_in(answer, kTagTrigger), price_in(answer, kTagTrail)});
    }
    case kOuchTriggered:
      return begin_to_rest(answer.user_reference);
    case kOuchExecuted:
      return lower(answer.user_reference, answer.quantity, true);
    case kOuchCanceled:
    case kOuchSelfTradeCanceled:
      return lower(answer.user_reference, answer.quantity, false);
    default:
      return;
  }
}

void OrderView::add(const LiveOrder& order) {
  if (!places_.emplace(order.user_reference, orders_.size()).second) return;
  orders_.push_back(order);
}

void OrderView::remove(std::uint32_t user_reference) {
  const auto found = places_.find(user_reference);
  if (found == places_.end()) return;
  const std::size_t place = found->second;
  places_.erase(found);
  if (place + 1 != orders_.size()) {
    orders_[place] = orders_.back();
    places_[orders_[place].user_reference] = place;
  }
  orders_.pop_back();
}

void OrderView::begin_to_rest(std::uint32_t user_reference) {
  const auto found = places_.find(user_reference);
  if (found == places_.end()) return;
  orders_[found->second].trigger_e4 = 0;
  orders_[found->second].distance_e4 = 0;
}

void OrderView::lower(std::uint32_t user_reference, std::uint32_t by, bool executed) {
  const auto found = places_.find(user_reference);
  if (found == places_.end()) return;
  LiveOrder& order = orders_[found->second];
  order.open -= std::min(order.open, by);
  if (executed) order.executed += by;
  if (order.open == 0) remove(user_reference);
}

}  // namespace okiagari::check

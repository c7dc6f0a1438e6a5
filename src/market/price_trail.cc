#include "market/price_trail.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace okiagari::market {

void PriceTrail::enter(OrderReference reference, PriceTicks price) {
  ASSERT(entries_.empty() || entries_.back().first < reference, "order {} comes after {}",
         reference, entries_.back().first);
  follow(price);
  add(reference, price, 1);
}

void PriceTrail::add(OrderReference first, PriceTicks price, std::uint32_t orders) {
  if (entries_.empty() || entries_.back().price != price) {
    entries_.push_back({.first = first, .price = price, .orders = orders});
    return;
  }
  Entry& last = entries_.back();
  if (last.orders == 0) --empty_entries_;
  last.orders += orders;
}

bool PriceTrail::follow(PriceTicks price) {
  if (!moves_at(price)) return false;
  std::uint32_t orders = 0;
  OrderReference first = 0;
  while (moves_at(price)) {
    const Entry& nearer = entries_.back();
    if (nearer.orders == 0) --empty_entries_;
    orders += nearer.orders;
    first = nearer.first;
    entries_.pop_back();
  }
  add(first, price, orders);
  drop_empty_ones();
  return true;
}

void PriceTrail::leave(OrderReference reference) {
  Entry& entry = entries_[place_of(reference)];
  ASSERT(entry.orders > 0, "order {} leaves a price at which nobody is", reference);
  if (--entry.orders > 0) return;
  ++empty_entries_;
  drop_empty_ones();
}

// At the end at once, elsewhere when they are more than the others: so each costs O(1).
void PriceTrail::drop_empty_ones() {
  while (!entries_.empty() && entries_.back().orders == 0) {
    entries_.pop_back();
    --empty_entries_;
  }
  if (empty_entries_ <= entries_.size() / 2) return;
  std::erase_if(entries_, [](const Entry& entry) { return entry.orders == 0; });
  empty_entries_ = 0;
}

std::size_t PriceTrail::place_of(OrderReference reference) const {
  const auto behind = std::upper_bound(
      entries_.begin(), entries_.end(), reference,
      [](OrderReference sought, const Entry& entry) { return sought < entry.first; });
  ASSERT(behind != entries_.begin(), "order {} follows no price", reference);
  return static_cast<std::size_t>(behind - entries_.begin()) - 1;
}

base::Status PriceTrail::check(std::span<const OrderReference> orders) const {
  std::size_t next = 0;
  std::uint32_t empty = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const bool is_last = i + 1 == entries_.size();
    std::uint32_t found = 0;
    while (next < orders.size() && (is_last || orders[next] < entries_[i + 1].first)) {
      if (orders[next] < entry.first) {
        return base::Error{fmt::format("order {} has seen no price", orders[next])};
      }
      ++found;
      ++next;
    }
    empty += found == 0 ? 1 : 0;
    const bool is_in_turn = is_last || (entry.first < entries_[i + 1].first &&
                                        is_further(entry.price, entries_[i + 1].price));
    if (found != entry.orders || !is_in_turn || (is_last && found == 0)) {
      return base::Error{
          fmt::format("the price {} is that of {} orders and not of {}, or it is "
                      "out of turn",
                      entry.price, found, entry.orders)};
    }
  }
  if (next != orders.size() || empty != empty_entries_ || empty > entries_.size() / 2) {
    return base::Error{
        fmt::format("{} of {} orders have seen a price, {} of {} prices are nobody's", next,
                    orders.size(), empty, entries_.size())};
  }
  return {};
}

}  // namespace okiagari::market

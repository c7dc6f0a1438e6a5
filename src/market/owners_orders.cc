#include "market/owners_orders.h"

#include <fmt/format.h>

#include <algorithm>

namespace okiagari::market {

void OwnersOrders::prefetch(OrderKey key) const {
  const std::uint32_t number = owner_of(key);
  if (number >= owners_.size() || owners_[number].size == 0) return;
  const Owner& owner = owners_[number];
  const std::uint32_t reference = reference_of(key);
  __builtin_prefetch(&owner.places[owner.place(reference)], 1);
  const bool may_be_old = reference + std::uint64_t{owner.size} < owner.references_end;
  if (may_be_old && owner.first_old != kNoOrder) old_.prefetch(key);
}

std::uint32_t OwnersOrders::probable_slot(OrderKey key) const {
  const std::uint32_t number = owner_of(key);
  if (number >= owners_.size()) return kNoOrder;
  const Owner& owner = owners_[number];
  const std::uint32_t reference = reference_of(key);
  if (reference >= owner.references_end) return kNoOrder;
  const bool may_be_old = reference + std::uint64_t{owner.size} < owner.references_end;
  if (may_be_old && owner.first_old != kNoOrder) {
    if (const std::uint32_t slot = old_.probable_slot(key)) return slot;
  }
  return owner.places[owner.place(reference)];
}

void OwnersOrders::add_owners(std::uint32_t number) {
  ASSERT(number <= kMaxOwner, "owner {}", number);
  owners_.resize(number + std::size_t{1});
}

void OwnersOrders::grow(Owner& owner, const OrderPool& orders) {
  if (owner.size == 0 || owner.size > owner.mask) {
    const std::size_t there = owner.size == 0 ? kPlacesAtFirst : 2 * std::size_t{owner.size};
    auto* places = static_cast<std::uint32_t*>(std::calloc(there, sizeof(std::uint32_t)));
    ASSERT(places != nullptr, "no memory for a window of {} places", there);
    std::copy_n(owner.places.get(), owner.size, places);
    owner.places.reset(places);
    owner.mask = static_cast<std::uint32_t>(there) - 1;
  }
  if (owner.size == 0) {
    owner.size = kPlacesAtFirst;
    return;
  }
  // The next few of the lower half give what belongs above them to the places that come into use.
  const std::uint32_t half = (owner.mask + 1) / 2;
  for (std::uint32_t added = 0; added < kPlacesAdded; ++added, ++owner.size) {
    std::uint32_t& below = owner.places[owner.size - half];
    if (below == kNoOrder || (reference_of(orders[below].key) & half) == 0) continue;
    owner.places[owner.size] = below;
    below = kNoOrder;
  }
}

void OwnersOrders::push_out(Owner& owner, std::uint32_t slot, OrderPool& orders) {
  old_.insert(slot, orders);
  ++owner.old;
  orders[slot].owner_previous = kNoOrder;
  orders[slot].owner_next = owner.first_old;
  orders[owner.first_old].owner_previous = slot;
  owner.first_old = slot;
}

void OwnersOrders::erase_old(Owner& owner, OrderKey key, std::uint32_t slot, OrderPool& orders) {
  old_.erase(key, slot);
  --owner.old;
  const std::uint32_t previous = orders[slot].owner_previous;
  const std::uint32_t next = orders[slot].owner_next;
  orders[previous].owner_next = next;
  orders[next].owner_previous = previous;
  if (previous == kNoOrder) owner.first_old = next;
}

std::size_t OwnersOrders::memory_bytes() const {
  std::size_t places = 0;
  for (const Owner& owner : owners_) places += owner.size == 0 ? 0 : owner.mask + std::size_t{1};
  return places * sizeof(std::uint32_t) + owners_.capacity() * sizeof(Owner) + old_.memory_bytes();
}

base::Status OwnersOrders::check(const OrderPool& orders, std::uint32_t live_orders) const {
  std::uint64_t live = 0;
  std::uint64_t old = 0;
  for (std::uint32_t number = 0; number < owners_.size(); ++number) {
    if (base::Status checked = check_owner(number, orders); !checked.ok()) return checked;
    live += owners_[number].live;
    old += owners_[number].old;
  }
  if (live == live_orders && old == old_.size()) return {};
  return base::Error{
      fmt::format("{} orders of owners, {} in the pool; {} old ones, {} in the table", live,
                  live_orders, old, old_.size())};
}

base::Status OwnersOrders::check_owner(std::uint32_t number, const OrderPool& orders) const {
  const Owner& owner = owners_[number];
  const auto wrong = [&](std::string_view what, OrderKey key) {
    return base::Error{fmt::format("owner {}, order {:#x}: {}", number, key, what)};
  };
  std::uint32_t in_window = 0;
  for (std::uint32_t at = 0; owner.size != 0 && at <= owner.mask; ++at) {
    const std::uint32_t slot = owner.places[at];
    if (slot == kNoOrder) continue;
    const OrderKey key = orders[slot].key;
    const std::uint32_t reference = reference_of(key);
    const bool stands_right = owner_of(key) == number && orders[slot].instrument != 0 &&
                              at < owner.size && owner.place(reference) == at &&
                              reference < owner.references_end;
    if (!stands_right) return wrong("it is in a wrong place of the window", key);
    ++in_window;
  }
  std::uint32_t old = 0;
  std::uint32_t previous = kNoOrder;
  for (std::uint32_t slot = owner.first_old; slot != kNoOrder; slot = orders[slot].owner_next) {
    const Order& order = orders[slot];
    const bool stands_right = owner_of(order.key) == number && order.owner_previous == previous &&
                              reference_of(order.key) < owner.references_end &&
                              old_.find(order.key, orders) == slot;
    if (!stands_right) return wrong("it is wrong among the old ones", order.key);
    if (++old > owner.old) break;
    previous = slot;
  }
  if (old == owner.old && in_window + old == owner.live) return {};
  return base::Error{fmt::format("owner {}: {} in its window and {} old ones, said to be {} and {}",
                                 number, in_window, old, owner.live - owner.old, owner.old)};
}

}  // namespace okiagari::market

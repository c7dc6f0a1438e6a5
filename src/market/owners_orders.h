// Finds live orders by their keys, and all those of one owner. An owner's references rise, so its
// newest orders lie close together: each owner has a *window* of places, and an order's place is
// its reference modulo the window's size. Entering and removing an order there is one load and one
// store, without hashing.
//
// What keeps the worst case small:
// - An order that stands in the way of a newer one moves to the table of old orders, a hash index
//   for all owners (order_index.h). Whoever picks references that collide pays for that table, no
//   more.
// - A window grows by a few places at an insertion, taking in the orders that belong there (linear
//   hashing). No operation moves them all.
// - A window has no more than kPlacesMax places, and about four for each of its owner's orders.
//
// References that are above all that the owner has entered are known not to live without a look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "market/order.h"
#include "market/order_index.h"

namespace okiagari::market {

class OwnersOrders {
 public:
  // The slot of the live order of that key, or kNoOrder.
  [[nodiscard]] std::uint32_t find(OrderKey key, const OrderPool& orders) const {
    const std::uint32_t number = owner_of(key);
    if (number >= owners_.size()) [[unlikely]] {
      return kNoOrder;
    }
    const Owner& owner = owners_[number];
    const std::uint32_t reference = reference_of(key);
    if (reference >= owner.references_end) return kNoOrder;
    const std::uint32_t slot = owner.places[owner.place(reference)];
    if (slot != kNoOrder && orders[slot].key == key) return slot;
    return owner.first_old == kNoOrder ? kNoOrder : old_.find(key, orders);
  }

  // For a search that comes soon: fetches the key's place.
  void prefetch(OrderKey key) const;
  // The slot that is probably the key's, told without a look at an order; kNoOrder when none is.
  [[nodiscard]] std::uint32_t probable_slot(OrderKey key) const;

  // Enters orders[slot] under its key, which does not live yet.
  void insert(std::uint32_t slot, OrderPool& orders) {
    const OrderKey key = orders[slot].key;
    const std::uint32_t number = owner_of(key);
    if (number >= owners_.size()) [[unlikely]] {
      add_owners(number);
    }
    Owner& owner = owners_[number];
    const std::uint32_t reference = reference_of(key);
    if (reference >= owner.references_end) owner.references_end = std::uint64_t{reference} + 1;
    if (++owner.live > owner.size / kPlacesPerOrder && owner.size < kPlacesMax) [[unlikely]] {
      grow(owner, orders);
    }
    std::uint32_t& place = owner.places[owner.place(reference)];
    if (place != kNoOrder) [[unlikely]] {
      push_out(owner, place, orders);
    }
    place = slot;
  }

  // Takes out a key that lives and means that slot.
  void erase(OrderKey key, std::uint32_t slot, OrderPool& orders) {
    Owner& owner = owners_[owner_of(key)];
    --owner.live;
    std::uint32_t& place = owner.places[owner.place(reference_of(key))];
    if (place == slot) [[likely]] {
      place = kNoOrder;
    } else {
      erase_old(owner, key, slot, orders);
    }
  }

  // Calls visit(slot) for all live orders of one owner, in no order. Looks at the places of its
  // window from the newest backwards until it has found all, then at the list of old ones.
  template <typename Visitor>
  void for_each(std::uint32_t number, const OrderPool& orders, Visitor&& visit) const;

  [[nodiscard]] std::size_t memory_bytes() const;
  // Every link and count, compared with the orders; `live_orders` is how many there are.
  [[nodiscard]] base::Status check(const OrderPool& orders, std::uint32_t live_orders) const;

  // Live orders that no window holds any longer; for tests and figures.
  [[nodiscard]] std::uint32_t old_orders() const { return old_.size(); }

  // The most places of one owner.
  static constexpr std::uint32_t kPlacesMax = 1u << 15;

 private:
  static constexpr std::uint32_t kMaxOwner = 0xFFFF;  // an owner is a SessionId
  static constexpr std::uint32_t kPlacesPerOrder = 4;
  static constexpr std::uint32_t kPlacesAtFirst = 64;
  static constexpr std::uint32_t kPlacesAdded = 8;

  struct Free {
    void operator()(std::uint32_t* places) const { std::free(places); }
  };
  struct Owner {
    std::unique_ptr<std::uint32_t[], Free> places;  // slots; kNoOrder: empty
    std::uint64_t references_end = 0;               // above all that were entered
    std::uint32_t size = 0;                         // places in use: more than half of those there
    std::uint32_t mask = 0;                         // places there, less one
    std::uint32_t live = 0;                         // of its orders, in the window or not
    std::uint32_t old = 0;                          // of them, not in the window
    std::uint32_t first_old = kNoOrder;             // the list of these, by Order::owner_next

    [[nodiscard]] std::uint32_t place(std::uint32_t reference) const {
      const std::uint32_t at = reference & mask;
      return at < size ? at : at & mask >> 1;
    }
  };

  [[nodiscard]] static std::uint32_t reference_of(OrderKey key) {
    return static_cast<std::uint32_t>(key);
  }
  void add_owners(std::uint32_t number);
  void grow(Owner& owner, const OrderPool& orders);
  void push_out(Owner& owner, std::uint32_t slot, OrderPool& orders);
  void erase_old(Owner& owner, OrderKey key, std::uint32_t slot, OrderPool& orders);
  [[nodiscard]] base::Status check_owner(std::uint32_t number, const OrderPool& orders) const;

  std::vector<Owner> owners_;  // by number, as far as one has come
  OrderIndex old_;
};

template <typename Visitor>
void OwnersOrders::for_each(std::uint32_t number, const OrderPool& orders, Visitor&& visit) const {
  if (number >= owners_.size()) return;
  const Owner& owner = owners_[number];
  std::uint32_t missing = owner.live - owner.old;
  std::uint32_t at = owner.place(static_cast<std::uint32_t>(owner.references_end));
  while (missing > 0) {
    at = (at == 0 ? owner.size : at) - 1;
    if (owner.places[at] == kNoOrder) continue;
    visit(owner.places[at]);
    --missing;
  }
  for (std::uint32_t slot = owner.first_old; slot != kNoOrder; slot = orders[slot].owner_next) {
    visit(slot);
  }
}

}  // namespace okiagari::market

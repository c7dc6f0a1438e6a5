// The furthest price that each of many orders has seen since it came: the highest for those whose
// trigger follows a rising price, the lowest for the others. What belongs here: prices and who came
// when, by reference. What does not: distances, triggers, and which of the orders goes.
//
// An older order has seen every price that a newer one has, so from the oldest to the newest the
// furthest prices only come nearer, and orders that have the same one stand side by side. They are
// one entry of a stack. A price that is further than those of the newest ones makes one entry of
// theirs; each entry is made once and taken away once, so following a price costs O(1) amortized,
// whatever the number of orders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::market {

class PriceTrail {
 public:
  // A sell follows the highest price, a buy the lowest.
  explicit PriceTrail(Side side) : follows_highest_(side == Side::sell) {}

  // An order comes, its reference above all before; it begins with this price, which counts for
  // the others too.
  void enter(OrderReference reference, PriceTicks price);
  // One that has entered.
  void leave(OrderReference reference);
  // The price counts. Whether anybody's furthest one has moved.
  bool follow(PriceTicks price);

  // Whether follow() would move anything.
  [[nodiscard]] bool moves_at(PriceTicks price) const {
    return !entries_.empty() && is_further(price, entries_.back().price);
  }
  // The furthest price of one that has entered, in O(log n).
  [[nodiscard]] PriceTicks furthest_of(OrderReference reference) const {
    return entries_[place_of(reference)].price;
  }
  // Of the newest one, which every further price moves; 0 when there is none.
  [[nodiscard]] PriceTicks nearest() const { return entries_.empty() ? 0 : entries_.back().price; }
  // No order's is further than this; 0 when there is none.
  [[nodiscard]] PriceTicks bound() const { return entries_.empty() ? 0 : entries_.front().price; }

  // At most about twice as many as orders that have entered and not left.
  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  // That these, ascending, are the orders that have entered and not left. Slow.
  [[nodiscard]] base::Status check(std::span<const OrderReference> orders) const;

 private:
  struct Entry {
    OrderReference first;  // it holds for this one and all up to the next entry's first
    PriceTicks price;
    std::uint32_t orders;  // of them that have not left; the last entry's are never 0
  };

  [[nodiscard]] bool is_further(PriceTicks price, PriceTicks than) const {
    return follows_highest_ ? price > than : price < than;
  }
  [[nodiscard]] std::size_t place_of(OrderReference reference) const;
  // Gives the last entry `orders` more, when it has that price, or makes one.
  void add(OrderReference first, PriceTicks price, std::uint32_t orders);
  void drop_empty_ones();

  bool follows_highest_;
  std::uint32_t empty_entries_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace okiagari::market

// Takes out what is over with a trading day: venue/day_end.h.
#pragma once

#include <cstdint>
#include <vector>

#include "market/order_books.h"
#include "venue/order_removal.h"
#include "venue/state.h"

namespace okiagari::venue {

class DayExpiry {
 public:
  DayExpiry(VenueState& state, OrderRemoval& removal) : state_(state), removal_(removal) {
    keys_.reserve(state.limits.steps.day_end_looks);
  }

  // Why that day cannot end now; none when it can. `day` counts from the epoch, 0: it is no day.
  [[nodiscard]] Reason check(std::uint16_t day) const;
  // After check() said none; step() follows.
  void begin(std::uint16_t day);
  // While it runs. How many orders it took out.
  std::uint32_t step();

 private:
  // They look at the rest of the shelf, at most `looks` orders; how many they looked at.
  std::uint32_t search(DayEnd::Shelf shelf, std::uint32_t looks);
  std::uint32_t search_waiting(Side side, bool trails, std::uint32_t looks);
  std::uint32_t search_book(Side side, std::uint32_t looks);
  template <typename Order>
  void look_at(const Order& order, PriceTicks price);
  void to_next_shelf();

  VenueState& state_;
  OrderRemoval& removal_;
  std::vector<market::OrderKey> keys_;  // scratch
};

}  // namespace okiagari::venue

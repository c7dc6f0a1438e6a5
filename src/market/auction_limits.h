// How far the price of an auction may lie from what was known before, and how that widens while
// it does not come nearer. What belongs here: collars as pure functions. What does not: when a call
// ends or is extended, which whoever keeps the calendar decides.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace okiagari::market {

// Both inclusive.
struct Collar {
  PriceTicks low = 1;
  PriceTicks high = kMaxPriceTicks;
  [[nodiscard]] bool holds(PriceTicks price) const { return low <= price && price <= high; }
  bool operator==(const Collar&) const = default;
};

enum class WidthUnit : std::uint8_t {
  none,  // no collar
  ticks,
  ten_thousandths,  // of the reference; at least a tick
};

struct Width {
  WidthUnit unit = WidthUnit::none;
  std::uint32_t amount = 0;
};

// In ticks; 0 when there is none or no reference to take a part of.
[[nodiscard]] PriceTicks width_ticks(Width width, PriceTicks reference);
// As far from the reference on both sides, within all prices; everything when `width` is 0.
[[nodiscard]] Collar collar_around(PriceTicks reference, PriceTicks width);
// The side that the price lies beyond moves outward by `step`; the other stays.
[[nodiscard]] Collar widened(Collar collar, PriceTicks price, PriceTicks step);

}  // namespace okiagari::market

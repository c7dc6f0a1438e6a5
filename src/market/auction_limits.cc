#include "market/auction_limits.h"

#include <algorithm>

namespace okiagari::market {

namespace {

PriceTicks within_prices(std::int64_t price) {
  return static_cast<PriceTicks>(std::clamp<std::int64_t>(price, 1, kMaxPriceTicks));
}

}  // namespace

PriceTicks width_ticks(Width width, PriceTicks reference) {
  if (reference == 0 || width.unit == WidthUnit::none || width.amount == 0) return 0;
  if (width.unit == WidthUnit::ticks) return within_prices(width.amount);
  return within_prices(std::int64_t{reference} * width.amount / 10'000);
}

Collar collar_around(PriceTicks reference, PriceTicks width) {
  if (width == 0) return {};
  return {within_prices(std::int64_t{reference} - width),
          within_prices(std::int64_t{reference} + width)};
}

Collar widened(Collar collar, PriceTicks price, PriceTicks step) {
  if (price > collar.high) collar.high = within_prices(std::int64_t{collar.high} + step);
  if (price < collar.low) collar.low = within_prices(std::int64_t{collar.low} - step);
  return collar;
}

}  // namespace okiagari::market

#include "market/uncross.h"

#include <algorithm>
#include <vector>

namespace okiagari::market {

PriceTicks counted_price(Side side, PriceTicks price, const PriceRange& range) {
  if (side == Side::buy) return price < range.low ? 0 : std::min(price, range.high);
  return price > range.high ? 0 : std::max(price, range.low);
}

void count_in(CallCurves& curves, Side side, PriceTicks price, std::uint64_t lots,
              const PriceRange& range) {
  if (price == market_price(side)) return curves.add_market(side, lots);
  const PriceTicks counted = counted_price(side, price, range);
  if (counted != 0) curves.add(side, counted, lots);
}

void count_out(CallCurves& curves, Side side, PriceTicks price, std::uint64_t lots,
               const PriceRange& range) {
  if (price == market_price(side)) return curves.remove_market(side, lots);
  const PriceTicks counted = counted_price(side, price, range);
  if (counted != 0) curves.remove(side, counted, lots);
}

void count_all(const OrderBooks& books, InstrumentId instrument, const PriceRange& range,
               CallCurves& curves) {
  for (const Side side : {Side::buy, Side::sell}) {
    books.for_each_level_while(instrument, side, [&](const Level& level) {
      count_in(curves, side, level.price, level.quantity, range);
      return true;
    });
    books.for_each_iceberg(instrument, side, [&](const Order& order, const Reserve& reserve) {
      if (reserve.hidden > 0) count_in(curves, side, order.price, reserve.hidden, range);
    });
  }
}

std::span<const QuantityLots> AuctionFiller::claims_of(const OrderBooks& books,
                                                       InstrumentId instrument, Side side,
                                                       PriceTicks price, AllocationRule rule,
                                                       std::uint64_t volume) {
  claims_.clear();
  orders_.clear();
  books.for_each_order(instrument, side, [&](const Order& order) {
    if (order.price != price) return false;
    claims_.push_back({order.member, books.open_lots(order)});
    orders_.push_back(&order);
    return true;
  });
  return allocator_.allocate(rule, claims_, volume);
}

Uncrossed uncross(OrderBooks& books, InstrumentId instrument, const UncrossRules& rules,
                  const PriceRange& range) {
  CurvePool pool(2 * kCurveNodesPerPrice * (books.live_orders() + 1));
  CallCurves curves(pool);
  count_all(books, instrument, range, curves);
  Uncrossed result;
  result.price = find_auction_price(rules.price, curves, range);
  if (result.price.price == 0) return result;
  struct Listener {
    std::vector<AuctionFill>& fills;
    void on_fill(const Order& order, QuantityLots lots) { fills.push_back({order.key, lots}); }
    OrderReference on_replenish(const Order& order, QuantityLots /*shown*/) {
      return order.reference;
    }
  } listener{result.fills};
  AuctionFiller filler;
  for (const Side side : {Side::buy, Side::sell}) {
    filler.fill(books, instrument, side, result.price.volume, rules.allocation, listener);
  }
  return result;
}

}  // namespace okiagari::market

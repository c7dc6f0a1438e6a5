// How a call ends: at one price, with one volume, and so much for each order. What belongs here:
// from resting orders to their sums, and from a volume to what every order gets of it. What does
// not: whether the price may stand (auction_limits.h), who is told, and money.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"
#include "market/allocation.h"
#include "market/auction_price.h"
#include "market/call_curves.h"
#include "market/order_books.h"

namespace okiagari::market {

// The part of an instrument's auction rules that decides who gets what at which price.
struct UncrossRules {
  PriceRule price;
  AllocationRule allocation = AllocationRule::fifo;
};

// At which price an order of a call counts, given the day's prices: one that asks for better than
// the day allows counts at the day's end, one that can not trade today counts nowhere (0). Not for
// market orders.
[[nodiscard]] PriceTicks counted_price(Side side, PriceTicks price, const PriceRange& range);

// Adds what rests of one side, or takes it off.
void count_in(CallCurves& curves, Side side, PriceTicks price, std::uint64_t lots,
              const PriceRange& range);
void count_out(CallCurves& curves, Side side, PriceTicks price, std::uint64_t lots,
               const PriceRange& range);
// All orders of the instrument; goes over levels, not orders.
void count_all(const OrderBooks& books, InstrumentId instrument, const PriceRange& range,
               CallCurves& curves);

// Gives one side its part of the volume: level by level from the best, market orders first; the
// level that can not be filled whole is shared out by the rule. Keeps its memory from call to call.
class AuctionFiller {
 public:
  // Calls on_fill(const Order&, QuantityLots) before each order is executed. The side must have
  // that volume.
  template <typename OnFill>
  void fill(OrderBooks& books, InstrumentId instrument, Side side, std::uint64_t volume,
            AllocationRule rule, OnFill&& on_fill) {
    while (volume > 0) {
      Level level{};
      const bool is_there = books.best(instrument, side, level);
      ASSERT(is_there, "{} lots are not in the book", volume);
      if (level.quantity > volume && rule != AllocationRule::fifo) {
        return share_out(books, instrument, side, level, volume, rule, on_fill);
      }
      const Order& first = *books.front(instrument, side);
      const auto lots = static_cast<QuantityLots>(std::min<std::uint64_t>(volume, first.remaining));
      on_fill(first, lots);
      books.execute(first, lots);
      volume -= lots;
    }
  }

 private:
  template <typename OnFill>
  void share_out(OrderBooks& books, InstrumentId instrument, Side side, const Level& level,
                 std::uint64_t volume, AllocationRule rule, OnFill&& on_fill) {
    const std::span<const QuantityLots> given =
        claims_of(books, instrument, side, level.price, rule, volume);
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] == 0) continue;
      on_fill(*orders_[i], given[i]);
      books.execute(*orders_[i], given[i]);
    }
  }
  std::span<const QuantityLots> claims_of(const OrderBooks& books, InstrumentId instrument,
                                          Side side, PriceTicks price, AllocationRule rule,
                                          std::uint64_t volume);

  Allocator allocator_;
  std::vector<Claim> claims_;
  std::vector<const Order*> orders_;
};

struct AuctionFill {
  OrderKey key;
  QuantityLots lots;
};

struct Uncrossed {
  AuctionPrice price;
  std::vector<AuctionFill> fills;  // buys from the best outward, then sells
};

// The whole of it for one instrument of the books: executes what trades, leaves the rest, market
// orders too. Price 0: nothing has changed.
[[nodiscard]] Uncrossed uncross(OrderBooks& books, InstrumentId instrument,
                                const UncrossRules& rules, const PriceRange& range);

}  // namespace okiagari::market

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
// All orders of the instrument; goes over levels and icebergs, not orders.
void count_all(const OrderBooks& books, InstrumentId instrument, const PriceRange& range,
               CallCurves& curves);

// Gives one side its part of the volume: level by level from the best, market orders first; the
// level that can not be filled whole is shared out by the rule. Keeps its memory from call to call.
class AuctionFiller {
 public:
  // Calls listener.on_fill(const Order&, QuantityLots) before each order is executed, and what
  // OrderBooks::execute() calls. The side must have that volume. Of an iceberg all that is open
  // takes part, at the place of its displayed part.
  template <typename Listener>
  void fill(OrderBooks& books, InstrumentId instrument, Side side, std::uint64_t volume,
            AllocationRule rule, Listener& listener) {
    std::uint64_t open_at_level = 0;
    while (volume > 0) {
      const Order* first = books.front(instrument, side);
      ASSERT(first != nullptr, "{} lots are not in the book", volume);
      if (rule != AllocationRule::fifo && open_at_level == 0) {
        open_at_level = books.open_at_best(instrument, side);
        if (open_at_level > volume) {
          return share_out(books, instrument, side, first->price, volume, rule, listener);
        }
      }
      const auto lots =
          static_cast<QuantityLots>(std::min<std::uint64_t>(volume, books.open_lots(*first)));
      listener.on_fill(*first, lots);
      books.execute(*first, lots, listener);
      volume -= lots;
      if (rule != AllocationRule::fifo) open_at_level -= lots;
    }
  }

 private:
  template <typename Listener>
  void share_out(OrderBooks& books, InstrumentId instrument, Side side, PriceTicks price,
                 std::uint64_t volume, AllocationRule rule, Listener& listener) {
    const std::span<const QuantityLots> given =
        claims_of(books, instrument, side, price, rule, volume);
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] == 0) continue;
      listener.on_fill(*orders_[i], given[i]);
      books.execute(*orders_[i], given[i], listener);
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

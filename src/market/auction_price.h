// At which price a call ends. The rules of different markets are values of PriceRule; one closed
// form serves all. What belongs here: the price. What does not: who gets how much at it
// (allocation.h), and what happens when a price lies too far away (the venue).
#pragma once

#include <cstdint>

#include "base/types.h"
#include "market/call_curves.h"

namespace okiagari::market {

struct PriceRule {
  enum class Method : std::uint8_t {
    // Itayose as on Tokyo's cash market: at the price all market orders, all better-priced orders
    // and one side at the price itself trade in full. No such price, no trade. Of several the one
    // nearest the reference. (JPX, "Itayose method"; docs/auctions.md)
    three_conditions,
    // Largest volume, then smallest surplus, then the side in surplus presses the price its way,
    // then the reference. (JPX derivatives, Xetra Market Model, Euronext, ASX; docs/auctions.md)
    largest_volume,
  };
  enum class Candidates : std::uint8_t {
    every_tick,      // from one below the lowest limit to one above the highest
    limits_in_book,  // only prices that somebody has named
    // These and the reference: Euronext's trading manual has orders without a price trade at it.
    limits_and_reference,
  };
  Method method = Method::three_conditions;
  Candidates candidates = Candidates::every_tick;
};

// What an auction price is looked for in, beside the orders.
struct PriceRange {
  PriceTicks reference = 0;  // 0: there is none; then the middle of what is possible, upward
  PriceTicks low = 1;        // of the day, both inclusive; orders outside do not count
  PriceTicks high = kMaxPriceTicks;
};

// What decided between prices; the last that was needed.
enum class DecidedBy : std::uint8_t { conditions, volume, surplus, pressure, reference };

struct AuctionPrice {
  PriceTicks price = 0;      // 0: there is none, and the rest says nothing
  std::uint64_t volume = 0;  // lots that trade
  std::int64_t surplus = 0;  // lots that do not though they could at this price: buys positive
  // Between these the deciding rule chose.
  PriceTicks lowest = 0;
  PriceTicks highest = 0;
  DecidedBy decided_by = DecidedBy::conditions;
};

// All limit orders of the curves lie within the range.
[[nodiscard]] AuctionPrice find_auction_price(const PriceRule& rule, const CallCurves& curves,
                                              const PriceRange& range);

}  // namespace okiagari::market

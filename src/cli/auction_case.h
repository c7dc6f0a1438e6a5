// Cases of call auctions as JSON files have them: orders, what happens to them, and what is
// expected of it. docs/formats/auctions.md describes the shapes. What belongs here: reading. What
// does not: the auction (auction_run.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::cli {

struct CallOrder {
  enum class Kind : std::uint8_t {
    limit,
    market,
    market_to_limit,  // a market order in the call; what is left of it has the call's price
  };
  std::string id;
  std::string member;
  Side side = Side::buy;
  Kind kind = Kind::limit;
  PriceTicks price_ticks = 0;
  QuantityLots lots = 0;
};

// What a file says that an auction must give; what it does not name is not compared.
struct CallExpected {
  std::optional<PriceTicks> price_ticks;  // 0: there must be none
  std::optional<std::pair<PriceTicks, PriceTicks>> price_range;
  std::optional<std::pair<PriceTicks, PriceTicks>> candidates;  // lowest and highest; 0: none
  std::optional<std::uint64_t> volume;
  std::optional<std::int64_t> surplus;
  std::optional<std::uint64_t> buy_left;  // of those that the price would have filled
  std::optional<std::uint64_t> sell_left;
  std::map<std::string, QuantityLots> fills;
};

struct CallTrade {
  std::string buyer;
  std::string seller;
  PriceTicks price_ticks = 0;
  QuantityLots lots = 0;
  bool operator==(const CallTrade&) const = default;
};

// A resting order, as a table of the book shows it.
struct CallRow {
  Side side = Side::buy;
  std::string member;
  QuantityLots lots = 0;
  std::string price;  // decimal, "MO" or "MTL"
  bool operator==(const CallRow&) const = default;
};

struct CallStep {
  enum class Kind : std::uint8_t {
    orders,      // come in
    indicative,  // the price if the call ended now
    uncross,     // the call ends
    trades,      // what the end of the call made
    book,        // what rests
  };
  Kind kind = Kind::orders;
  std::vector<CallOrder> orders;
  CallExpected expected;  // of indicative and uncross
  std::vector<CallTrade> trades;
  std::vector<CallRow> book;  // buys from the best, then sells
};

// How many lots each member gets of too few.
struct ShareCase {
  std::vector<std::pair<std::string, QuantityLots>> wanted;
  std::uint64_t available = 0;
  std::map<std::string, QuantityLots> expected;
};

struct AuctionCase {
  std::string id;
  std::string rules;    // the name of a rule set; empty: the file names none
  std::string skipped;  // why it is no auction; empty: it is one
  // A tick in units of the last decimal of the case's prices.
  std::uint32_t decimals = 0;
  std::uint64_t tick_units = 1;
  PriceTicks reference_ticks = 0;  // 0: none
  PriceTicks low_ticks = 1;
  PriceTicks high_ticks = kMaxPriceTicks;
  // At the end of a call, market-to-limit orders that traded nothing get its price as well.
  bool is_continuous_next = false;
  std::vector<CallStep> steps;
  std::optional<ShareCase> share;
};

// Errors name the case and the field.
[[nodiscard]] base::Result<std::vector<AuctionCase>> parse_auction_cases(std::string_view text);

}  // namespace okiagari::cli

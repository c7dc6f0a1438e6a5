// How an instrument's calls are run, and how far the one that is open has come. The rules of a
// market are values here, read from a file (config/rules), so that markets differ by data.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "market/auction_limits.h"
#include "market/uncross.h"
#include "venue/command.h"

namespace okiagari::venue {

struct AuctionRules {
  market::UncrossRules uncross;
  bool takes_market_orders = false;
  market::Width collar;
  market::Width collar_step;        // of the same unit
  std::uint8_t extensions_max = 0;  // 0: any number
  PriceTicks base_price = 0;        // the reference before the first trade; 0: none
  std::uint32_t call_s = 0;         // for whoever keeps the calendar
  // After so long a call that was extended is tried again; 0: when somebody says so.
  std::uint32_t extension_s = 0;
  // A planned end comes within so long after its phase.
  std::uint32_t random_end_s = 0;
};

// When a call ends without anybody's word, and what comes then (venue/call_ends.h).
struct CallEnd {
  TimestampNs at_ns = 0;  // 0: when somebody says so
  InstrumentState then = InstrumentState::halted;
  std::uint32_t reason = 0;  // that the feed names with the state

  [[nodiscard]] bool is_planned() const { return at_ns != 0; }
};

struct Auction {
  // The log has set them. Until it does, the instrument has no calls: in the state of one it takes
  // no orders and nothing is uncrossed. Logs from before there were calls are replayed so.
  bool has_rules = false;
  AuctionRules rules;
  // Of the call that is open, or was last.
  market::Collar collar;
  std::uint8_t extensions = 0;
  CallEnd end;

  // After so many extensions a person decides, and the collar is not looked at.
  [[nodiscard]] bool is_collar_off() const {
    return rules.extensions_max != 0 && extensions >= rules.extensions_max;
  }
};

// Whether every field is one that there is.
[[nodiscard]] inline bool are_auction_rules(const SetAuctionRules& command) {
  return command.price_method <= 1 && command.candidates <= 2 && command.allocation <= 1 &&
         command.takes_market_orders <= 1 && command.collar_unit <= 2 && command.base_price >= 0 &&
         command.collar <= kMaxPriceTicks && command.collar_step <= kMaxPriceTicks;
}

// Of fields that there are.
[[nodiscard]] inline AuctionRules auction_rules(const SetAuctionRules& command) {
  const auto unit = static_cast<market::WidthUnit>(command.collar_unit);
  return {
      .uncross = {.price = {static_cast<market::PriceRule::Method>(command.price_method),
                            static_cast<market::PriceRule::Candidates>(command.candidates)},
                  .allocation = static_cast<market::AllocationRule>(command.allocation)},
      .takes_market_orders = command.takes_market_orders != 0,
      .collar = {unit, command.collar},
      .collar_step = {unit, command.collar_step},
      .extensions_max = command.extensions_max,
      .base_price = command.base_price,
      .call_s = command.call_s,
      .extension_s = command.extension_s,
      .random_end_s = command.random_end_s,
  };
}

}  // namespace okiagari::venue

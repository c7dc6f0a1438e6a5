// What is traded: the terms of each instrument, its state and its last trade.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "base/assert.h"
#include "base/types.h"
#include "venue/auction_rules.h"
#include "venue/command.h"

namespace okiagari::venue {

struct Instrument {
  static constexpr PriceTicks kNoStop = 0x7FFFFFFF;  // no trade has that price

  std::array<char, 8> symbol{};
  std::uint32_t tick_e4 = 0;
  InstrumentState state = InstrumentState::closed;
  // A call has begun and not been uncrossed: orders may rest that could trade with each other, and
  // market orders among them. A halt in between does not end it.
  bool is_called = false;
  // Stopped by an act or by the venue itself, so that the day's plan does not start it. Known from
  // the market's first plan on.
  bool is_held = false;
  std::uint16_t segment = 0;  // 0: none
  PriceTicks low_limit = 1;
  PriceTicks high_limit = 1;
  std::int64_t money_per_tick_lot = 0;
  // Of the last trade, 0 before the first.
  PriceTicks last_price = 0;
  // A trade at these prices, or beyond, is for stops.h to know of: a stop goes, or its trigger
  // follows. Derived from what waits there.
  PriceTicks buys_go_from = kNoStop;
  PriceTicks sells_go_from = 0;
  MatchNumber last_match = 0;
  std::uint64_t traded_lots = 0;

  // At most 2e9 * 1e9 * 2^63, about 1.8e37: fits.
  [[nodiscard]] Money money(PriceTicks price, std::uint64_t lots) const {
    return static_cast<Money>(static_cast<std::uint64_t>(price) * lots) * money_per_tick_lot;
  }
  // Fits because high_limit * tick_e4 does.
  [[nodiscard]] std::uint32_t price_e4(PriceTicks price) const {
    return static_cast<std::uint32_t>(price) * tick_e4;
  }
  // Of an order that rests. The feed has market orders of a call at the prices that put them first,
  // as the books do.
  [[nodiscard]] std::uint32_t resting_price_e4(Side side, PriceTicks price) const {
    return price == market::market_price(side) ? static_cast<std::uint32_t>(price)
                                               : price_e4(price);
  }
  // What a buy order holds back for a lot; a market order may have to pay the day's highest.
  [[nodiscard]] PriceTicks paid_at_most(PriceTicks price) const {
    return price == market::market_price(Side::buy) ? high_limit : price;
  }
  // That a day's limits allow to be asked of a market order.
  [[nodiscard]] PriceTicks worst_price(Side side) const {
    return side == Side::buy ? high_limit : low_limit;
  }
  [[nodiscard]] bool takes_cancels() const {
    return state != InstrumentState::halted && state != InstrumentState::uncross;
  }
};

// Whether all prices between the two can be entered and published.
[[nodiscard]] inline bool are_price_limits(PriceTicks low, PriceTicks high, std::uint32_t tick_e4) {
  return tick_e4 > 0 && 1 <= low && low <= high && high <= kMaxPriceTicks &&
         static_cast<std::uint64_t>(high) * tick_e4 <= UINT32_MAX;
}

class Instruments {
 public:
  Instruments() : instruments_(1), auctions_(1) {}

  // Dense; the new one has the next number. Its symbol must be nobody else's: see find().
  void add(const Instrument& instrument) {
    instruments_.push_back(instrument);
    auctions_.emplace_back();
    const bool is_new =
        by_symbol_.emplace(instrument.symbol, static_cast<InstrumentId>(count())).second;
    ASSERT(is_new, "instrument {} has the symbol of another one", count());
  }
  // Whose symbol it is, 0 when nobody's. Two instruments of one symbol could not be told apart by
  // members and listeners, who know symbols only.
  [[nodiscard]] InstrumentId find(const std::array<char, 8>& symbol) const {
    const auto found = by_symbol_.find(symbol);
    return found == by_symbol_.end() ? InstrumentId{0} : found->second;
  }

  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(instruments_.size() - 1);
  }
  // Whether any instrument belongs to it.
  [[nodiscard]] bool has_segment(std::uint16_t segment) const {
    return segment != 0 &&
           std::any_of(instruments_.begin() + 1, instruments_.end(),
                       [segment](const Instrument& one) { return one.segment == segment; });
  }
  [[nodiscard]] bool exists(InstrumentId id) const { return id != 0 && id < instruments_.size(); }
  // Only instruments that exist.
  [[nodiscard]] Instrument& operator[](InstrumentId id) { return instruments_[id]; }
  [[nodiscard]] const Instrument& operator[](InstrumentId id) const { return instruments_[id]; }
  // Apart from the rest: continuous trading does without.
  [[nodiscard]] Auction& auction(InstrumentId id) { return auctions_[id]; }
  [[nodiscard]] const Auction& auction(InstrumentId id) const { return auctions_[id]; }

 private:
  std::vector<Instrument> instruments_;
  std::vector<Auction> auctions_;
  std::map<std::array<char, 8>, InstrumentId> by_symbol_;  // derived; a snapshot does not have it
};

}  // namespace okiagari::venue

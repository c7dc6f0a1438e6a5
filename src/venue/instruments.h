// What is traded: the terms of each instrument, its state and its last trade.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "base/assert.h"
#include "base/types.h"
#include "venue/command.h"

namespace okiagari::venue {

struct Instrument {
  std::array<char, 8> symbol{};
  std::uint32_t tick_e4 = 0;
  InstrumentState state = InstrumentState::closed;
  PriceTicks low_limit = 1;
  PriceTicks high_limit = 1;
  std::int64_t money_per_tick_lot = 0;
  // Of the last trade, 0 before the first.
  PriceTicks last_price = 0;
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
  Instruments() : instruments_(1) {}

  // Dense; the new one has the next number. Its symbol must be nobody else's: see find().
  void add(const Instrument& instrument) {
    instruments_.push_back(instrument);
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
  [[nodiscard]] bool exists(InstrumentId id) const { return id != 0 && id < instruments_.size(); }
  // Only instruments that exist.
  [[nodiscard]] Instrument& operator[](InstrumentId id) { return instruments_[id]; }
  [[nodiscard]] const Instrument& operator[](InstrumentId id) const { return instruments_[id]; }

 private:
  std::vector<Instrument> instruments_;
  std::map<std::array<char, 8>, InstrumentId> by_symbol_;  // derived; a snapshot does not have it
};

}  // namespace okiagari::venue

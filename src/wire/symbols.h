// The instruments' symbols both ways and their segments, as the venue's reference events tell them.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/types.h"
#include "venue/event.h"
#include "wire/big_endian.h"

namespace okiagari::wire {

class Symbols {
 public:
  using Symbol = Alpha<8>;

  void add(InstrumentId instrument, const Symbol& symbol) {
    if (instrument >= by_instrument_.size()) by_instrument_.resize(instrument + 1u, alpha<8>(""));
    by_instrument_[instrument] = symbol;
    by_symbol_[key(symbol)] = instrument;
  }

  void set_segment(InstrumentId instrument, std::uint16_t segment) {
    if (instrument >= segments_.size()) segments_.resize(instrument + 1u, 0);
    segments_[instrument] = segment;
  }
  // 0: none.
  [[nodiscard]] std::uint16_t segment_of(InstrumentId instrument) const {
    return instrument < segments_.size() ? segments_[instrument] : std::uint16_t{0};
  }

  // 0 when there is no such instrument.
  [[nodiscard]] InstrumentId find(const Symbol& symbol) const {
    const auto found = by_symbol_.find(key(symbol));
    return found == by_symbol_.end() ? InstrumentId{0} : found->second;
  }

  // Blank when it is not known.
  [[nodiscard]] Symbol of(InstrumentId instrument) const {
    return instrument < by_instrument_.size() ? by_instrument_[instrument] : alpha<8>("");
  }

  [[nodiscard]] bool empty() const { return by_symbol_.empty(); }

 private:
  static std::uint64_t key(const Symbol& symbol) {
    std::uint64_t key;
    std::memcpy(&key, symbol.data(), sizeof key);
    return key;
  }

  std::vector<Symbol> by_instrument_;
  std::vector<std::uint16_t> segments_;
  absl::flat_hash_map<std::uint64_t, InstrumentId> by_symbol_;
};

}  // namespace okiagari::wire

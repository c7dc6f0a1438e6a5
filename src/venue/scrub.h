// Recomputes a hash over a slice of the whole state, so that memory which went wrong without any
// command touching it is found by comparing replicas. Slices go by the number of the instrument,
// member, account (with its positions) or session; the counters belong to all of them. Orders and
// stops are in the slices of their instruments or, so that no checkpoint holds the market up
// however many one instrument has, each slice takes the next ones of a walk that goes on from slice
// to slice.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/state.h"

namespace okiagari::venue {

class Scrub {
 public:
  // So many checkpoints make the full circle.
  static constexpr std::uint32_t kSlices = 64;

  // With the next `orders_max` orders, and as many stops, of the walks, which go on; 0: with those
  // of the slice's instruments.
  [[nodiscard]] std::uint64_t hash_slice(VenueState& state, std::uint32_t slice,
                                         std::uint32_t orders_max);

 private:
  template <typename Record>
  void add(const Record& record);
  void fold();
  void add_instruments(const VenueState& state, std::uint32_t slice, bool with_orders);
  void add_orders(const VenueState& state, InstrumentId instrument);
  void add_next_orders(VenueState& state, std::uint32_t orders_max);
  void add_order(const VenueState& state, const market::Order& order);
  void add_stop(const market::Stop& stop);
  void add_reach(const VenueState& state, InstrumentId instrument);
  void add_auction(const VenueState& state, InstrumentId instrument);
  void add_positions(const Ledger& ledger, std::uint32_t slice);
  void add_owners(const VenueState& state, std::uint32_t slice);
  void add_control(const VenueState& state);

  base::ByteWriter records_;  // not hashed yet
  std::uint64_t hash_ = 0;
};

}  // namespace okiagari::venue

// Recomputes a hash over a slice of the whole state, so that memory which went wrong without any
// command touching it is found by comparing replicas. Slices go by the number of the instrument
// (with its orders), member, account (with its positions) or session; the counters belong to all of
// them.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/state.h"

namespace okiagari::venue {

class Scrub {
 public:
  // So many checkpoints make the full circle.
  static constexpr std::uint32_t kSlices = 64;

  [[nodiscard]] std::uint64_t hash_slice(const VenueState& state, std::uint32_t slice);

 private:
  template <typename Record>
  void add(const Record& record);
  void fold();
  void add_instruments(const VenueState& state, std::uint32_t slice);
  void add_positions(const Ledger& ledger, std::uint32_t slice);
  void add_owners(const VenueState& state, std::uint32_t slice);
  void add_control(const VenueState& state);

  base::ByteWriter records_;  // not hashed yet
  std::uint64_t hash_ = 0;
};

}  // namespace okiagari::venue

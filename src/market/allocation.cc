#include "market/allocation.h"

#include <algorithm>

namespace okiagari::market {

std::span<const QuantityLots> Allocator::allocate(AllocationRule rule,
                                                  std::span<const Claim> claims,
                                                  std::uint64_t available) {
  given_.clear();
  if (rule == AllocationRule::fifo) {
    for (const Claim& claim : claims) {
      const auto lots = static_cast<QuantityLots>(std::min<std::uint64_t>(claim.wanted, available));
      given_.push_back(lots);
      available -= lots;
    }
    return given_;
  }
  sum_by_member(claims);
  take_turns(available);
  for (const Share& share : shares_) place_[share.member] = 0;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    place_[shares_[i].member] = static_cast<std::uint32_t>(i + 1);
  }
  for (const Claim& claim : claims) {
    std::uint64_t& left = shares_[place_[claim.member] - 1].given;
    const auto lots = static_cast<QuantityLots>(std::min<std::uint64_t>(claim.wanted, left));
    given_.push_back(lots);
    left -= lots;
  }
  for (const Share& share : shares_) place_[share.member] = 0;
  return given_;
}

void Allocator::sum_by_member(std::span<const Claim> claims) {
  shares_.clear();
  for (const Claim& claim : claims) {
    if (claim.member >= place_.size()) place_.resize(std::size_t{claim.member} + 1);
    std::uint32_t& place = place_[claim.member];
    if (place == 0) {
      shares_.push_back({claim.member, 0, 0});
      place = static_cast<std::uint32_t>(shares_.size());
    }
    shares_[place - 1].wanted += claim.wanted;
  }
  std::stable_sort(shares_.begin(), shares_.end(),
                   [](const Share& a, const Share& b) { return a.wanted > b.wanted; });
}

// One lot each in turn, done at once: from the smallest up, whoever wants no more than an equal
// part of what is left gets it all; the others get equal parts, and the lots that do not divide go
// to the first of them.
void Allocator::take_turns(std::uint64_t available) {
  for (std::size_t unserved = shares_.size(); unserved > 0; --unserved) {
    Share& smallest = shares_[unserved - 1];
    if (smallest.wanted > available / unserved) {
      const std::uint64_t part = available / unserved;
      const std::uint64_t rest = available % unserved;
      for (std::size_t i = 0; i < unserved; ++i) shares_[i].given = part + (i < rest ? 1 : 0);
      return;
    }
    smallest.given = smallest.wanted;
    available -= smallest.wanted;
  }
}

}  // namespace okiagari::market

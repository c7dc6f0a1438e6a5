// Who gets how much of what is not enough for all: the side in surplus at the price of an auction.
// Better-priced and market orders are not here; they are filled first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"

namespace okiagari::market {

enum class AllocationRule : std::uint8_t {
  // By time of entry.
  fifo,
  // Tokyo's simultaneous orders: members by the sum of what they want, largest first, get one lot
  // each in turn until nothing is left; inside a member by time. Of members with the same sum the
  // one whose first order is earlier is first. (JPX; docs/auctions.md)
  members_in_turn,
};

// An order at the price, in order of entry.
struct Claim {
  MemberId member;
  QuantityLots wanted;
};

// Keeps its memory from call to call.
class Allocator {
 public:
  // What each claim gets, in the order of the claims; at most `available` in all. Valid until the
  // next call.
  [[nodiscard]] std::span<const QuantityLots> allocate(AllocationRule rule,
                                                       std::span<const Claim> claims,
                                                       std::uint64_t available);

 private:
  struct Share {
    MemberId member;
    std::uint64_t wanted;
    std::uint64_t given;
  };
  void sum_by_member(std::span<const Claim> claims);
  void take_turns(std::uint64_t available);

  std::vector<QuantityLots> given_;
  std::vector<Share> shares_;         // largest first
  std::vector<std::uint32_t> place_;  // by member: in shares_, plus one; 0: none
};

}  // namespace okiagari::market

// Goal: what is too little goes to whom the rule names, and is all given. Method: random claims
// against the rule played lot by lot.
#include "market/allocation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

namespace okiagari::market {
namespace {

std::vector<QuantityLots> lot_by_lot(const std::vector<Claim>& claims, std::uint64_t available) {
  std::vector<MemberId> members;
  std::map<MemberId, std::uint64_t> wanted;
  for (const Claim& claim : claims) {
    if (!wanted.contains(claim.member)) members.push_back(claim.member);
    wanted[claim.member] += claim.wanted;
  }
  std::stable_sort(members.begin(), members.end(),
                   [&](MemberId a, MemberId b) { return wanted[a] > wanted[b]; });
  std::vector<QuantityLots> given(claims.size());
  for (bool is_given = true; is_given && available > 0;) {
    is_given = false;
    for (const MemberId member : members) {
      for (std::size_t i = 0; i < claims.size() && available > 0; ++i) {
        if (claims[i].member != member || given[i] == claims[i].wanted) continue;
        ++given[i];
        --available;
        is_given = true;
        break;
      }
    }
  }
  return given;
}

TEST(AllocationTest, MembersTakeTurnsLotByLotWhateverTheirOrdersAre) {
  std::mt19937_64 random(42);
  Allocator allocator;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Claim> claims(random() % 9);
    for (Claim& claim : claims) {
      claim = {static_cast<MemberId>(1 + random() % 5),
               static_cast<QuantityLots>(1 + random() % 12)};
    }
    const std::uint64_t available = random() % 50;
    const auto given = allocator.allocate(AllocationRule::members_in_turn, claims, available);
    ASSERT_EQ(std::vector<QuantityLots>(given.begin(), given.end()), lot_by_lot(claims, available))
        << "round " << round;
  }
}

TEST(AllocationTest, ByTimeTheFirstIsFilledFirst) {
  Allocator allocator;
  const std::vector<Claim> claims = {{2, 4}, {1, 3}, {2, 5}};
  const auto given = allocator.allocate(AllocationRule::fifo, claims, 6);
  EXPECT_EQ(std::vector<QuantityLots>(given.begin(), given.end()),
            (std::vector<QuantityLots>{4, 2, 0}));
}

TEST(AllocationTest, AQuantityOfABillionLotsIsSharedAtOnce) {
  Allocator allocator;
  const std::vector<Claim> claims = {{1, 1'000'000'000}, {2, 999'999'999}, {3, 7}};
  const auto given = allocator.allocate(AllocationRule::members_in_turn, claims, 1'000'000'008);
  EXPECT_EQ(std::vector<QuantityLots>(given.begin(), given.end()),
            (std::vector<QuantityLots>{500'000'001, 500'000'000, 7}));
}

}  // namespace
}  // namespace okiagari::market

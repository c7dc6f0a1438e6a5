// Who gets what in an auction, once more and lot by lot. What AuctionFiller is compared with, and
// what the naive venue uncrosses by; shares nothing with it but types. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "market/naive_auction.h"
#include "market/order.h"
#include "market/uncross.h"

namespace okiagari::market {

struct NaiveClaim {
  OrderKey key;
  MemberId member;
  Side side;
  PriceTicks price;  // 0: at any price
  std::int64_t quantity;
};

// In order of entry. At which price they count is read from the range.
inline NaiveAuction::Outcome naive_price(const std::vector<NaiveClaim>& orders,
                                         const UncrossRules& rules, const PriceRange& range) {
  std::vector<NaiveCallOrder> counted;
  for (const NaiveClaim& order : orders) {
    PriceTicks price = order.price;
    const bool is_buy = order.side == Side::buy;
    if (price != 0 && (is_buy ? price < range.low : price > range.high)) continue;
    if (price != 0) price = std::min(std::max(price, range.low), range.high);
    counted.push_back({order.side, price, order.quantity});
  }
  const NaiveAuction auction(counted, range);
  return rules.price.method == PriceRule::Method::three_conditions
             ? auction.by_three_conditions()
             : auction.by_largest_volume(rules.price.candidates);
}

// One lot to each member in turn, the one that wants most first; inside a member by time.
inline void give_in_turn(std::vector<NaiveClaim> level, std::int64_t volume,
                         std::map<OrderKey, std::int64_t>& given) {
  std::vector<MemberId> members;
  std::map<MemberId, std::int64_t> wanted;
  for (const NaiveClaim& order : level) {
    if (!wanted.contains(order.member)) members.push_back(order.member);
    wanted[order.member] += order.quantity;
  }
  std::stable_sort(members.begin(), members.end(),
                   [&](MemberId a, MemberId b) { return wanted[a] > wanted[b]; });
  while (volume > 0) {
    for (const MemberId member : members) {
      const auto open = std::find_if(level.begin(), level.end(), [&](const NaiveClaim& order) {
        return order.member == member && order.quantity > 0;
      });
      if (open == level.end() || volume == 0) continue;
      --open->quantity;
      --volume;
      ++given[open->key];
    }
  }
}

// What each order of one side gets, by key; those that get nothing are not in it.
inline std::map<OrderKey, std::int64_t> naive_fills(const std::vector<NaiveClaim>& orders,
                                                    Side side, std::int64_t volume,
                                                    AllocationRule rule) {
  std::map<std::int64_t, std::vector<NaiveClaim>> levels;  // best first
  for (const NaiveClaim& order : orders) {
    if (order.side != side) continue;
    const std::int64_t rank = side == Side::sell ? order.price
                              : order.price == 0 ? INT64_MIN
                                                 : -std::int64_t{order.price};
    levels[rank].push_back(order);
  }
  std::map<OrderKey, std::int64_t> given;
  for (const auto& [rank, level] : levels) {
    std::int64_t sum = 0;
    for (const NaiveClaim& order : level) sum += order.quantity;
    if (sum > volume && rule == AllocationRule::members_in_turn) {
      give_in_turn(level, volume, given);
      break;
    }
    for (const NaiveClaim& order : level) {
      const std::int64_t lots = std::min(order.quantity, volume);
      if (lots > 0) given[order.key] = lots;
      volume -= lots;
    }
  }
  return given;
}

}  // namespace okiagari::market

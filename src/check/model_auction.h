// Call auctions as their rules read, by docs/auctions.md alone: every price that can matter is
// tried, lots are given in turn. What the checker believes a call must end with.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "check/model_book.h"

namespace okiagari::check {

struct ModelAuctionRules {
  bool is_largest_volume = false;  // else three conditions
  bool only_named_prices = false;
  bool and_the_reference = false;  // beside the named prices
  bool members_in_turn = false;
  bool takes_market_orders = false;
  std::uint8_t collar_unit = 0;  // 1 ticks, 2 ten thousandths of the reference
  std::uint8_t extensions_max = 0;
  std::int32_t base_price = 0;
  std::uint32_t collar = 0;
  std::uint32_t collar_step = 0;
  std::uint32_t extension_s = 0;
  std::uint32_t random_end_s = 0;
};

struct ModelAuctionPrice {
  std::int32_t price = 0;  // 0: none
  std::int64_t volume = 0;
  std::int64_t surplus = 0;
  bool operator==(const ModelAuctionPrice&) const = default;
};

struct ModelPriceRange {
  std::int32_t reference = 0;  // 0: none
  std::int32_t low = 1;
  std::int32_t high = 1;
};

class ModelAuction {
 public:
  // Orders of one instrument, oldest first.
  ModelAuction(std::vector<ModelOrder> orders, const ModelPriceRange& range);

  [[nodiscard]] ModelAuctionPrice price(const ModelAuctionRules& rules) const;

  struct Fill {
    ModelOrder order;
    std::uint32_t lots;
  };
  // Of one side, from its best order outward.
  [[nodiscard]] std::vector<Fill> fills(std::uint8_t side, std::int64_t volume,
                                        bool members_in_turn) const;

  [[nodiscard]] bool has_market_orders() const { return market_[0] + market_[1] > 0; }
  // Whether limit orders could trade with each other.
  [[nodiscard]] bool is_crossed() const;

 private:
  [[nodiscard]] std::int64_t demand(std::int32_t price) const;
  [[nodiscard]] std::int64_t supply(std::int32_t price) const;
  [[nodiscard]] std::int64_t surplus(std::int32_t price) const {
    return demand(price) - supply(price);
  }
  [[nodiscard]] std::int64_t volume(std::int32_t price) const;
  [[nodiscard]] std::vector<std::int32_t> prices_that_matter(std::int32_t low,
                                                             std::int32_t high) const;
  [[nodiscard]] bool meets_three_conditions(std::int32_t price) const;
  [[nodiscard]] ModelAuctionPrice by_three_conditions() const;
  [[nodiscard]] ModelAuctionPrice by_largest_volume(const ModelAuctionRules& rules) const;
  [[nodiscard]] ModelAuctionPrice at(std::int32_t price) const;
  [[nodiscard]] std::int32_t nearest(std::int32_t low, std::int32_t high) const;

  std::vector<ModelOrder> orders_;
  ModelPriceRange range_;
  std::int64_t market_[2] = {0, 0};
  // Sums at the prices at which limit orders count, by side.
  std::map<std::int32_t, std::int64_t> limits_[2];
  // Buys at this price and above, sells at this price and below.
  std::map<std::int32_t, std::int64_t> sums_[2];
};

}  // namespace okiagari::check

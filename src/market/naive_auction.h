// The rules of call auctions once more, as their texts read: every price is tried. What the closed
// form is compared with; shares nothing with it but types. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <vector>

#include "market/auction_price.h"

namespace okiagari::market {

struct NaiveCallOrder {
  Side side;
  PriceTicks price;  // 0: at any price
  std::int64_t quantity;
};

class NaiveAuction {
 public:
  NaiveAuction(std::vector<NaiveCallOrder> orders, PriceRange range)
      : orders_(std::move(orders)), range_(range) {}

  // Price 0: none. `volume` and `surplus` as in AuctionPrice.
  struct Outcome {
    PriceTicks price = 0;
    std::int64_t volume = 0;
    std::int64_t surplus = 0;
    bool operator==(const Outcome&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
      return out << outcome.price << " for " << outcome.volume << ", surplus " << outcome.surplus;
    }
  };

  [[nodiscard]] Outcome by_three_conditions() const {
    std::vector<PriceTicks> good;
    for (PriceTicks p = range_.low; p <= range_.high; ++p) {
      const std::int64_t buys_better =
          sum(Side::buy, [p](PriceTicks q) { return q == 0 || q > p; });
      const std::int64_t sells_better =
          sum(Side::sell, [p](PriceTicks q) { return q == 0 || q < p; });
      const std::int64_t buys_at = sum(Side::buy, [p](PriceTicks q) { return q == p; });
      const std::int64_t sells_at = sum(Side::sell, [p](PriceTicks q) { return q == p; });
      const std::int64_t traded = std::min(buys_better + buys_at, sells_better + sells_at);
      const bool first_and_second = buys_better <= traded && sells_better <= traded;
      const bool third = traded == buys_better + buys_at || traded == sells_better + sells_at;
      if (first_and_second && third) good.push_back(p);
    }
    return nearest_of(good);
  }

  [[nodiscard]] Outcome by_largest_volume(PriceRule::Candidates candidates) const {
    const bool is_by_limits = candidates != PriceRule::Candidates::every_tick;
    std::vector<PriceTicks> prices = named_prices();
    if (prices.empty()) return at(range_.reference);
    if (candidates == PriceRule::Candidates::limits_and_reference && range_.reference != 0) {
      prices.push_back(range_.reference);
      std::sort(prices.begin(), prices.end());
    }
    if (!is_by_limits) {
      const PriceTicks from = std::max(range_.low, prices.front() - 1);
      const PriceTicks to = std::min(range_.high, prices.back() + 1);
      prices.clear();
      for (PriceTicks p = from; p <= to; ++p) prices.push_back(p);
    }
    keep_least(prices, [this](PriceTicks p) { return -volume(p); });
    if (volume(prices.front()) == 0) return {};
    keep_least(prices, [this](PriceTicks p) { return std::abs(surplus(p)); });
    const auto is_sell = [this](PriceTicks p) { return surplus(p) < 0; };
    const auto is_buy = [this](PriceTicks p) { return surplus(p) > 0; };
    if (std::all_of(prices.begin(), prices.end(), is_sell)) return at(prices.front());
    if (std::all_of(prices.begin(), prices.end(), is_buy)) return at(prices.back());
    PriceTicks low = prices.front();
    PriceTicks high = prices.back();
    if (std::any_of(prices.begin(), prices.end(), is_buy)) {
      low = *std::find_if(prices.rbegin(), prices.rend(), is_buy);
      high = *std::find_if(prices.begin(), prices.end(), is_sell);
    }
    const bool is_free = range_.reference == 0;
    const bool is_candidate =
        std::find(prices.begin(), prices.end(), range_.reference) != prices.end();
    if (is_candidate && low <= range_.reference && range_.reference <= high) {
      return at(range_.reference);
    }
    if (!is_by_limits) {
      return at(is_free ? low + (high - low + 1) / 2 : std::clamp(range_.reference, low, high));
    }
    const bool is_high =
        is_free || std::abs(high - range_.reference) <= std::abs(low - range_.reference);
    return at(is_high ? high : low);
  }

 private:
  template <typename Takes>
  [[nodiscard]] std::int64_t sum(Side side, Takes takes) const {
    std::int64_t total = 0;
    for (const NaiveCallOrder& order : orders_) {
      if (order.side == side && takes(order.price)) total += order.quantity;
    }
    return total;
  }
  [[nodiscard]] std::int64_t demand(PriceTicks p) const {
    return sum(Side::buy, [p](PriceTicks q) { return q == 0 || q >= p; });
  }
  [[nodiscard]] std::int64_t supply(PriceTicks p) const {
    return sum(Side::sell, [p](PriceTicks q) { return q == 0 || q <= p; });
  }
  [[nodiscard]] std::int64_t volume(PriceTicks p) const { return std::min(demand(p), supply(p)); }
  [[nodiscard]] std::int64_t surplus(PriceTicks p) const { return demand(p) - supply(p); }
  [[nodiscard]] std::vector<PriceTicks> named_prices() const {
    std::vector<PriceTicks> prices;
    for (const NaiveCallOrder& order : orders_) {
      if (order.price != 0) prices.push_back(order.price);
    }
    std::sort(prices.begin(), prices.end());
    prices.erase(std::unique(prices.begin(), prices.end()), prices.end());
    return prices;
  }
  template <typename Cost>
  static void keep_least(std::vector<PriceTicks>& prices, Cost cost) {
    std::int64_t least = cost(prices.front());
    for (const PriceTicks p : prices) least = std::min<std::int64_t>(least, cost(p));
    std::erase_if(prices, [&](PriceTicks p) { return cost(p) != least; });
  }
  [[nodiscard]] Outcome at(PriceTicks p) const {
    return p == 0 || volume(p) == 0 ? Outcome{} : Outcome{p, volume(p), surplus(p)};
  }
  [[nodiscard]] Outcome nearest_of(const std::vector<PriceTicks>& good) const {
    if (good.empty()) return {};
    if (range_.reference == 0) {
      return at(good.front() + (good.back() - good.front() + 1) / 2);
    }
    PriceTicks best = good.front();
    for (const PriceTicks p : good) {
      if (std::abs(p - range_.reference) < std::abs(best - range_.reference)) best = p;
    }
    return at(best);
  }

  std::vector<NaiveCallOrder> orders_;
  PriceRange range_;
};

}  // namespace okiagari::market

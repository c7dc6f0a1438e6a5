#include "check/model_auction.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace okiagari::check {

ModelAuction::ModelAuction(std::vector<ModelOrder> orders, const ModelPriceRange& range)
    : orders_(std::move(orders)), range_(range) {
  for (const ModelOrder& order : orders_) {
    if (order.is_market) {
      market_[order.side] += order.open;
      continue;
    }
    const bool never =
        order.side == 0 ? order.price_ticks < range_.low : order.price_ticks > range_.high;
    if (never) continue;
    limits_[order.side][std::clamp(order.price_ticks, range_.low, range_.high)] += order.open;
  }
  std::int64_t sum = 0;
  for (auto level = limits_[0].rbegin(); level != limits_[0].rend(); ++level) {
    sums_[0][level->first] = sum += level->second;
  }
  sum = 0;
  for (const auto& [price, lots] : limits_[1]) sums_[1][price] = sum += lots;
}

std::int64_t ModelAuction::demand(std::int32_t price) const {
  const auto from = sums_[0].lower_bound(price);
  return market_[0] + (from == sums_[0].end() ? 0 : from->second);
}

std::int64_t ModelAuction::supply(std::int32_t price) const {
  const auto behind = sums_[1].upper_bound(price);
  return market_[1] + (behind == sums_[1].begin() ? 0 : std::prev(behind)->second);
}

std::int64_t ModelAuction::volume(std::int32_t price) const {
  return std::min(demand(price), supply(price));
}

ModelAuctionPrice ModelAuction::at(std::int32_t price) const {
  if (price == 0 || volume(price) == 0) return {};
  return {price, volume(price), surplus(price)};
}

// Between two prices at which somebody stands nothing changes, so one beside each of them and the
// reference are enough.
std::vector<std::int32_t> ModelAuction::prices_that_matter(std::int32_t low,
                                                           std::int32_t high) const {
  std::set<std::int32_t> prices{low, high, std::clamp(range_.reference, low, high)};
  for (const auto& side : limits_) {
    for (const auto& [price, lots] : side) prices.insert({price - 1, price, price + 1});
  }
  return {prices.lower_bound(low), prices.upper_bound(high)};
}

std::int32_t ModelAuction::nearest(std::int32_t low, std::int32_t high) const {
  if (range_.reference == 0) return low + (high - low + 1) / 2;
  return std::clamp(range_.reference, low, high);
}

bool ModelAuction::meets_three_conditions(std::int32_t price) const {
  const std::int64_t traded = volume(price);
  const std::int64_t buys_better = demand(price + 1);
  const std::int64_t sells_better = supply(price - 1);
  return buys_better <= traded && sells_better <= traded;
}

ModelAuctionPrice ModelAuction::by_three_conditions() const {
  std::int32_t low = 0;
  std::int32_t high = 0;
  for (const std::int32_t price : prices_that_matter(range_.low, range_.high)) {
    if (!meets_three_conditions(price)) continue;
    if (low == 0) low = price;
    high = price;
  }
  return low == 0 ? ModelAuctionPrice{} : at(nearest(low, high));
}

ModelAuctionPrice ModelAuction::by_largest_volume(const ModelAuctionRules& rules) const {
  std::set<std::int32_t> named;
  for (const auto& side : limits_) {
    for (const auto& [price, lots] : side) named.insert(price);
  }
  if (named.empty()) return at(range_.reference);
  if (rules.and_the_reference && range_.reference != 0) named.insert(range_.reference);
  std::vector<std::int32_t> prices(named.begin(), named.end());
  if (!rules.only_named_prices) {
    prices = prices_that_matter(std::max(range_.low, prices.front() - 1),
                                std::min(range_.high, prices.back() + 1));
  }
  const auto keep_least = [&](auto cost) {
    std::int64_t least = cost(prices.front());
    for (const std::int32_t price : prices) least = std::min<std::int64_t>(least, cost(price));
    std::erase_if(prices, [&](std::int32_t price) { return cost(price) != least; });
  };
  keep_least([this](std::int32_t price) { return -volume(price); });
  if (volume(prices.front()) == 0) return {};
  keep_least([this](std::int32_t price) { return std::abs(surplus(price)); });
  const auto is_buy = [this](std::int32_t price) { return surplus(price) > 0; };
  const auto is_sell = [this](std::int32_t price) { return surplus(price) < 0; };
  if (std::all_of(prices.begin(), prices.end(), is_sell)) return at(prices.front());
  if (std::all_of(prices.begin(), prices.end(), is_buy)) return at(prices.back());
  std::int32_t low = prices.front();
  std::int32_t high = prices.back();
  if (std::any_of(prices.begin(), prices.end(), is_buy)) {
    low = *std::find_if(prices.rbegin(), prices.rend(), is_buy);
    high = *std::find_if(prices.begin(), prices.end(), is_sell);
  }
  if (!rules.only_named_prices) return at(nearest(low, high));
  const bool is_there = std::find(prices.begin(), prices.end(), range_.reference) != prices.end();
  if (is_there && low <= range_.reference && range_.reference <= high) {
    return at(range_.reference);
  }
  const bool is_high = range_.reference == 0 ||
                       std::abs(high - range_.reference) <= std::abs(low - range_.reference);
  return at(is_high ? high : low);
}

ModelAuctionPrice ModelAuction::price(const ModelAuctionRules& rules) const {
  return rules.is_largest_volume ? by_largest_volume(rules) : by_three_conditions();
}

bool ModelAuction::is_crossed() const {
  return !limits_[0].empty() && !limits_[1].empty() &&
         limits_[0].rbegin()->first >= limits_[1].begin()->first;
}

namespace {

// One lot to each member in turn, whoever wants most first; inside a member by time.
std::vector<std::uint32_t> lots_in_turn(const std::vector<ModelOrder>& level, std::int64_t volume) {
  std::vector<std::uint16_t> members;
  std::map<std::uint16_t, std::int64_t> wanted;
  for (const ModelOrder& order : level) {
    if (!wanted.contains(order.member)) members.push_back(order.member);
    wanted[order.member] += order.open;
  }
  std::stable_sort(members.begin(), members.end(),
                   [&](std::uint16_t a, std::uint16_t b) { return wanted[a] > wanted[b]; });
  std::map<std::uint16_t, std::int64_t> given;
  // Whole rounds first: they are the same for everybody who still wants something.
  while (volume > 0) {
    std::int64_t rounds = volume;
    std::int64_t open = 0;
    for (const std::uint16_t member : members) {
      const std::int64_t left = wanted[member] - given[member];
      if (left == 0) continue;
      ++open;
      rounds = std::min(rounds, left);
    }
    rounds = std::max<std::int64_t>(1, std::min(rounds, volume / open));
    for (const std::uint16_t member : members) {
      if (wanted[member] == given[member] || volume == 0) continue;
      given[member] += rounds;
      volume -= rounds;
    }
  }
  std::vector<std::uint32_t> lots;
  for (const ModelOrder& order : level) {
    const std::int64_t part = std::min<std::int64_t>(order.open, given[order.member]);
    given[order.member] -= part;
    lots.push_back(static_cast<std::uint32_t>(part));
  }
  return lots;
}

}  // namespace

std::vector<ModelAuction::Fill> ModelAuction::fills(std::uint8_t side, std::int64_t volume,
                                                    bool members_in_turn) const {
  std::map<std::int64_t, std::vector<ModelOrder>> levels;  // best first
  for (const ModelOrder& order : orders_) {
    if (order.side != side) continue;
    const std::int64_t rank = side == 0 ? -std::int64_t{order.price_ticks} : order.price_ticks;
    levels[order.is_market ? INT64_MIN : rank].push_back(order);
  }
  std::vector<Fill> fills;
  for (const auto& [rank, level] : levels) {
    std::int64_t sum = 0;
    for (const ModelOrder& order : level) sum += order.open;
    const bool is_shared = sum > volume && members_in_turn;
    const std::vector<std::uint32_t> lots =
        is_shared ? lots_in_turn(level, volume) : std::vector<std::uint32_t>{};
    for (std::size_t i = 0; i < level.size(); ++i) {
      const std::int64_t part =
          is_shared ? std::int64_t{lots[i]} : std::min<std::int64_t>(level[i].open, volume);
      if (part > 0) fills.push_back({level[i], static_cast<std::uint32_t>(part)});
      if (!is_shared) volume -= part;
    }
    if (is_shared || volume == 0) break;
  }
  return fills;
}

}  // namespace okiagari::check

// The order books once more, written so that they are plainly right and with no thought of speed: a
// map of lists a side, and walks over everything. What the real books are compared with; shares
// nothing with them but the types of order.h. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <list>
#include <map>
#include <vector>

#include "market/order.h"

namespace okiagari::market {

class NaiveBooks {
 public:
  struct Resting {
    Incoming order;
    QuantityLots remaining;
    std::uint64_t entry;
  };
  using Queue = std::list<Resting>;
  using Prices = std::map<PriceTicks, Queue>;

  explicit NaiveBooks(std::size_t max_live_orders) : max_live_orders_(max_live_orders) {}

  void add_instrument(InstrumentId instrument) { books_[instrument]; }
  void set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high) {
    books_[instrument].low = low;
    books_[instrument].high = high;
  }

  template <typename Listener>
  Submitted submit(const Incoming& incoming, Listener& listener) {
    Book& book = books_.at(incoming.instrument);
    if (where_.contains(incoming.key)) return {.result = SubmitResult::duplicate_key};
    const bool is_limit = incoming.type == PriceType::limit;
    if (is_limit && (incoming.price < book.low || incoming.price > book.high)) {
      return {.result = SubmitResult::price_out_of_limits};
    }
    const std::vector<Resting> makers = makers_in_turn(incoming, book);
    if (incoming.post_only && !makers.empty()) return {.result = SubmitResult::would_trade};
    if (incoming.time_in_force == TimeInForce::fill_or_kill && !can_fill(incoming, makers)) {
      return {.result = SubmitResult::cannot_fill};
    }
    const bool rests = is_limit && (incoming.time_in_force == TimeInForce::day ||
                                    incoming.time_in_force == TimeInForce::good_till_cancel ||
                                    incoming.time_in_force == TimeInForce::good_till_date);
    if (rests && makers.empty() && where_.size() == max_live_orders_) {
      return {.result = SubmitResult::books_full};
    }
    return trade(incoming, makers, rests, listener);
  }

  bool rest(const Incoming& incoming) {
    if (where_.contains(incoming.key) || where_.size() == max_live_orders_) return false;
    put_in(incoming, incoming.quantity);
    return true;
  }

  const Resting* find(OrderKey key) const {
    const auto found = where_.find(key);
    return found == where_.end() ? nullptr : &*found->second;
  }

  bool cancel(OrderKey key) {
    const auto found = where_.find(key);
    if (found == where_.end()) return false;
    const Incoming order = found->second->order;
    Prices& prices = prices_of(order.instrument, order.side);
    Queue& queue = prices.at(order.price);
    queue.erase(found->second);
    if (queue.empty()) prices.erase(order.price);
    where_.erase(found);
    return true;
  }

  bool reduce(OrderKey key, QuantityLots new_remaining) {
    const auto found = where_.find(key);
    if (found == where_.end()) return false;
    if (new_remaining < 1 || new_remaining > found->second->remaining) return false;
    found->second->remaining = new_remaining;
    return true;
  }

  bool rename(OrderKey from, OrderKey to, OrderReference new_reference) {
    const auto found = where_.find(from);
    if (found == where_.end() || where_.contains(to) || from >> 32 != to >> 32) return false;
    const Queue::iterator resting = found->second;
    where_.erase(found);
    resting->order.key = to;
    resting->order.reference = new_reference;
    where_[to] = resting;
    return true;
  }

  // In price-time order from the best outward.
  std::vector<Resting> orders(InstrumentId instrument, Side side) const {
    std::vector<Resting> all;
    const Prices& prices = books_.at(instrument).prices[static_cast<std::size_t>(side)];
    for (const auto& [price, queue] : prices) all.insert(all.end(), queue.begin(), queue.end());
    std::stable_sort(all.begin(), all.end(), [&](const Resting& a, const Resting& b) {
      return side == Side::buy ? a.order.price > b.order.price : a.order.price < b.order.price;
    });
    return all;
  }

  std::vector<OrderKey> keys_of_owner(std::uint32_t owner) const {
    std::map<std::uint64_t, OrderKey> by_entry;
    for (const auto& [key, resting] : where_) {
      if (key >> 32 == owner) by_entry[resting->entry] = key;
    }
    std::vector<OrderKey> keys;
    for (const auto& [entry, key] : by_entry) keys.push_back(key);
    return keys;
  }

  std::size_t live_orders() const { return where_.size(); }

 private:
  struct Book {
    Prices prices[2];
    PriceTicks low = 1;
    PriceTicks high = kMaxPriceTicks;
  };

  Prices& prices_of(InstrumentId instrument, Side side) {
    return books_.at(instrument).prices[static_cast<std::size_t>(side)];
  }

  // Copies of those of the other side that the order could meet before its quantity is used up, and
  // the rest of the last one's level.
  std::vector<Resting> makers_in_turn(const Incoming& incoming, const Book& book) const {
    const bool is_buy = incoming.side == Side::buy;
    const bool is_limit = incoming.type == PriceType::limit;
    const PriceTicks worst = is_limit ? incoming.price : is_buy ? book.high : book.low;
    const Prices& prices = book.prices[is_buy ? 1 : 0];
    std::vector<Resting> makers;
    std::uint64_t others_lots = 0;
    const auto add = [&](const auto& level) {
      const bool reaches = is_buy ? level.first <= worst : level.first >= worst;
      if (!reaches || others_lots >= incoming.quantity) return false;
      for (const Resting& resting : level.second) {
        makers.push_back(resting);
        const bool is_own = resting.order.member == incoming.member;
        const bool trades = !is_own || incoming.self_trade == SelfTradePrevention::none;
        if (trades) others_lots += resting.remaining;
      }
      return true;
    };
    if (is_buy) {
      for (auto level = prices.begin(); level != prices.end() && add(*level); ++level) {
      }
    } else {
      for (auto level = prices.rbegin(); level != prices.rend() && add(*level); ++level) {
      }
    }
    return makers;
  }

  static bool can_fill(const Incoming& incoming, const std::vector<Resting>& makers) {
    std::uint64_t lots = 0;
    for (const Resting& maker : makers) {
      const bool is_own = maker.order.member == incoming.member;
      if (is_own && incoming.self_trade == SelfTradePrevention::cancel_oldest) continue;
      if (is_own && incoming.self_trade != SelfTradePrevention::none) break;
      lots += maker.remaining;
    }
    return lots >= incoming.quantity;
  }

  template <typename Listener>
  Submitted trade(const Incoming& incoming, const std::vector<Resting>& makers, bool rests,
                  Listener& listener) {
    Submitted submitted{.result = SubmitResult::done};
    QuantityLots left = incoming.quantity;
    for (const Resting& maker : makers) {
      if (left == 0) break;
      const bool is_own = maker.order.member == incoming.member;
      if (is_own && incoming.self_trade != SelfTradePrevention::none) {
        if (incoming.self_trade != SelfTradePrevention::cancel_newest) {
          listener.on_self_trade_cancel(maker);
          cancel(maker.order.key);
        }
        if (incoming.self_trade == SelfTradePrevention::cancel_oldest) continue;
        submitted.dropped_by_self_trade_prevention = true;
        break;
      }
      const QuantityLots quantity = std::min(left, maker.remaining);
      listener.on_fill(maker, quantity);
      left -= quantity;
      if (quantity == maker.remaining) {
        cancel(maker.order.key);
      } else {
        reduce(maker.order.key, maker.remaining - quantity);
      }
    }
    submitted.filled = incoming.quantity - left;
    rests = rests && !submitted.dropped_by_self_trade_prevention;
    (rests ? submitted.resting : submitted.dropped) = left;
    if (rests && left > 0) put_in(incoming, left);
    return submitted;
  }

  void put_in(const Incoming& incoming, QuantityLots quantity) {
    Queue& queue = prices_of(incoming.instrument, incoming.side)[incoming.price];
    queue.push_back({incoming, quantity, ++entries_});
    where_[incoming.key] = std::prev(queue.end());
  }

  std::size_t max_live_orders_;
  std::uint64_t entries_ = 0;
  std::map<InstrumentId, Book> books_;
  std::map<OrderKey, Queue::iterator> where_;
};

}  // namespace okiagari::market

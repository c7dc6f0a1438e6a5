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
    QuantityLots remaining;  // displayed
    std::uint64_t entry;
    QuantityLots hidden = 0;

    [[nodiscard]] QuantityLots open() const { return remaining + hidden; }
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
    const std::vector<Queue> makers = makers_in_turn(incoming, book);
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
    put_in(incoming, incoming.quantity, ++entries_);
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

  // Of an iceberg the hidden part goes first.
  bool reduce(OrderKey key, QuantityLots new_open) {
    const auto found = where_.find(key);
    if (found == where_.end()) return false;
    Resting& resting = *found->second;
    if (new_open < 1 || new_open > resting.open()) return false;
    while (resting.open() > new_open) {
      QuantityLots& part = resting.hidden > 0 ? resting.hidden : resting.remaining;
      part -= std::min(part, resting.open() - new_open);
    }
    return true;
  }

  // So many lots have traded: hidden ones only behind all that was displayed. Says whether the
  // order must be replenished, which the caller does, or takes it out.
  bool execute(OrderKey key, QuantityLots lots) {
    Resting& resting = *where_.at(key);
    const QuantityLots displayed = std::min(lots, resting.remaining);
    resting.remaining -= displayed;
    resting.hidden -= lots - displayed;
    if (resting.open() == 0)
      cancel(key);
    else if (resting.remaining == 0)
      return true;
    return false;
  }
  void replenish(OrderKey key, OrderReference reference) {
    const auto at = where_.at(key);
    Queue& queue = prices_of(at->order.instrument, at->order.side).at(at->order.price);
    at->remaining = std::min(at->order.display, at->hidden);
    at->hidden -= at->remaining;
    at->order.reference = reference;
    at->entry = ++entries_;
    queue.splice(queue.end(), queue, at);
  }

  // So much of what is open is displayed.
  void set_displayed(OrderKey key, QuantityLots lots) {
    Resting& resting = *where_.at(key);
    resting.hidden = resting.open() - lots;
    resting.remaining = lots;
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

  // Copies of the levels of the other side that the order could meet before its quantity is used
  // up, best first.
  std::vector<Queue> makers_in_turn(const Incoming& incoming, const Book& book) const {
    const bool is_buy = incoming.side == Side::buy;
    const bool is_limit = incoming.type == PriceType::limit;
    const PriceTicks worst = is_limit ? incoming.price : is_buy ? book.high : book.low;
    const Prices& prices = book.prices[is_buy ? 1 : 0];
    std::vector<Queue> makers;
    std::uint64_t others_lots = 0;
    const auto add = [&](const auto& level) {
      const bool reaches = is_buy ? level.first <= worst : level.first >= worst;
      if (!reaches || others_lots >= incoming.quantity) return false;
      makers.push_back(level.second);
      for (const Resting& resting : level.second) {
        const bool is_own = resting.order.member == incoming.member;
        const bool trades = !is_own || incoming.self_trade == SelfTradePrevention::none;
        if (trades) others_lots += resting.open();
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

  // One maker's turn: it trades, or (0 lots) is met by its own member.
  struct Turn {
    OrderKey maker;
    QuantityLots quantity;
  };
  static std::vector<Turn> play(const Incoming& incoming, std::vector<Queue> makers) {
    std::vector<Turn> turns;
    QuantityLots left = incoming.quantity;
    for (Queue& queue : makers) {
      while (left > 0 && !queue.empty()) {
        Resting maker = queue.front();
        queue.pop_front();
        const bool is_own = maker.order.member == incoming.member;
        if (is_own && incoming.self_trade != SelfTradePrevention::none) {
          turns.push_back({maker.order.key, 0});
          if (incoming.self_trade != SelfTradePrevention::cancel_oldest) return turns;
          continue;
        }
        const QuantityLots quantity = std::min(left, maker.remaining);
        turns.push_back({maker.order.key, quantity});
        left -= quantity;
        maker.remaining = std::min(maker.order.display, maker.hidden);
        maker.hidden -= maker.remaining;
        if (maker.remaining > 0) queue.push_back(maker);
      }
    }
    return turns;
  }

  static bool can_fill(const Incoming& incoming, const std::vector<Queue>& makers) {
    std::uint64_t lots = 0;
    for (const Turn& turn : play(incoming, makers)) lots += turn.quantity;
    return lots >= incoming.quantity;
  }

  template <typename Listener>
  Submitted trade(const Incoming& incoming, const std::vector<Queue>& makers, bool rests,
                  Listener& listener) {
    Submitted submitted{.result = SubmitResult::done};
    const std::uint64_t entry = ++entries_;
    QuantityLots left = incoming.quantity;
    for (const Turn& turn : play(incoming, makers)) {
      const Resting maker = *where_.at(turn.maker);
      if (turn.quantity == 0) {
        if (incoming.self_trade != SelfTradePrevention::cancel_newest) {
          listener.on_self_trade_cancel(maker);
          cancel(turn.maker);
        }
        submitted.dropped_by_self_trade_prevention =
            incoming.self_trade != SelfTradePrevention::cancel_oldest;
        continue;
      }
      listener.on_fill(maker, turn.quantity);
      left -= turn.quantity;
      if (execute(turn.maker, turn.quantity)) show_next(turn.maker, listener);
    }
    submitted.filled = incoming.quantity - left;
    rests = rests && !submitted.dropped_by_self_trade_prevention;
    (rests ? submitted.resting : submitted.dropped) = left;
    if (rests && left > 0) put_in(incoming, left, entry);
    return submitted;
  }

  template <typename Listener>
  void show_next(OrderKey key, Listener& listener) {
    if constexpr (requires { listener.on_replenish(Resting{}, QuantityLots{}); }) {
      const Resting& maker = *where_.at(key);
      replenish(key, listener.on_replenish(maker, std::min(maker.order.display, maker.hidden)));
    } else {
      replenish(key, 0);
    }
  }

  void put_in(const Incoming& incoming, QuantityLots quantity, std::uint64_t entry) {
    Queue& queue = prices_of(incoming.instrument, incoming.side)[incoming.price];
    const QuantityLots shown =
        incoming.display == 0 ? quantity : std::min(quantity, incoming.display);
    queue.push_back({incoming, shown, entry, quantity - shown});
    where_[incoming.key] = std::prev(queue.end());
  }

  std::size_t max_live_orders_;
  std::uint64_t entries_ = 0;
  std::map<InstrumentId, Book> books_;
  std::map<OrderKey, Queue::iterator> where_;
};

}  // namespace okiagari::market

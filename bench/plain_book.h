// The yardstick: the order book that anyone would write first, of std::map, std::list and
// std::unordered_map, in good faith and with no trick. One book for one symbol; it knows limit and
// immediate-or-cancel orders, no members, no limits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <unordered_map>

#include "base/types.h"

namespace okiagari::bench {

class PlainBook {
 public:
  struct Order {
    std::uint64_t id;
    std::uint32_t price;
    std::uint32_t quantity;
  };

  // Calls listener.on_fill(maker, quantity) before maker.quantity is reduced. What is left.
  template <typename Listener>
  std::uint32_t submit(const Order& order, Side side, bool rests, Listener& listener) {
    std::uint32_t left = order.quantity;
    if (side == Side::buy) {
      const auto reaches = [&](std::uint32_t best) { return best <= order.price; };
      left = match(sells_, left, reaches, listener);
      if (left > 0 && rests) rest(buys_, {order.id, order.price, left}, side);
    } else {
      const auto reaches = [&](std::uint32_t best) { return best >= order.price; };
      left = match(buys_, left, reaches, listener);
      if (left > 0 && rests) rest(sells_, {order.id, order.price, left}, side);
    }
    return left;
  }

  bool cancel(std::uint64_t id) {
    const auto found = orders_.find(id);
    if (found == orders_.end()) return false;
    const Place place = found->second;
    orders_.erase(found);
    if (place.side == Side::buy) {
      take_out(buys_, place.order);
    } else {
      take_out(sells_, place.order);
    }
    return true;
  }

  template <typename Visitor>
  void for_each_order(Visitor&& visit) const {
    for (const auto& [price, queue] : buys_) std::for_each(queue.begin(), queue.end(), visit);
    for (const auto& [price, queue] : sells_) std::for_each(queue.begin(), queue.end(), visit);
  }

 private:
  using Queue = std::list<Order>;
  struct Place {
    Side side;
    Queue::iterator order;
  };

  template <typename Prices, typename Reaches, typename Listener>
  std::uint32_t match(Prices& prices, std::uint32_t left, Reaches reaches, Listener& listener) {
    while (left > 0 && !prices.empty() && reaches(prices.begin()->first)) {
      Queue& queue = prices.begin()->second;
      Order& maker = queue.front();
      const std::uint32_t quantity = std::min(left, maker.quantity);
      listener.on_fill(maker, quantity);
      left -= quantity;
      maker.quantity -= quantity;
      if (maker.quantity > 0) break;
      orders_.erase(maker.id);
      queue.pop_front();
      if (queue.empty()) prices.erase(prices.begin());
    }
    return left;
  }

  template <typename Prices>
  void rest(Prices& prices, const Order& order, Side side) {
    Queue& queue = prices[order.price];
    queue.push_back(order);
    orders_[order.id] = {side, std::prev(queue.end())};
  }

  template <typename Prices>
  static void take_out(Prices& prices, Queue::iterator order) {
    const auto level = prices.find(order->price);
    level->second.erase(order);
    if (level->second.empty()) prices.erase(level);
  }

  std::map<std::uint32_t, Queue, std::greater<>> buys_;
  std::map<std::uint32_t, Queue> sells_;
  std::unordered_map<std::uint64_t, Place> orders_;
};

}  // namespace okiagari::bench

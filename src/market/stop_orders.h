// Orders that wait beside the books until a price is reached. What belongs here: which of them is
// the next to go at a price, by its trigger and then by its age, and each by its name and owner.
// What does not: when a price counts, money, and what becomes of an order that goes.
//
// They lie on a shelf that is itself a set of order books, each order at its trigger: buys on the
// side whose best price is the lowest, sells on the other, so that the first in the queue of the
// best price is the first to go. So their costs and bounds are those of resting orders
// (docs/market.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "market/order.h"
#include "market/order_books.h"

namespace okiagari::market {

struct Stop {
  OrderKey key;
  OrderReference reference;  // rises with the order of entry
  PriceTicks trigger;        // a buy goes when a price is there or above, a sell there or below
  PriceTicks price;          // its limit; of a market order the worst price that it may cost
  QuantityLots quantity;
  AccountId account;
  InstrumentId instrument;
  MemberId member;
  Side side;
  PriceType type;
  TimeInForce time_in_force;  // one that lasts
  SelfTradePrevention self_trade;
  std::uint16_t last_day = 0;  // of good_till_date: days since the epoch
};

class StopOrders {
 public:
  // At most so many wait, however many orders the books may hold.
  static constexpr std::uint32_t kWaitingMax = 1'000'000;

  explicit StopOrders(const Limits& limits);

  void add_instrument(InstrumentId instrument) { shelf_.add_instrument(instrument); }

  // Behind those of the same trigger. False when the key waits already or the shelf is full.
  [[nodiscard]] bool add(const Stop& stop);
  [[nodiscard]] std::optional<Stop> find(OrderKey key) const;
  // False when it does not wait.
  bool remove(OrderKey key) { return shelf_.cancel(key); }
  // Both keep its place.
  [[nodiscard]] bool reduce(OrderKey key, QuantityLots quantity) {
    return shelf_.reduce(key, quantity);
  }
  [[nodiscard]] bool rename(OrderKey from, OrderKey to, OrderReference reference) {
    return shelf_.rename(from, to, reference);
  }

  // The next one to go of that side, as its price comes nearer.
  [[nodiscard]] std::optional<Stop> first(InstrumentId instrument, Side side) const;
  // Its trigger; 0 when none of that side waits.
  [[nodiscard]] PriceTicks first_trigger(InstrumentId instrument, Side side) const {
    const Order* order = shelf_.front(instrument, opposite(side));
    return order == nullptr ? 0 : order->price;
  }

  [[nodiscard]] std::uint32_t count() const { return shelf_.live_orders(); }
  // Calls visit(const Stop&) in the order in which they would go.
  template <typename Visitor>
  void for_each(InstrumentId instrument, Side side, Visitor&& visit) const {
    shelf_.for_each_order(instrument, opposite(side),
                          [&](const Order& order) { visit(stop_of(order)); });
  }
  // As OrderBooks::walk_on; visit(const Stop&). The places are those of the shelf.
  template <typename Visitor>
  void walk_on(std::uint32_t stops_max, Visitor&& visit) {
    shelf_.walk_on(stops_max, [&](const Order& order) { visit(stop_of(order)); });
  }
  [[nodiscard]] OrderBooks::WalkPlace walk_place() const { return shelf_.walk_place(); }
  [[nodiscard]] bool set_walk_place(const OrderBooks::WalkPlace& place) {
    return shelf_.set_walk_place(place);
  }
  // As OrderBooks::for_each_order_behind(); the price of a place is a trigger.
  template <typename Visitor>
  void for_each_behind(const QueuePlace& place, InstrumentId instrument, Side side,
                       Visitor&& visit) const {
    shelf_.for_each_order_behind(place, instrument, opposite(side),
                                 [&](const Order& order) { return visit(stop_of(order)); });
  }
  // Keys of one owner's (key >> 32), oldest first, appended to `into`.
  void keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const {
    shelf_.keys_of_owner(owner, into);
  }
  // All, oldest first, appended to `into`. Slow, for snapshots.
  void by_entry(std::vector<Stop>& into) const;

  [[nodiscard]] base::Status check_invariants() const { return shelf_.check_invariants(); }

 private:
  [[nodiscard]] static Stop stop_of(const Order& order);

  OrderBooks shelf_;
};

}  // namespace okiagari::market

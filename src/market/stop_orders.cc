#include "market/stop_orders.h"

#include <algorithm>

namespace okiagari::market {

namespace {

// An order of the shelf has executed nothing. In that field it has its limit, and in the highest
// bit, which no price needs, whether it is a market order.
constexpr std::uint32_t kIsMarket = 0x8000'0000;

Limits limits_of_shelf(const Limits& limits) {
  Limits of_shelf = limits;
  of_shelf.max_live_orders = std::min(limits.max_live_orders, StopOrders::kWaitingMax);
  return of_shelf;
}

}  // namespace

StopOrders::StopOrders(const Limits& limits) : shelf_(limits_of_shelf(limits)) {}

bool StopOrders::add(const Stop& stop) {
  const std::uint32_t mark = stop.type == PriceType::market ? kIsMarket : 0;
  return shelf_.rest({.key = stop.key,
                      .reference = stop.reference,
                      .price = stop.trigger,
                      .quantity = stop.quantity,
                      .account = stop.account,
                      .instrument = stop.instrument,
                      .member = stop.member,
                      .side = opposite(stop.side),
                      .type = PriceType::limit,
                      .time_in_force = stop.time_in_force,
                      .self_trade = stop.self_trade,
                      .post_only = false,
                      .executed = static_cast<std::uint32_t>(stop.price) | mark,
                      .last_day = stop.last_day});
}

Stop StopOrders::stop_of(const Order& order) {
  return {.key = order.key,
          .reference = order.reference,
          .trigger = order.price,
          .price = static_cast<PriceTicks>(order.executed & ~kIsMarket),
          .quantity = order.remaining,
          .account = order.account,
          .instrument = order.instrument,
          .member = order.member,
          .side = opposite(order.side),
          .type = (order.executed & kIsMarket) != 0 ? PriceType::market : PriceType::limit,
          .time_in_force = order.time_in_force,
          .self_trade = order.self_trade,
          .last_day = order.last_day};
}

// Asked for each cancel that comes too late, also where nobody uses stops.
std::optional<Stop> StopOrders::find(OrderKey key) const {
  if (count() == 0) return std::nullopt;
  const Order* order = shelf_.find(key);
  return order == nullptr ? std::nullopt : std::optional(stop_of(*order));
}

std::optional<Stop> StopOrders::first(InstrumentId instrument, Side side) const {
  const Order* order = shelf_.front(instrument, opposite(side));
  return order == nullptr ? std::nullopt : std::optional(stop_of(*order));
}

void StopOrders::by_entry(std::vector<Stop>& into) const {
  std::vector<const Order*> orders;
  shelf_.orders_by_entry(orders);
  into.reserve(into.size() + orders.size());
  for (const Order* order : orders) into.push_back(stop_of(*order));
}

}  // namespace okiagari::market

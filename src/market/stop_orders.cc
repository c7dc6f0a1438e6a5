#include "market/stop_orders.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace okiagari::market {

namespace {

// An order of the shelf has executed nothing. In that field it has its limit, and in the highest
// bit, which no price needs, whether it is a market order.
constexpr std::uint32_t kIsMarket = 0x8000'0000;

Limits limits_of_shelf(const Limits& limits) {
  ASSERT(limits.max_instruments <= StopOrders::kInstrumentsMax, "{} instruments",
         limits.max_instruments);
  Limits of_shelf = limits;
  of_shelf.max_live_orders = std::min(limits.max_live_orders, StopOrders::kWaitingMax);
  of_shelf.max_instruments = static_cast<std::uint16_t>(2 * limits.max_instruments + 1);
  return of_shelf;
}

}  // namespace

StopOrders::StopOrders(const Limits& limits) : shelf_(limits_of_shelf(limits)) {}

void StopOrders::add_instrument(InstrumentId instrument) {
  shelf_.add_instrument(book_of(instrument, false));
  shelf_.add_passed_by(book_of(instrument, true));
  const std::array<Trailing, 2> none{Trailing(Side::buy), Trailing(Side::sell)};
  if (trailing_.size() <= instrument) trailing_.resize(instrument + std::size_t{1}, none);
}

bool StopOrders::add(const Stop& stop) {
  const std::uint32_t mark = stop.type == PriceType::market ? kIsMarket : 0;
  const bool is_added =
      shelf_.rest({.key = stop.key,
                   .reference = stop.reference,
                   .price = stop.trails() ? level_of(stop.side, stop.distance) : stop.trigger,
                   .quantity = stop.quantity,
                   .account = stop.account,
                   .instrument = book_of(stop.instrument, stop.trails()),
                   .member = stop.member,
                   .side = opposite(stop.side),
                   .type = PriceType::limit,
                   .time_in_force = stop.time_in_force,
                   .self_trade = stop.self_trade,
                   .post_only = false,
                   .executed = static_cast<std::uint32_t>(stop.price) | mark,
                   .last_day = stop.last_day});
  if (!is_added || !stop.trails()) return is_added;
  follow(stop.instrument, stop.side, stop.followed());
  Trailing& trailing = trailing_of(stop.instrument, stop.side);
  trailing.trail.enter(stop.reference, stop.followed());
  if (trailing.trigger == 0 || comes_first(stop.side, stop.trigger, trailing.trigger)) {
    trailing.trigger = stop.trigger;
  }
  return true;
}

bool StopOrders::load(const Stop& stop) {
  if (stop.trails()) {
    const bool is_in_turn =
        !trailing_of(stop.instrument, stop.side).trail.moves_at(stop.followed());
    if (!is_in_turn || !takes_distance(stop.instrument, stop.side, stop.distance, nullptr)) {
      return false;
    }
  }
  return add(stop);
}

Stop StopOrders::stop_of(const Order& order) const {
  const Side side = opposite(order.side);
  const auto instrument = static_cast<InstrumentId>(order.instrument / 2);
  const bool trails = order.instrument % 2 != 0;
  const PriceTicks distance = trails ? level_of(side, order.price) : 0;
  const PriceTicks trigger =
      trails ? trigger_of(side, trailing_of(instrument, side).trail.furthest_of(order.reference),
                          distance)
             : order.price;
  return {.key = order.key,
          .reference = order.reference,
          .trigger = trigger,
          .distance = distance,
          .price = static_cast<PriceTicks>(order.executed & ~kIsMarket),
          .quantity = order.remaining,
          .account = order.account,
          .instrument = instrument,
          .member = order.member,
          .side = side,
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

bool StopOrders::remove(OrderKey key) {
  const std::optional<Stop> stop = find(key);
  if (!stop) return false;
  shelf_.cancel(key);
  if (!stop->trails()) return true;
  Trailing& trailing = trailing_of(stop->instrument, stop->side);
  trailing.trail.leave(stop->reference);
  if (stop->trigger == trailing.trigger) {
    trailing.trigger = first_trailing(stop->instrument, stop->side).trigger;
  }
  return true;
}

bool StopOrders::takes_distance(InstrumentId instrument, Side side, PriceTicks distance,
                                const Stop* leaving) const {
  const InstrumentId book = book_of(instrument, true);
  if (shelf_.has_level(book, opposite(side), level_of(side, distance))) return true;
  std::uint32_t distances = 0;
  shelf_.for_each_level_while(book, opposite(side), [&](const Level& /*level*/) {
    ++distances;
    return true;
  });
  if (leaving != nullptr && leaving->trails()) {
    const Order* order = shelf_.find(leaving->key);
    if (order->previous == kNoOrder && order->next == kNoOrder) --distances;
  }
  return distances < kDistancesMax;
}

// The first to go after the price has counted is the one that was it before or, of those whose
// trigger has moved, the one of the shortest distance.
bool StopOrders::follow(InstrumentId instrument, Side side, PriceTicks price) {
  Trailing& trailing = trailing_of(instrument, side);
  if (!trailing.trail.follow(price)) return false;
  const Order* shortest = shelf_.front(book_of(instrument, true), opposite(side));
  const PriceTicks trigger = trigger_of(side, price, level_of(side, shortest->price));
  if (comes_first(side, trigger, trailing.trigger)) trailing.trigger = trigger;
  return true;
}

PriceTicks StopOrders::moves_from(InstrumentId instrument, Side side) const {
  const PriceTicks nearest = trailing_of(instrument, side).trail.nearest();
  if (nearest == 0) return 0;
  return side == Side::sell ? nearest + 1 : nearest - 1;
}

StopOrders::First StopOrders::first_trailing(InstrumentId instrument, Side side) const {
  const PriceTrail& trail = trailing_of(instrument, side).trail;
  First first;
  shelf_.for_each_front_while(book_of(instrument, true), opposite(side), [&](const Order& order) {
    const PriceTicks distance = level_of(side, order.price);
    // Longer distances come to nothing nearer.
    const PriceTicks at_most = trigger_of(side, trail.bound(), distance);
    if (first.order != nullptr && comes_first(side, first.trigger, at_most)) return false;
    const PriceTicks own = trigger_of(side, trail.furthest_of(order.reference), distance);
    const bool is_first = first.order == nullptr || comes_first(side, own, first.trigger) ||
                          (own == first.trigger && order.reference < first.order->reference);
    if (is_first) first = {&order, own};
    return true;
  });
  return first;
}

std::optional<Stop> StopOrders::first(InstrumentId instrument, Side side) const {
  const Order* order = shelf_.front(book_of(instrument, false), opposite(side));
  const PriceTicks trailing = trailing_of(instrument, side).trigger;
  if (trailing != 0 && (order == nullptr || !comes_first(side, order->price, trailing))) {
    const First trails = first_trailing(instrument, side);
    ASSERT(trails.order != nullptr && trails.trigger == trailing,
           "a trailing stop goes from {}, none from {}", trails.trigger, trailing);
    const bool is_first =
        order == nullptr || trailing != order->price || trails.order->reference < order->reference;
    if (is_first) order = trails.order;
  }
  return order == nullptr ? std::nullopt : std::optional(stop_of(*order));
}

// The shelf's walk may stand at a number that no instrument has: it is about to begin.
StopOrders::WalkPlace StopOrders::walk_place() const {
  const OrderBooks::WalkPlace place = shelf_.walk_place();
  if (place.instrument < book_of(1, false)) return {};
  return {.key = place.key,
          .instrument = static_cast<InstrumentId>(place.instrument / 2),
          .side = place.side,
          .trails = place.instrument % 2 != 0};
}

bool StopOrders::set_walk_place(const WalkPlace& place) {
  const bool is_beginning =
      place.key == 0 && place.instrument == 1 && place.side == Side::buy && !place.trails;
  if (is_beginning) return shelf_.set_walk_place({});
  if (place.instrument == 0 || place.instrument > kInstrumentsMax) return false;
  return shelf_.set_walk_place({.key = place.key,
                                .instrument = book_of(place.instrument, place.trails),
                                .side = place.side});
}

void StopOrders::by_entry(std::vector<Stop>& into) const {
  std::vector<const Order*> orders;
  shelf_.orders_by_entry(orders);
  into.reserve(into.size() + orders.size());
  for (const Order* order : orders) into.push_back(stop_of(*order));
}

base::Status StopOrders::check_invariants() const {
  if (base::Status shelf = shelf_.check_invariants(); !shelf) return shelf;
  for (std::size_t instrument = 1; instrument < trailing_.size(); ++instrument) {
    for (const Side side : {Side::buy, Side::sell}) {
      if (base::Status status = check_trailing(static_cast<InstrumentId>(instrument), side);
          !status) {
        return status;
      }
    }
  }
  return {};
}

base::Status StopOrders::check_trailing(InstrumentId instrument, Side side) const {
  const Trailing& trailing = trailing_of(instrument, side);
  const InstrumentId book = book_of(instrument, true);
  std::vector<OrderReference> references;
  shelf_.for_each_order(book, opposite(side),
                        [&](const Order& order) { references.push_back(order.reference); });
  std::sort(references.begin(), references.end());
  if (base::Status status = trailing.trail.check(references); !status) return status;
  PriceTicks first = 0;
  std::uint32_t distances = 0;
  PriceTicks last_distance = 0;
  shelf_.for_each_order(book, opposite(side), [&](const Order& order) {
    const Stop stop = stop_of(order);
    if (first == 0 || comes_first(side, stop.trigger, first)) first = stop.trigger;
    if (stop.distance != last_distance) ++distances;
    last_distance = stop.distance;
  });
  if (first != trailing.trigger || distances > kDistancesMax) {
    return base::Error{
        fmt::format("of {} distances of instrument {} the first trigger is {}, not "
                    "{}",
                    distances, instrument, first, trailing.trigger)};
  }
  return {};
}

}  // namespace okiagari::market

// Orders of the model that wait for their trigger: one list, in the order in which they began to
// wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "check/model_book.h"

namespace okiagari::check {

struct ModelStop {
  ModelOrder order;  // as it will be entered, but that a market order has its worst price
  std::int32_t trigger_ticks = 0;
  // Of one whose trigger follows the price, else 0: so far behind the highest price since it came,
  // of a buy the lowest.
  std::int32_t distance_ticks = 0;
  bool is_market = false;
  bool is_reached = false;

  // As a replacement of that one: nothing but its size is another, and it is not larger.
  [[nodiscard]] bool keeps_place_of(const ModelStop& original) const {
    return trigger_ticks == original.trigger_ticks && distance_ticks == original.distance_ticks &&
           is_market == original.is_market && order.price_ticks == original.order.price_ticks &&
           order.time_in_force == original.order.time_in_force &&
           order.last_day == original.order.last_day && order.open <= original.order.open;
  }
  // One that follows keeps no trigger that is farther from that price than its distance.
  void follow(std::int32_t ticks) {
    if (distance_ticks == 0) return;
    trigger_ticks = order.side == 0 ? std::min(trigger_ticks, ticks + distance_ticks)
                                    : std::max(trigger_ticks, ticks - distance_ticks);
  }
  // A buy goes at its trigger or above, a sell there or below.
  [[nodiscard]] bool goes_at(std::int32_t ticks) const {
    return order.side == 0 ? ticks >= trigger_ticks : ticks <= trigger_ticks;
  }
};

class ModelStops {
 public:
  // Null when it does not wait.
  [[nodiscard]] ModelStop* find(std::uint64_t key);
  [[nodiscard]] const ModelStop* find(std::uint64_t key) const;
  // What one that follows the price begins with counts for the others of its side, too.
  void add(const ModelStop& stop, std::int32_t last_ticks);
  void remove(std::uint64_t key);

  // A price that counts. While some that were reached have not gone, it only reaches others.
  void count(std::uint16_t instrument, std::int32_t ticks);
  // The last price has reached it when it came.
  void reach(ModelStop& stop) {
    stop.is_reached = true;
    prices_meanwhile_.try_emplace(stop.order.instrument);
  }
  void forget_reached(std::uint16_t instrument);
  // Of those that were reached none is left: the others follow what was traded meanwhile, then the
  // last price counts. False when none was reached.
  bool end_of_going(std::uint16_t instrument, std::int32_t last_ticks);
  // Of how many different distances stops of that side follow, that one and without `key`.
  [[nodiscard]] std::size_t distances_with(const ModelStop& stop, std::uint64_t without_key) const;
  // Of each side the one whose trigger a price comes to first, the oldest of that trigger; of the
  // two the older. Null when none was reached.
  [[nodiscard]] const ModelStop* next(std::uint16_t instrument) const;

  [[nodiscard]] std::vector<std::uint64_t> keys_of(std::uint16_t session) const;
  [[nodiscard]] const std::vector<ModelStop>& all() const { return stops_; }

 private:
  std::vector<ModelStop> stops_;
  // By instrument of which some were reached and did not all go: each price since then.
  std::map<std::uint16_t, std::vector<std::int32_t>> prices_meanwhile_;
};

}  // namespace okiagari::check

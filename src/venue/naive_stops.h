// Stop orders once more, as plainly as their rules can be put: one list, searched from end to end.
#pragma once

#include <algorithm>
#include <vector>

#include "market/order.h"

namespace okiagari::venue {

struct NaiveStop {
  market::Incoming order;  // its price is the worst that it may cost
  PriceTicks trigger = 0;
  bool is_market = false;
  bool is_reached = false;

  [[nodiscard]] bool goes_at(PriceTicks price) const {
    return order.side == Side::buy ? price >= trigger : price <= trigger;
  }
};

class NaiveStops {
 public:
  [[nodiscard]] NaiveStop* find(market::OrderKey key) {
    for (NaiveStop& stop : all) {
      if (stop.order.key == key) return &stop;
    }
    return nullptr;
  }
  void remove(market::OrderKey key) {
    std::erase_if(all, [&](const NaiveStop& stop) { return stop.order.key == key; });
  }
  void reach(InstrumentId instrument, PriceTicks price) {
    for (NaiveStop& stop : all) {
      if (stop.order.instrument == instrument && stop.goes_at(price)) stop.is_reached = true;
    }
  }
  void forget(InstrumentId instrument) {
    for (NaiveStop& stop : all) {
      if (stop.order.instrument == instrument) stop.is_reached = false;
    }
  }
  // Of each side the one whose trigger came first, of those of one trigger the oldest; of the two,
  // the older.
  [[nodiscard]] NaiveStop* next(InstrumentId instrument) {
    NaiveStop* buy = nullptr;
    NaiveStop* sell = nullptr;
    for (NaiveStop& stop : all) {
      if (!stop.is_reached || stop.order.instrument != instrument) continue;
      if (stop.order.side == Side::buy) {
        if (buy == nullptr || stop.trigger < buy->trigger) buy = &stop;
      } else {
        if (sell == nullptr || stop.trigger > sell->trigger) sell = &stop;
      }
    }
    if (buy == nullptr || sell == nullptr) return buy == nullptr ? sell : buy;
    return buy->order.reference < sell->order.reference ? buy : sell;
  }

  std::vector<NaiveStop> all;  // in the order in which they began to wait
};

}  // namespace okiagari::venue

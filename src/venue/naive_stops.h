// Stop orders once more, as plainly as their rules can be put: one list, searched from end to end,
// in which each that trails is moved by itself.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "market/order.h"

namespace okiagari::venue {

struct NaiveStop {
  market::Incoming order;  // its price is the worst that it may cost
  PriceTicks trigger = 0;
  PriceTicks distance = 0;  // 0: its trigger stays
  bool is_market = false;
  bool is_reached = false;

  [[nodiscard]] bool goes_at(PriceTicks price) const {
    return order.side == Side::buy ? price >= trigger : price <= trigger;
  }
  void follow(PriceTicks low, PriceTicks high) {
    if (distance == 0) return;
    trigger = order.side == Side::buy ? std::min(trigger, low + distance)
                                      : std::max(trigger, high - distance);
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
  // Behind the others; `last`: the price that it begins with, when it trails.
  void add(const NaiveStop& stop, PriceTicks last) {
    for (NaiveStop& other : all) {
      const bool is_beside = other.order.instrument == stop.order.instrument &&
                             other.order.side == stop.order.side && stop.distance != 0;
      if (is_beside) other.follow(last, last);
    }
    all.push_back(stop);
    if (stop.is_reached) note(stop.order.instrument, last);
  }
  // A price that counts.
  void count(InstrumentId instrument, PriceTicks price) {
    if (!going_.contains(instrument)) follow(instrument, price, price);
    bool reaches = going_.contains(instrument);
    for (NaiveStop& stop : all) {
      if (stop.order.instrument != instrument || !stop.goes_at(price)) continue;
      stop.is_reached = true;
      reaches = true;
    }
    if (reaches) note(instrument, price);
  }
  void forget(InstrumentId instrument) {
    going_.erase(instrument);
    for (NaiveStop& stop : all) {
      if (stop.order.instrument == instrument) stop.is_reached = false;
    }
  }
  // From when one was reached until end_going() or forget().
  [[nodiscard]] bool is_going(InstrumentId instrument) const { return going_.contains(instrument); }
  // None of those that were reached is left.
  void end_going(InstrumentId instrument, PriceTicks last) {
    const Prices prices = going_.at(instrument);
    going_.erase(instrument);
    follow(instrument, prices.low, prices.high);
    count(instrument, last);
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

 private:
  struct Prices {
    PriceTicks low;
    PriceTicks high;
  };

  void note(InstrumentId instrument, PriceTicks price) {
    Prices& known = going_.try_emplace(instrument, Prices{price, price}).first->second;
    known = {std::min(known.low, price), std::max(known.high, price)};
  }
  void follow(InstrumentId instrument, PriceTicks low, PriceTicks high) {
    for (NaiveStop& stop : all) {
      if (stop.order.instrument == instrument) stop.follow(low, high);
    }
  }

  std::map<InstrumentId, Prices> going_;  // since one was reached, until none is left to go
};

}  // namespace okiagari::venue

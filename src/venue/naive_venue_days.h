// NaiveVenue, what it does with days: one step ends each, as long as there are few orders.
#pragma once

#include <string>
#include <vector>

#include "base/calendar_day.h"
#include "venue/naive_venue.h"

namespace okiagari::venue {

// Approved by two.
inline void NaiveVenue::apply(const EndDay& c) {
  const std::uint16_t day = base::day_of(c.day);
  const std::string reason = day == 0 ? "malformed" : day <= ended_day_ ? "day has ended" : "done";
  std::uint32_t gone = 0;
  if (reason == "done") {
    ended_day_ = day;
    for (InstrumentId id = 1; id <= 2; ++id) gone += expire_orders_of(id);
  }
  lines_.push_back(
      fmt::format("gateway 0: end day {}: {}, {} affected", c.control_number, reason, gone));
}

inline bool NaiveVenue::is_over(const market::Incoming& order) const {
  if (order.time_in_force == market::TimeInForce::good_till_date) {
    return order.last_day <= ended_day_;
  }
  return order.time_in_force != market::TimeInForce::good_till_cancel;
}

inline std::uint32_t NaiveVenue::expire_orders_of(InstrumentId id) {
  std::uint32_t gone = 0;
  const auto tell = [&](const market::Incoming& order, QuantityLots left) {
    say(static_cast<SessionId>(order.key >> 32), "canceled {}: {} gone, 0 left, day over",
        static_cast<std::uint32_t>(order.key), left);
    ++gone;
  };
  for (const Side side : {Side::buy, Side::sell}) {
    std::vector<NaiveStop> waiting = stops_.all;
    std::erase_if(waiting, [&](const NaiveStop& stop) {
      return stop.order.instrument != id || stop.order.side != side || !is_over(stop.order);
    });
    std::stable_sort(waiting.begin(), waiting.end(), [&](const NaiveStop& a, const NaiveStop& b) {
      if (a.distance != 0 || b.distance != 0) return a.distance < b.distance;
      return side == Side::buy ? a.trigger < b.trigger : a.trigger > b.trigger;
    });
    for (const NaiveStop& stop : waiting) {
      tell(stop.order, stop.order.quantity);
      stops_.remove(stop.order.key);
    }
  }
  for (const Side side : {Side::buy, Side::sell}) {
    for (const Resting& resting : books_.orders(id, side)) {
      if (!is_over(resting.order)) continue;
      touch(id);
      tell(resting.order, resting.open());
      feed("delete {}", resting.order.reference);
      books_.cancel(resting.order.key);
    }
  }
  return gone;
}

// The reason to refuse how long an order shall be good, empty when there is none.
inline std::string NaiveVenue::refusal_of_time(std::uint8_t time_in_force, std::uint16_t last_day,
                                               InstrumentId id) {
  if (time_in_force < 4) return "";
  if (time_in_force == 5) {
    return last_day == 0 ? "malformed" : last_day <= ended_day_ ? "day has ended" : "";
  }
  if (time_in_force > 5) return "malformed";
  if (id < 1 || id > 2) return "unknown instrument";
  if (!calls_[id].has_rules) return "malformed";
  return states_.at(id) == InstrumentState::auction_call ? "" : "state forbids";
}

// A replacement that says nothing of it is as good as what it replaces.
template <typename Command>
Command NaiveVenue::with_time_of(Command replacement, const market::Incoming& original) {
  if (replacement.time_in_force == kTimeInForceAsBefore) {
    replacement.time_in_force = static_cast<std::uint8_t>(original.time_in_force);
    replacement.last_day = original.last_day;
  }
  if (replacement.time_in_force != 5) replacement.last_day = 0;
  return replacement;
}

}  // namespace okiagari::venue

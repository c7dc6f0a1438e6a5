#include "tests/simulation/day_history.h"

#include "base/calendar_day.h"
#include "market/order.h"

namespace okiagari::simulation {

void DayHistory::applied(const venue::Venue& venue, OrderReference newest_before) {
  const venue::Venue::PlanView plan = venue.plan();
  if (plan.ended_day != ended_day_) {
    if (plan.ended_day < ended_day_) {
      verdict_.fail("day {} ended after day {}", plan.ended_day, ended_day_);
    }
    ++days_ended_;
    ended_day_ = plan.ended_day;
    newest_ = newest_before;
    is_ending_ = true;
  }
  if (!is_ending_ || plan.is_ending_day) return;
  is_ending_ = false;
  look_for_leftovers(venue);
}

void DayHistory::look_for_leftovers(const venue::Venue& venue) {
  venue::Venue::InstrumentView view;
  for (InstrumentId id = 1; venue.instrument(id, view); ++id) {
    for (const Side side : {Side::buy, Side::sell}) {
      venue.books().for_each_order(id, side,
                                   [&](const market::Order& order) { look_at(order, "order"); });
      venue.waiting_stops().for_each(id, side,
                                     [&](const market::Stop& stop) { look_at(stop, "stop"); });
    }
  }
}

template <typename Order>
void DayHistory::look_at(const Order& order, const char* what) {
  if (order.reference > newest_) return;
  const bool lasts = order.time_in_force == market::TimeInForce::good_till_cancel ||
                     (order.time_in_force == market::TimeInForce::good_till_date &&
                      order.last_day > base::day_of(ended_day_));
  if (lasts) return;
  verdict_.fail("{} {:#x} outlived the end of day {}", what, order.key, ended_day_);
}

}  // namespace okiagari::simulation

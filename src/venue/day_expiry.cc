#include "venue/day_expiry.h"

#include <algorithm>

#include "base/assert.h"

namespace okiagari::venue {

Reason DayExpiry::check(std::uint16_t day) const {
  if (day == 0) return Reason::malformed;
  if (state_.day_end.is_running) return Reason::day_is_ending;
  return day <= state_.day_end.day ? Reason::day_has_ended : Reason::none;
}

void DayExpiry::begin(std::uint16_t day) {
  state_.day_end = DayEnd{};
  state_.day_end.day = day;
  state_.day_end.is_running = state_.instruments.count() > 0;
  state_.day_end.instrument = state_.day_end.is_running ? 1 : 0;
  state_.day_end.newest = state_.day_end.is_running ? state_.counters.order_reference : 0;
}

std::uint32_t DayExpiry::step() {
  std::uint32_t looks = state_.limits.steps.day_end_looks;
  std::uint32_t taken_out = 0;
  while (state_.day_end.is_running) {
    keys_.clear();
    looks -= search(state_.day_end.shelf, looks);
    for (const market::OrderKey key : keys_) {
      removal_.expire(key);
      ++taken_out;
    }
    if (looks == 0) break;
    to_next_shelf();
  }
  return taken_out;
}

std::uint32_t DayExpiry::search(DayEnd::Shelf shelf, std::uint32_t looks) {
  switch (shelf) {
    case DayEnd::Shelf::waiting_buys:
      return search_waiting(Side::buy, false, looks);
    case DayEnd::Shelf::waiting_sells:
      return search_waiting(Side::sell, false, looks);
    case DayEnd::Shelf::trailing_buys:
      return search_waiting(Side::buy, true, looks);
    case DayEnd::Shelf::trailing_sells:
      return search_waiting(Side::sell, true, looks);
    case DayEnd::Shelf::bids:
      return search_book(Side::buy, looks);
    case DayEnd::Shelf::asks:
      return search_book(Side::sell, looks);
  }
  return 0;
}

std::uint32_t DayExpiry::search_waiting(Side side, bool trails, std::uint32_t looks) {
  std::uint32_t looked = 0;
  if (state_.stops.waiting().count() == 0) return looked;
  const market::QueuePlace from = state_.day_end.place;
  state_.stops.waiting().for_each_behind(from, state_.day_end.instrument, side, trails,
                                         [&](const market::Stop& stop) {
                                           look_at(stop, trails ? stop.distance : stop.trigger);
                                           return ++looked < looks;
                                         });
  return looked;
}

std::uint32_t DayExpiry::search_book(Side side, std::uint32_t looks) {
  std::uint32_t looked = 0;
  const market::QueuePlace from = state_.day_end.place;
  state_.books.for_each_order_behind(from, state_.day_end.instrument, side,
                                     [&](const market::Order& order) {
                                       look_at(order, order.price);
                                       return ++looked < looks;
                                     });
  return looked;
}

// The place is best kept at an order that stays: behind one at the same price that goes there is
// nothing else to be passed over.
template <typename Order>
void DayExpiry::look_at(const Order& order, PriceTicks price) {
  DayEnd& now = state_.day_end;
  const bool goes = now.takes(order.time_in_force, order.last_day, order.reference);
  if (goes) keys_.push_back(order.key);
  if (goes && now.place.reference != 0 && now.place.price == price) return;
  now.place = {.key = order.key, .reference = order.reference, .price = price};
}

void DayExpiry::to_next_shelf() {
  DayEnd& now = state_.day_end;
  now.place = {};
  const auto* next = std::find(DayEnd::kInTurn.begin(), DayEnd::kInTurn.end(), now.shelf) + 1;
  if (next != DayEnd::kInTurn.end()) {
    now.shelf = *next;
    return;
  }
  now.shelf = DayEnd::kInTurn.front();
  if (now.instrument < state_.instruments.count()) {
    ++now.instrument;
  } else {
    const std::uint16_t day = now.day;
    now = DayEnd{};
    now.day = day;
  }
}

}  // namespace okiagari::venue

// The end of a trading day, and how far its work has come. What is over with the day is looked for
// in steps, each of which looks at so many orders and no more, one in the command that ends the day
// and one in each *advance plan* after it. Until the search comes to it an order lives.
//
// It goes through the instruments by their number: the orders that wait, buys and then sells, each
// by trigger and behind them those that trail by distance; then the books, bids and asks by
// priority.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"
#include "market/order.h"

namespace okiagari::venue {

struct DayEnd {
  enum class Shelf : std::uint8_t {
    waiting_buys = 0,
    waiting_sells = 1,
    bids = 2,
    asks = 3,
    trailing_buys = 4,
    trailing_sells = 5,
  };
  static constexpr std::uint8_t kShelves = 6;
  static constexpr std::uint8_t kShelvesBeforeTrailing = 4;
  static constexpr std::array kInTurn{Shelf::waiting_buys,  Shelf::trailing_buys,
                                      Shelf::waiting_sells, Shelf::trailing_sells,
                                      Shelf::bids,          Shelf::asks};

  std::uint16_t day = 0;  // the last one that ended, days since the epoch; 0: none did
  bool is_running = false;
  // The rest is zero when it is not.
  Shelf shelf = Shelf::waiting_buys;
  InstrumentId instrument = 0;
  market::QueuePlace place;   // behind which the search goes on
  OrderReference newest = 0;  // what came after it is of the next day

  // Of one that rests or waits, while the search is on.
  [[nodiscard]] bool takes(market::TimeInForce time, std::uint16_t last_day,
                           OrderReference reference) const {
    if (reference > newest) return false;
    switch (time) {
      case market::TimeInForce::day:
      case market::TimeInForce::at_auction:
        return true;
      case market::TimeInForce::good_till_date:
        return last_day <= day;
      default:
        return false;
    }
  }
};

}  // namespace okiagari::venue

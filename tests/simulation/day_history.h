// What the end of a trading day is held to: when its work is done, nothing rests or waits that was
// over with it and was there when it began.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "tests/simulation/verdict.h"
#include "venue/venue.h"

namespace okiagari::simulation {

class DayHistory {
 public:
  explicit DayHistory(Verdict& verdict) : verdict_(verdict) {}

  // After `venue` was the first to apply a batch. `newest_before`: the highest reference of an
  // order before it.
  void applied(const venue::Venue& venue, OrderReference newest_before);

  [[nodiscard]] std::uint64_t days_ended() const { return days_ended_; }

 private:
  void look_for_leftovers(const venue::Venue& venue);
  template <typename Order>
  void look_at(const Order& order, const char* what);

  Verdict& verdict_;
  std::uint64_t days_ended_ = 0;
  std::uint32_t ended_day_ = 0;  // 20231114
  bool is_ending_ = false;
  OrderReference newest_ = 0;  // that was there before it ended
};

}  // namespace okiagari::simulation

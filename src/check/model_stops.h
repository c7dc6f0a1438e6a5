// Orders of the model that wait for their trigger: one list, in the order in which they began to
// wait.
#pragma once

#include <cstdint>
#include <vector>

#include "check/model_book.h"

namespace okiagari::check {

struct ModelStop {
  ModelOrder order;  // as it will be entered, but that a market order has its worst price
  std::int32_t trigger_ticks = 0;
  bool is_market = false;
  bool is_reached = false;

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
  void add(const ModelStop& stop) { stops_.push_back(stop); }
  void remove(std::uint64_t key);

  void reach(std::uint16_t instrument, std::int32_t ticks);
  void forget_reached(std::uint16_t instrument);
  // Of each side the one whose trigger a price comes to first, the oldest of that trigger; of the
  // two the older. Null when none was reached.
  [[nodiscard]] const ModelStop* next(std::uint16_t instrument) const;

  [[nodiscard]] std::vector<std::uint64_t> keys_of(std::uint16_t session) const;
  [[nodiscard]] const std::vector<ModelStop>& all() const { return stops_; }

 private:
  std::vector<ModelStop> stops_;
};

}  // namespace okiagari::check

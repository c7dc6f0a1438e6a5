// What a member believes about its own live orders, from the answers it has received: what a cancel
// or a replace can be aimed at.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "check/ouch.h"

namespace okiagari::check {

class OrderView {
 public:
  struct LiveOrder {
    std::uint32_t user_reference = 0;
    std::uint32_t open = 0;
    std::uint32_t executed = 0;
    std::uint64_t price_e4 = 0;
    Symbol symbol{};
    char side = 'B';
    std::uint64_t trigger_e4 = 0;   // while it waits
    std::uint64_t distance_e4 = 0;  // while its trigger follows the price
  };

  void take(const OuchAnswer& answer);

  [[nodiscard]] std::size_t size() const { return orders_.size(); }
  // In no order that means anything; stable until the next take().
  [[nodiscard]] const LiveOrder& at(std::size_t position) const { return orders_[position]; }

 private:
  void add(const LiveOrder& order);
  void remove(std::uint32_t user_reference);
  void begin_to_rest(std::uint32_t user_reference);
  void lower(std::uint32_t user_reference, std::uint32_t by, bool executed);

  std::vector<LiveOrder> orders_;
  std::unordered_map<std::uint32_t, std::size_t> places_;
};

}  // namespace okiagari::check

// Order books as a subscriber to the market data rebuilds them, from ITCH messages alone.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "base/types.h"
#include "check/itch.h"

namespace okiagari::recordings {

class RebuiltBooks {
 public:
  // Quantity by price.
  using Levels = std::map<std::uint32_t, std::uint64_t>;

  void take(const check::ItchMessage& message);

  // Of the instrument with this locate; ascending by price.
  [[nodiscard]] const Levels& levels(std::uint16_t locate, Side side);
  // Messages about orders that were never added, or that took more than there was.
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  struct Order {
    std::uint16_t locate = 0;
    Side side = Side::buy;
    std::uint32_t price = 0;
    std::uint32_t quantity = 0;
  };
  void add(std::uint64_t reference, const Order& order);
  // 0: all of it.
  void lower(std::uint64_t reference, std::uint32_t by);

  std::unordered_map<std::uint64_t, Order> orders_;
  std::map<std::uint16_t, Levels> sides_[2];
  std::uint64_t wrong_ = 0;
};

}  // namespace okiagari::recordings

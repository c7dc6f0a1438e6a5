// Whether recorded trades are explained by recorded changes of orders: each by one buy and one sell
// that lost as much at about the same time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"

namespace okiagari::recordings {

// What an order lost by trading.
struct OrderLoss {
  TimestampNs time_ns = 0;
  Side side = Side::buy;
  std::uint64_t lots = 0;  // 0: an order that is not known well enough to say
};

struct TradedLots {
  TimestampNs time_ns = 0;
  std::uint64_t lots = 0;
};

// How many of the trades have both, at most `apart_ns` away. A loss explains one trade, the nearest
// in time is taken, one of known size before one of unknown. Both lists in order of time.
[[nodiscard]] std::uint64_t count_explained(const std::vector<TradedLots>& trades,
                                            const std::vector<OrderLoss>& losses,
                                            std::uint64_t apart_ns);

}  // namespace okiagari::recordings

// The market as it stands, as messages of the feed: instruments, their states, and every live order
// with what is left of it. Whoever reads it and then the feed from `next_number` on has the same
// books as one who read the feed from its beginning.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "venue/venue.h"

namespace okiagari::feed {

struct MarketImage {
  std::uint64_t next_number = 0;  // of the feed's first message that is not in it
  std::vector<std::byte> frames;  // SoupBinTCP sequenced packets
};

// Takes about 0.1 us an order.
[[nodiscard]] MarketImage make_market_image(const venue::Venue& venue);

}  // namespace okiagari::feed

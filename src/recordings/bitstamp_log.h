// Lines of a log of Bitstamp's public channels: milliseconds since the epoch, the event's name, and
// what came with it as JSON. Orders, changes of them, trades, and the exchange's own book.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "recordings/line_reader.h"

namespace okiagari::recordings {

inline constexpr std::uint32_t kBitstampPriceDecimals = 2;
inline constexpr std::uint32_t kBitstampLotDecimals = 8;

enum class BitstampEvent : std::uint8_t {
  order_created,
  order_changed,
  order_deleted,
  trade,
  order_book,
};

struct BitstampLevel {
  std::int64_t price_ticks = 0;
  std::uint64_t lots = 0;
};

struct BitstampLine {
  TimestampNs time_ns = 0;
  BitstampEvent event = BitstampEvent::order_created;
  std::uint64_t order = 0;               // of an order's events
  Side side = Side::buy;                 // of an order
  std::int64_t price_ticks = 0;          // of an order or a trade
  std::uint64_t lots = 0;                // what is left of an order; what a trade was about
  std::vector<BitstampLevel> levels[2];  // of a book, by side, best first
};

// False at the end; errors name file, line and what is wrong.
[[nodiscard]] base::Result<bool> read_bitstamp(LineReader& lines, BitstampLine& line);

}  // namespace okiagari::recordings

// A recording of Kraken's websocket `book` channels: lines of a receive time and a message in JSON.
// What the client sent ("<-") and messages of other channels are passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::recordings {

// Prices and volumes as whole numbers: the text with its point removed.
struct KrakenLevel {
  Side side = Side::buy;
  std::uint64_t price = 0;
  std::uint64_t volume = 0;  // 0 takes the level out
};

struct KrakenUpdate {
  std::uint64_t line = 0;
  TimestampNs time_ns = 0;
  std::size_t pair = 0;  // index into KrakenRecording::pairs
  bool is_snapshot = false;
  std::vector<KrakenLevel> levels;        // in order
  std::optional<std::uint32_t> checksum;  // of the book after it
};

struct KrakenPair {
  std::string name;
  std::size_t depth = 0;              // levels of each side that are told
  std::uint32_t price_decimals = 0;   // as written
  std::uint32_t volume_decimals = 0;  // as written
  // How many of the written decimals are 0 in every price.
  std::uint32_t zero_decimals = 0;
};

struct KrakenRecording {
  std::vector<KrakenPair> pairs;
  std::vector<KrakenUpdate> updates;
};

// Reads and checks the whole file; errors name file, line and what is wrong.
[[nodiscard]] base::Result<KrakenRecording> read_kraken(const std::string& path);

}  // namespace okiagari::recordings

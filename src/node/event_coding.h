// How events are kept in the history: each as its difference from the last event of the same type
// in the same chunk. Most of an event repeats its predecessor, and counters change in their low
// bytes only, so about 25 of 92 bytes remain, at a cost of some ten nanoseconds.
// docs/formats/history.md has the bytes. The coding knows the events' sizes but not their fields.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "venue/event.h"

namespace okiagari::node {

inline constexpr std::size_t kCodedWordsMax = 16;
inline constexpr std::size_t kCodedEventBytesMax = kCodedWordsMax * 8;
// Type, map of the words that changed, and for each a map of its bytes and the bytes.
inline constexpr std::size_t kCodingBytesMax = 1 + 2 + kCodedWordsMax * 9;

// The last event of each type. Starts with zeros at the beginning of each chunk, so that a chunk
// can be decoded alone.
class EventCoding {
 public:
  void reset() { images_ = {}; }

  // Writes the event at `to`, where kCodingBytesMax bytes are free; returns behind the last byte.
  [[nodiscard]] std::byte* encode(const venue::EventHeader& event, std::byte* to);

  // Appends the next event to `into`. False when the bytes are no such coding; nothing is appended.
  [[nodiscard]] bool decode(base::ByteReader& from, base::ByteWriter& into);

 private:
  using Image = std::array<std::uint64_t, kCodedWordsMax>;
  // Types 1 to 15 in a session's stream, 64 to 79 in the feed's.
  [[nodiscard]] static std::size_t slot(std::uint8_t type) { return type & 15u; }

  std::array<Image, 16> images_{};
};

}  // namespace okiagari::node

#include "node/event_coding.h"

#ifdef __BMI2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

#include "base/assert.h"

namespace okiagari::node {

namespace {

constexpr std::uint64_t kLowBits = 0x0101010101010101;
// Gathers the lowest bit of each byte into the top byte, lowest byte first.
constexpr std::uint64_t kGather = 0x0102040810204080;

// One bit for each byte that is not zero, at the byte's lowest bit.
std::uint64_t nonzero_bytes(std::uint64_t word) {
  word |= word >> 4;
  word |= word >> 2;
  word |= word >> 1;
  return word & kLowBits;
}

std::uint64_t pack(std::uint64_t word, std::uint64_t nonzero) {
#ifdef __BMI2__
  return _pext_u64(word, nonzero * 0xFF);
#else
  std::uint64_t packed = 0;
  for (int from = 0, to = 0; from < 64; from += 8) {
    if ((nonzero >> from & 1) == 0) continue;
    packed |= (word >> from & 0xFF) << to;
    to += 8;
  }
  return packed;
#endif
}

// A word without its bytes that `map` says are zero, spread to their places.
std::uint64_t unpack(base::Bytes bytes, std::uint8_t map) {
  std::uint64_t word = 0;
  for (std::size_t at = 0; map != 0; map = static_cast<std::uint8_t>(map & (map - 1))) {
    word |= std::uint64_t{static_cast<std::uint8_t>(bytes[at++])} << (8 * std::countr_zero(map));
  }
  return word;
}

}  // namespace

std::byte* EventCoding::encode(const venue::EventHeader& event, std::byte* to) {
  const std::size_t size = event.size_bytes;
  ASSERT(size >= sizeof(venue::EventHeader) && size <= kCodedEventBytesMax, "event of {} bytes",
         size);
  const auto* from = reinterpret_cast<const std::byte*>(&event);
  Image& image = images_[slot(static_cast<std::uint8_t>(event.type))];
  *to++ = static_cast<std::byte>(event.type);
  std::byte* const words_map = to;
  to += 2;
  unsigned changed_words = 0;
  const auto add_word = [&](std::size_t i, std::uint64_t word) {
    const std::uint64_t difference = word ^ image[i];
    if (difference == 0) return;
    image[i] = word;
    changed_words |= 1u << i;
    const std::uint64_t nonzero = nonzero_bytes(difference);
    *to++ = static_cast<std::byte>(nonzero * kGather >> 56);
    base::store_little(to, pack(difference, nonzero));
    to += std::popcount(nonzero);
  };
  const std::size_t whole_words = size / 8;
  for (std::size_t i = 0; i < whole_words; ++i) {
    add_word(i, base::load_little<std::uint64_t>(from + 8 * i));
  }
  if (size % 8 != 0) {
    std::uint64_t last = 0;
    std::memcpy(&last, from + 8 * whole_words, size % 8);
    add_word(whole_words, last);
  }
  base::store_little(words_map, static_cast<std::uint16_t>(changed_words));
  return to;
}

bool EventCoding::decode(base::ByteReader& from, base::ByteWriter& into) {
  const auto type = from.little<std::uint8_t>();
  unsigned changed_words = from.little<std::uint16_t>();
  Image& image = images_[slot(type)];
  for (; changed_words != 0; changed_words &= changed_words - 1) {
    const auto map = from.little<std::uint8_t>();
    const base::Bytes bytes = from.bytes(static_cast<std::size_t>(std::popcount(map)));
    if (!from.ok()) return false;
    image[static_cast<std::size_t>(std::countr_zero(changed_words))] ^= unpack(bytes, map);
  }
  venue::EventHeader header;
  std::memcpy(&header, image.data(), sizeof header);
  if (!from.ok() || static_cast<std::uint8_t>(header.type) != type ||
      header.size_bytes < sizeof header || header.size_bytes > kCodedEventBytesMax) {
    return false;
  }
  std::memcpy(into.extend(header.size_bytes), image.data(), header.size_bytes);
  return true;
}

}  // namespace okiagari::node

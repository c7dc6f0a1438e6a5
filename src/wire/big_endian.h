// Big-endian integers as members of packed structs, so that the layout of a public message is its
// struct: copying the bytes in is decoding, copying them out is encoding.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"

namespace okiagari::wire {

template <std::integral T>
class [[gnu::packed]] Big {
 public:
  constexpr Big() = default;
  constexpr Big(T value) : stored_(base::byteswap(value)) {}
  constexpr operator T() const { return base::byteswap(stored_); }

 private:
  T stored_ = 0;
};
static_assert(sizeof(Big<std::uint64_t>) == 8 && alignof(Big<std::uint64_t>) == 1);

// Nanoseconds since midnight in six bytes, as ITCH 5.0 has them; higher bits are dropped.
class [[gnu::packed]] Big48 {
 public:
  constexpr Big48() = default;
  constexpr Big48(std::uint64_t value)
      : high_(static_cast<std::uint16_t>(value >> 32)), low_(static_cast<std::uint32_t>(value)) {}
  constexpr operator std::uint64_t() const {
    return std::uint64_t{high_} << 32 | std::uint32_t{low_};
  }

 private:
  Big<std::uint16_t> high_;
  Big<std::uint32_t> low_;
};
static_assert(sizeof(Big48) == 6);

// Text of fixed width, left-aligned and padded with spaces.
template <std::size_t kWidth>
using Alpha = std::array<char, kWidth>;

template <std::size_t kWidth>
[[nodiscard]] constexpr Alpha<kWidth> alpha(std::string_view text) {
  Alpha<kWidth> field{};
  for (std::size_t i = 0; i < kWidth; ++i) field[i] = i < text.size() ? text[i] : ' ';
  return field;
}

// The text without its padding.
template <std::size_t kWidth>
[[nodiscard]] constexpr std::string_view trimmed(const Alpha<kWidth>& field) {
  std::size_t size = kWidth;
  while (size > 0 && field[size - 1] == ' ') --size;
  return {field.data(), size};
}

// The bytes as a message of type T, or null when there are too few. T is packed, so any address
// will do.
template <typename T>
[[nodiscard]] const T* view_as(base::Bytes bytes) {
  static_assert(alignof(T) == 1);
  return bytes.size() < sizeof(T) ? nullptr : reinterpret_cast<const T*>(bytes.data());
}

// Public protocols count time from midnight; the venue knows no time zone, so it is UTC's.
[[nodiscard]] constexpr std::uint64_t since_midnight_ns(TimestampNs time) {
  return time % (86'400ULL * 1'000'000'000ULL);
}

}  // namespace okiagari::wire

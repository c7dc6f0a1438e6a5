// The three hashes of the system, each for one purpose:
//   crc32c   finds damage of records on disk and of frames on links (Castagnoli polynomial, RFC
//   3720 B.4); hash64   compares state between replicas (XXH3-64); fast, not against an adversary;
//   Digest   chains histories and names what an approval was given for (BLAKE2b-256, RFC 7693).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace okiagari::base {

// CRC-32C of `bytes`, continuing from `seed` (the value of the bytes before; 0 at the start).
[[nodiscard]] std::uint32_t crc32c(Bytes bytes, std::uint32_t seed = 0);

// XXH3-64 of `bytes` with a seed; chaining is done by passing the previous value as the seed.
[[nodiscard]] std::uint64_t hash64(Bytes bytes, std::uint64_t seed = 0);

using Digest = std::array<std::byte, 32>;

// BLAKE2b-256 of the concatenation of the two parts.
[[nodiscard]] Digest digest(Bytes first, Bytes second = {});

// Keyed BLAKE2b-256, for log-in tokens. `key` is 16 to 64 bytes.
[[nodiscard]] Digest keyed_digest(Bytes key, Bytes message);

[[nodiscard]] std::string to_hex(Bytes bytes);
// False when `hex` is not exactly twice as long as `into` or holds something else than hex digits.
[[nodiscard]] bool from_hex(std::string_view hex, MutableBytes into);

// Comparison in constant time, for secrets.
[[nodiscard]] bool equal_constant_time(const Digest& a, const Digest& b);

}  // namespace okiagari::base

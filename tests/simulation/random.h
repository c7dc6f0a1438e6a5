// The simulator's only source of chance: small, quick, the same on every machine. Each part of a
// run draws from a stream of its own, so that taking one fault away does not deal new cards to all
// the others.
#pragma once

#include <cstdint>

namespace okiagari::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(mix(seed + 0x9E3779B97F4A7C15ULL * (stream + 1))) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return mix(state_);
  }
  // Below `bound`, which is at least 1.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  // Both ends belong to it.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool chance(std::uint32_t permille) { return below(1000) < permille; }

 private:
  // The finaliser of SplitMix64.
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
  }

  std::uint64_t state_;
};

}  // namespace okiagari::simulation

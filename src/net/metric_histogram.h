// Counts of measured values by size, for a metrics page: fixed bounds, nothing allocated, a few
// comparisons a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"

namespace okiagari::net {

class MetricHistogram {
 public:
  static constexpr std::size_t kBoundsMax = 24;

  // `bounds` ascend and live as long as the program. One of the page's units are `per_unit` of
  // theirs: 1e9 for nanoseconds shown as seconds.
  explicit MetricHistogram(std::span<const std::uint64_t> bounds, double per_unit = 1)
      : bounds_(bounds), per_unit_(per_unit) {
    ASSERT(bounds.size() <= kBoundsMax, "{} bounds", bounds.size());
  }

  void observe(std::uint64_t value) {
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
    ++counts_[bucket];
    sum_ += value;
  }

  [[nodiscard]] std::span<const std::uint64_t> bounds() const { return bounds_; }
  // Values up to that bound and above the one before; behind the last bound, all others.
  [[nodiscard]] std::uint64_t in_bucket(std::size_t bucket) const { return counts_[bucket]; }
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const std::uint64_t one : counts_) all += one;
    return all;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] double per_unit() const { return per_unit_; }

 private:
  std::span<const std::uint64_t> bounds_;
  double per_unit_;
  std::array<std::uint64_t, kBoundsMax + 1> counts_{};
  std::uint64_t sum_ = 0;
};

// 10 us to 5 s.
inline constexpr std::array<std::uint64_t, 18> kDurationBoundsNs{
    10'000,      20'000,      50'000,      100'000,       200'000,       500'000,
    1'000'000,   2'000'000,   5'000'000,   10'000'000,    20'000'000,    50'000'000,
    100'000'000, 200'000'000, 500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000};
inline constexpr std::array<std::uint64_t, 12> kCountBounds{1,   2,   5,   10,    20,    50,
                                                            100, 200, 500, 1'000, 2'000, 5'000};

[[nodiscard]] inline MetricHistogram duration_histogram() {
  return MetricHistogram(kDurationBoundsNs, 1e9);
}
[[nodiscard]] inline MetricHistogram count_histogram() { return MetricHistogram(kCountBounds); }

}  // namespace okiagari::net

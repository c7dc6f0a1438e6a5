// Counts of latencies, precise to about 3 %, in constant memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace okiagari::client {

class LatencyHistogram {
 public:
  void add(std::uint64_t latency_ns) {
    ++counts_[bucket_of(latency_ns)];
    ++count_;
    max_ns_ = std::max(max_ns_, latency_ns);
  }
  void add(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ns_ = std::max(max_ns_, other.max_ns_);
  }
  void clear() { *this = {}; }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max_ns() const { return max_ns_; }
  // The latency that the fraction `quantile` (0 to 1) of all did not exceed; 0 when there are none.
  [[nodiscard]] std::uint64_t quantile_ns(double quantile) const {
    const auto wanted = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= wanted) return std::min(upper_end_ns(i), max_ns_);
    }
    return max_ns_;
  }

 private:
  // 32 buckets for each power of two.
  static constexpr unsigned kBits = 5;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) << kBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < (2u << kBits)) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_end_ns(std::size_t bucket) {
    if (bucket < (2u << kBits)) return bucket;
    const std::size_t shift = (bucket >> kBits) - 1;
    const std::size_t mantissa = bucket - (shift << kBits);
    return ((std::uint64_t{mantissa} + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace okiagari::client

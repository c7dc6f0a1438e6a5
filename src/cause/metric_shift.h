// How far measured values left their own past: plain statistics that can be checked by hand.
// Nothing here knows what a value means.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace okiagari::cause {

// Middle and spread of a past, indifferent to a few wild values in it.
struct Baseline {
  double median = 0;
  double spread =
      0;  // as a standard deviation: from the quartiles, or the tails when they are wide
  double least = 0;
  double most = 0;
  std::size_t count = 0;
};

// Values that are not finite are left out.
[[nodiscard]] Baseline baseline_of(std::span<const double> past);

// In spreads, with a sign. A past that never moved still has a spread: a fiftieth of its median.
[[nodiscard]] double robust_deviation(double value, const Baseline& baseline);

// Whether two samples come from one distribution (Kolmogorov-Smirnov).
struct TwoSamples {
  double distance = 0;     // greatest distance of their cumulative shares, 0 to 1
  double probability = 1;  // of so great a distance by chance alone
};
[[nodiscard]] TwoSamples compare_samples(std::span<const double> one,
                                         std::span<const double> other);

// Where a series changed its level: the cut that leaves the least sum of absolute deviations from
// the medians on both sides. None when no cut explains at least a third of it.
struct ChangePoint {
  std::size_t at = 0;  // index of the first value of the new level
  double before = 0;
  double after = 0;
};
[[nodiscard]] std::optional<ChangePoint> find_change(std::span<const double> series);

// Drift that is too slow for a jump: sums of deviations beyond a slack, up and down.
class Cusum {
 public:
  explicit Cusum(const Baseline& baseline, double slack = 0.5, double limit = 8)
      : baseline_(baseline), slack_(slack), limit_(limit) {}
  // True from the value on that brings a sum over the limit; sums stay until reset().
  bool add(double value);
  void reset() { up_ = down_ = 0; }
  [[nodiscard]] double up() const { return up_; }
  [[nodiscard]] double down() const { return down_; }

 private:
  Baseline baseline_;
  double slack_;
  double limit_;
  double up_ = 0;
  double down_ = 0;
};

// A series of which nothing came for more than three times its usual interval. Times ascend.
[[nodiscard]] bool is_missing(std::span<const double> times_s, double now_s);

// How surprising it is that something happens `now_hits` times in `now_tries` after it did
// `past_hits` times in `past_tries`: the G statistic, 0 and up; above 11 is one in a thousand.
[[nodiscard]] double rate_surprise(double past_hits, double past_tries, double now_hits,
                                   double now_tries);

}  // namespace okiagari::cause

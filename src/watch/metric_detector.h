// One measured value against its own past: a sudden shift by robust deviations, a slow drift by a
// cumulative sum. What has been called a shift does not become usual until it has lasted.
#pragma once

#include <cstdint>
#include <optional>

#include "watch/robust_baseline.h"

namespace okiagari::watch {

struct MetricLimits {
  std::size_t window = 120;          // values that are the past
  std::size_t least = 20;            // before that nothing is compared
  double deviations = 8;             // of a shift
  std::size_t in_a_row = 2;          // so many beyond it
  double drift_slack = 1;            // deviations that a drift may have without adding up
  double drift_sum = 60;             // deviations added up
  double least_spread = 0;           // in the value's unit
  double least_spread_share = 0.05;  // and as a share of the median
  std::size_t usual_after = 60;      // values after which a shift is the new usual
};

class MetricDetector {
 public:
  struct Shift {
    double value = 0;
    double baseline = 0;
    double effect = 0;
    bool is_drift = false;
  };

  explicit MetricDetector(MetricLimits limits = {});
  // A shift when it begins, once.
  std::optional<Shift> add(double value);
  [[nodiscard]] double median() const { return past_.median(); }
  [[nodiscard]] bool is_shifted() const { return is_shifted_; }

 private:
  void settle();

  MetricLimits limits_;
  RobustBaseline past_;
  std::size_t beyond_in_a_row_ = 0;
  std::size_t shifted_for_ = 0;
  bool is_shifted_ = false;
  double up_ = 0;
  double down_ = 0;
};

}  // namespace okiagari::watch

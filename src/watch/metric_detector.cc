#include "watch/metric_detector.h"

#include <algorithm>
#include <cmath>

namespace okiagari::watch {

MetricDetector::MetricDetector(MetricLimits limits) : limits_(limits), past_(limits.window) {}

std::optional<MetricDetector::Shift> MetricDetector::add(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  if (past_.count() < limits_.least) {
    past_.add(value);
    return std::nullopt;
  }
  const double median = past_.median();
  const double least_spread =
      std::max({limits_.least_spread, limits_.least_spread_share * std::abs(median), 1e-9});
  const double deviations = past_.deviation(value, least_spread);
  if (std::abs(deviations) > limits_.deviations) {
    ++beyond_in_a_row_;
    if (is_shifted_ && ++shifted_for_ >= limits_.usual_after) settle();
    if (is_shifted_ || beyond_in_a_row_ < limits_.in_a_row) return std::nullopt;
    is_shifted_ = true;
    return Shift{value, median, deviations, false};
  }
  beyond_in_a_row_ = 0;
  is_shifted_ = false;
  shifted_for_ = 0;
  up_ = std::max(0.0, up_ + deviations - limits_.drift_slack);
  down_ = std::max(0.0, down_ - deviations - limits_.drift_slack);
  if (std::max(up_, down_) > limits_.drift_sum) {
    settle();
    past_.add(value);
    return Shift{value, median, deviations, true};
  }
  past_.add(value);
  return std::nullopt;
}

// From here on it is compared with what it has become.
void MetricDetector::settle() {
  past_.clear();
  is_shifted_ = false;
  shifted_for_ = 0;
  beyond_in_a_row_ = 0;
  up_ = 0;
  down_ = 0;
}

}  // namespace okiagari::watch

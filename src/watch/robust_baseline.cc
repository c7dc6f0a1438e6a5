#include "watch/robust_baseline.h"

#include <algorithm>
#include <cmath>

namespace okiagari::watch {

namespace {

// Interquartile range over standard deviation, of a normal distribution.
constexpr double kRangeOfDeviation = 1.349;

double quantile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return 0;
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - std::floor(at)) * (sorted[high] - sorted[low]);
}

}  // namespace

void RobustBaseline::add(double value) {
  if (!std::isfinite(value)) return;
  if (values_.size() < window_) {
    values_.push_back(value);
  } else {
    values_[next_] = value;
    next_ = (next_ + 1) % window_;
  }
  is_sorted_ = false;
}

void RobustBaseline::clear() {
  values_.clear();
  next_ = 0;
  is_sorted_ = false;
}

void RobustBaseline::refresh() const {
  if (is_sorted_) return;
  sorted_ = values_;
  std::sort(sorted_.begin(), sorted_.end());
  is_sorted_ = true;
}

double RobustBaseline::median() const {
  refresh();
  return quantile(sorted_, 0.5);
}

double RobustBaseline::spread() const {
  refresh();
  return (quantile(sorted_, 0.75) - quantile(sorted_, 0.25)) / kRangeOfDeviation;
}

double RobustBaseline::deviation(double value, double least_spread) const {
  return (value - median()) / std::max(spread(), least_spread);
}

}  // namespace okiagari::watch

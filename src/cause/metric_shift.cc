#include "cause/metric_shift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace okiagari::cause {

namespace {

// A normal distribution's quartiles are 1.349 deviations apart, its 5th and 95th share 3.29.
constexpr double kQuartilesApart = 1.349;
constexpr double kTailsApart = 3.290;
constexpr double kLeastRelativeSpread = 0.02;
constexpr double kLeastSpread = 1e-6;
constexpr double kExplainedAtLeast = 1.0 / 3;

std::vector<double> finite_sorted(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](double value) { return std::isfinite(value); });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double median_of(std::span<const double> values) {
  const std::vector<double> sorted = finite_sorted(values);
  return sorted.empty() ? 0 : quantile(sorted, 0.5);
}

double deviation_sum(std::span<const double> values, double middle) {
  double sum = 0;
  for (const double value : values) {
    if (std::isfinite(value)) sum += std::abs(value - middle);
  }
  return sum;
}

double log_likelihood(double hits, double tries, double share) {
  double sum = 0;
  if (hits > 0) sum += hits * std::log(share);
  if (tries > hits) sum += (tries - hits) * std::log(1 - share);
  return sum;
}

}  // namespace

Baseline baseline_of(std::span<const double> past) {
  const std::vector<double> sorted = finite_sorted(past);
  Baseline baseline;
  baseline.count = sorted.size();
  if (sorted.empty()) return baseline;
  baseline.median = quantile(sorted, 0.5);
  baseline.least = sorted.front();
  baseline.most = sorted.back();
  const double quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / kQuartilesApart;
  const double tails = (quantile(sorted, 0.95) - quantile(sorted, 0.05)) / kTailsApart;
  baseline.spread = std::max(quartiles, tails);
  return baseline;
}

double robust_deviation(double value, const Baseline& baseline) {
  if (baseline.count == 0 || !std::isfinite(value)) return 0;
  const double least = std::max(kLeastRelativeSpread * std::abs(baseline.median), kLeastSpread);
  return (value - baseline.median) / std::max(baseline.spread, least);
}

TwoSamples compare_samples(std::span<const double> one, std::span<const double> other) {
  const std::vector<double> a = finite_sorted(one);
  const std::vector<double> b = finite_sorted(other);
  TwoSamples result;
  if (a.empty() || b.empty()) return result;
  const auto size_a = static_cast<double>(a.size());
  const auto size_b = static_cast<double>(b.size());
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    const double apart =
        std::abs(static_cast<double>(i) / size_a - static_cast<double>(j) / size_b);
    result.distance = std::max(result.distance, apart);
  }
  const double size = std::sqrt(size_a * size_b / (size_a + size_b));
  const double lambda = (size + 0.12 + 0.11 / size) * result.distance;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * lambda * lambda);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-12) break;
  }
  result.probability = lambda < 0.2 ? 1 : std::clamp(2 * sum, 0.0, 1.0);
  return result;
}

std::optional<ChangePoint> find_change(std::span<const double> series) {
  constexpr std::size_t kSideMin = 3;
  if (series.size() < 2 * kSideMin) return std::nullopt;
  const double whole = deviation_sum(series, median_of(series));
  std::optional<ChangePoint> best;
  double best_sum = whole * (1 - kExplainedAtLeast);
  for (std::size_t cut = kSideMin; cut + kSideMin <= series.size(); ++cut) {
    const auto before = series.first(cut);
    const auto after = series.subspan(cut);
    const double median_before = median_of(before);
    const double median_after = median_of(after);
    const double sum = deviation_sum(before, median_before) + deviation_sum(after, median_after);
    if (sum < best_sum) {
      best_sum = sum;
      best = ChangePoint{cut, median_before, median_after};
    }
  }
  return best;
}

bool Cusum::add(double value) {
  const double deviation = robust_deviation(value, baseline_);
  up_ = std::max(0.0, up_ + deviation - slack_);
  down_ = std::max(0.0, down_ - deviation - slack_);
  return up_ > limit_ || down_ > limit_;
}

bool is_missing(std::span<const double> times_s, double now_s) {
  if (times_s.size() < 3) return false;
  std::vector<double> intervals;
  for (std::size_t at = 1; at < times_s.size(); ++at) {
    intervals.push_back(times_s[at] - times_s[at - 1]);
  }
  return now_s - times_s.back() > 3 * median_of(intervals);
}

double rate_surprise(double past_hits, double past_tries, double now_hits, double now_tries) {
  if (past_tries <= 0 || now_tries <= 0) return 0;
  const double share = (past_hits + now_hits) / (past_tries + now_tries);
  if (share <= 0 || share >= 1) return 0;
  return 2 * (log_likelihood(past_hits, past_tries, past_hits / past_tries) +
              log_likelihood(now_hits, now_tries, now_hits / now_tries) -
              log_likelihood(past_hits, past_tries, share) -
              log_likelihood(now_hits, now_tries, share));
}

}  // namespace okiagari::cause

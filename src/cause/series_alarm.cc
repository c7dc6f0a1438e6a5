#include "cause/series_alarm.h"

#include <algorithm>
#include <cmath>

namespace okiagari::cause {

namespace {

constexpr std::size_t kPastMin = 30;
constexpr std::size_t kLastMax = 12;
constexpr double kLeastAlarm = 1;
// After an alarm, for this share of what was seen, only one so much more unusual is another.
constexpr double kQuietShare = 0.08;
constexpr double kLouder = 1.5;
// From the 1st to the 99th share of a normal distribution, in deviations; and between its
// quartiles.
constexpr double kTailsApart = 4.65;
constexpr double kQuartilesApart = 1.35;
constexpr double kTiny = 1e-6;

double tails_of(const SortedPast& past) {
  return (past.quantile(0.99) - past.quantile(0.01)) / kTailsApart;
}

}  // namespace

void SortedPast::add(double value) {
  if (in_time_.size() == kValuesMax) {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), in_time_.front()));
    in_time_.pop_front();
  }
  in_time_.push_back(value);
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

double SortedPast::quantile(double share) const {
  if (sorted_.empty()) return 0;
  return sorted_[static_cast<std::size_t>(share * static_cast<double>(sorted_.size() - 1))];
}

double SeriesAlarm::unusualness(double value, double middle) const {
  const double median = values_.quantile(0.5);
  const double quartiles = (values_.quantile(0.75) - values_.quantile(0.25)) / kQuartilesApart;
  const double spread = std::max({quartiles, tails_of(values_), 0.02 * std::abs(median), kTiny});
  const double step = std::abs(value - last_.back());
  const double usual_step = steps_.quantile(0.5);
  const double step_spread =
      std::max((steps_.quantile(0.99) - usual_step) / (kTailsApart / 2), 0.01 * spread);
  const double usual_middle = middles_.quantile(0.5);
  const double middle_spread = std::max({tails_of(middles_), 0.01 * std::abs(usual_middle), kTiny});
  const double least = values_.quantile(0);
  const double most = values_.quantile(1);
  const double outside =
      std::max({0.0, value - most, least - value}) / std::max(most - least, kTiny);
  const double sum = std::abs(value - median) / spread / 4 + (step - usual_step) / step_spread / 8 +
                     std::abs(middle - usual_middle) / middle_spread / 4;
  return sum * (1 + 2 * std::min(outside, 1.0));
}

std::optional<double> SeriesAlarm::add(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  std::vector<double> last(last_.begin(), last_.end());
  last.push_back(value);
  if (last.size() > kLastMax) last.erase(last.begin());
  const auto half = last.begin() + static_cast<std::ptrdiff_t>(last.size() / 2);
  std::nth_element(last.begin(), half, last.end());
  const double middle = *half;
  std::optional<double> alarm;
  if (values_.size() >= kPastMin) {
    const double unusual = unusualness(value, middle);
    const auto quiet = kQuietShare * static_cast<double>(seen_);
    const bool is_quiet = alarm_ > 0 && static_cast<double>(seen_ - alarm_at_) <= quiet;
    if (unusual >= kLeastAlarm && (!is_quiet || unusual > kLouder * alarm_)) {
      alarm = unusual;
      alarm_ = unusual;
      alarm_at_ = seen_;
    }
  }
  values_.add(value);
  middles_.add(middle);
  if (!last_.empty()) steps_.add(std::abs(value - last_.back()));
  last_.push_back(value);
  if (last_.size() > kLastMax) last_.pop_front();
  ++seen_;
  return alarm;
}

}  // namespace okiagari::cause

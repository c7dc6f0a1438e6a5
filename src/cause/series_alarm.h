// Unusual values in one series while it streams, without a model of it: how far a value, its step
// from the one before, and the middle of the last values lie from all that was seen, in robust
// spreads; more so beyond the greatest or least value ever seen. After an alarm the bar is higher
// for a while, so that one disturbance is one alarm.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace okiagari::cause {

// The last values of a stream, in order of size.
class SortedPast {
 public:
  static constexpr std::size_t kValuesMax = 10'000;
  void add(double value);
  [[nodiscard]] double quantile(double share) const;
  [[nodiscard]] std::size_t size() const { return sorted_.size(); }

 private:
  std::deque<double> in_time_;
  std::vector<double> sorted_;
};

class SeriesAlarm {
 public:
  // How unusual the next value is, when it gives an alarm. Values that are not finite are passed
  // over; the first thirty give none.
  std::optional<double> add(double value);

 private:
  [[nodiscard]] double unusualness(double value, double middle) const;

  SortedPast values_;
  SortedPast steps_;
  SortedPast middles_;
  std::deque<double> last_;
  std::size_t seen_ = 0;
  std::size_t alarm_at_ = 0;
  double alarm_ = 0;
};

// Above this an alarm is worth a look: what suits the public series of docs/cause.md best.
inline constexpr double kAlarmWorthALook = 2.74;

}  // namespace okiagari::cause

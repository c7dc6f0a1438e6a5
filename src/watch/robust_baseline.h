// The usual value of something, from its own bounded past: median and interquartile range, which a
// few wild values do not move.
#pragma once

#include <cstddef>
#include <vector>

namespace okiagari::watch {

class RobustBaseline {
 public:
  explicit RobustBaseline(std::size_t window = 256) : window_(window) {}

  void add(double value);
  void clear();

  [[nodiscard]] std::size_t count() const { return values_.size(); }
  [[nodiscard]] double median() const;
  // The interquartile range as a standard deviation of a normal distribution would have it.
  [[nodiscard]] double spread() const;
  // How many spreads the value is from the median; a spread is at least `least_spread`, so that
  // what never varied does not make every change infinite.
  [[nodiscard]] double deviation(double value, double least_spread) const;

 private:
  void refresh() const;

  std::size_t window_;
  std::size_t next_ = 0;
  std::vector<double> values_;
  mutable std::vector<double> sorted_;
  mutable bool is_sorted_ = false;
};

}  // namespace okiagari::watch

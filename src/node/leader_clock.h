// The time that a leader stamps on its batches: its wall clock, but never backwards, and never
// further ahead than one step from the batch before.
#pragma once

#include <algorithm>

#include "base/types.h"

namespace okiagari::node {

class LeaderClock {
 public:
  explicit LeaderClock(std::uint64_t step_max_ns) : step_max_ns_(step_max_ns) {}

  // A new leader goes on from what the log says.
  void restart_after(TimestampNs last) { last_ = last; }

  [[nodiscard]] TimestampNs stamp(TimestampNs wall_ns) {
    // A new market has no time yet.
    const TimestampNs latest = last_ == 0 ? wall_ns : last_ + step_max_ns_;
    last_ = std::clamp(wall_ns, last_, std::max(last_, latest));
    return last_;
  }
  // More than one step behind: the stamps need more batches to catch up.
  [[nodiscard]] bool is_behind(TimestampNs wall_ns) const {
    return last_ != 0 && wall_ns > last_ && wall_ns - last_ > step_max_ns_;
  }

 private:
  std::uint64_t step_max_ns_;
  TimestampNs last_ = 0;
};

}  // namespace okiagari::node

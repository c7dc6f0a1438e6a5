#include "desk/storm.h"

#include <utility>

namespace okiagari::desk {

// A window with sums ends when they are taken, so that none is lost.
void Storm::begin_if_over(TimestampNs now_ns) {
  if (!sums_.empty() || now_ns < begun_ns_ + kWindowNs) return;
  begun_ns_ = now_ns;
  told_ = 0;
}

void Storm::told(TimestampNs now_ns) {
  begin_if_over(now_ns);
  ++told_;
}

bool Storm::has_room(TimestampNs now_ns) {
  begin_if_over(now_ns);
  return told_ < kToldMax;
}

bool Storm::count(const std::string& incident, const std::string& signal) {
  const bool is_first = sums_.empty();
  const bool has_own = sums_.contains(incident) || sums_.size() < kIncidentsMax;
  Counts& counts = sums_[has_own ? incident : ""];
  const bool has_signal = counts.contains(signal) || counts.size() < kSignalsMax;
  ++counts[has_signal ? signal : "other"];
  return is_first;
}

std::map<std::string, Storm::Counts> Storm::take() {
  begun_ns_ += kWindowNs;
  told_ = 0;
  return std::exchange(sums_, {});
}

}  // namespace okiagari::desk

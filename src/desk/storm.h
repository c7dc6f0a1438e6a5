// Many observations at once: the first of a window are told one by one, what follows is counted by
// what it says and told as a sum. What must never be in a sum is for the caller to say.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"
#include "desk/part.h"

namespace okiagari::desk {

class Storm {
 public:
  static constexpr TimestampNs kWindowNs = 10'000'000'000;
  static constexpr std::uint64_t kToldMax = 100;     // in a window
  static constexpr std::size_t kSignalsMax = 100;    // with a sum of their own, for an incident
  static constexpr std::size_t kIncidentsMax = 100;  // the same; the others share one

  using Counts = std::map<std::string, std::uint64_t>;  // by signal

  // Of an observation that is told in any case.
  void told(TimestampNs now_ns);
  // Whether there is room to tell one more by itself; if not, it is counted.
  [[nodiscard]] bool has_room(TimestampNs now_ns);
  // True for the first of a window that is only counted.
  bool count(const std::string& incident, const std::string& signal);

  // When the sums are to be told.
  [[nodiscard]] TimestampNs due_ns() const {
    return sums_.empty() ? kNever : begun_ns_ + kWindowNs;
  }
  // By incident, empty for those of none; begins anew.
  std::map<std::string, Counts> take();

 private:
  void begin_if_over(TimestampNs now_ns);

  TimestampNs begun_ns_ = 0;
  std::uint64_t told_ = 0;
  std::map<std::string, Counts> sums_;
};

}  // namespace okiagari::desk

// Something that must last for a while before it is said, and is said once for as long as it lasts.
#pragma once

#include <cstdint>

#include "watch/moment.h"

namespace okiagari::watch {

struct Lasting {
  std::uint64_t since_ms = 0;  // 0: it is not so
  TimestampNs since_ns = 0;
  bool was_said = false;

  // True when it has just lasted long enough.
  [[nodiscard]] bool holds(bool is_so, std::uint64_t for_ms, const Moment& moment) {
    if (!is_so) {
      *this = {};
      return false;
    }
    if (since_ms == 0) {
      since_ms = moment.steady_ms;
      since_ns = moment.wall_ns;
    }
    if (was_said || moment.steady_ms < since_ms + for_ms) return false;
    was_said = true;
    return true;
  }
};

}  // namespace okiagari::watch

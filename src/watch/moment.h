// When something was seen: on the clock that only runs forward, for measuring, and on the wall's,
// for people. Detectors are fed with it, so that tests need no waiting.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "net/loop.h"

namespace okiagari::watch {

struct Moment {
  std::uint64_t steady_ms = 0;
  TimestampNs wall_ns = 0;

  [[nodiscard]] static Moment now() { return {net::Loop::now_ms(), net::Loop::wall_ns()}; }
};

}  // namespace okiagari::watch

// How well a loop keeps its time: how late its turns begin, and how long each keeps the others
// waiting.
#pragma once

#include <algorithm>
#include <cstdint>

#include "net/loop.h"
#include "net/metric_histogram.h"
#include "net/metrics.h"

namespace okiagari::net {

class LoopMeter {
 public:
  // Loop::turn(), followed by end_turn().
  void turn(Loop& loop, std::uint64_t deadline_ms) {
    if (begun_ns_ != 0) busy_.observe(Loop::now_ns() - begun_ns_);
    loop.turn(deadline_ms);
    begun_ns_ = Loop::now_ns();
    const std::uint64_t due_ns = deadline_ms * 1'000'000;
    // A deadline of the past asks for a turn at once, and says nothing about time.
    if (deadline_ms > last_ms_) late_.observe(begun_ns_ > due_ns ? begun_ns_ - due_ns : 0);
    last_ms_ = begun_ns_ / 1'000'000;
  }

  void write(MetricsWriter& writer) const {
    writer.histogram("okiagari_loop_lateness_seconds", "seconds",
                     "How long after its deadline a turn of the event loop began.");
    writer.value(late_);
    writer.histogram("okiagari_loop_busy_seconds", "seconds",
                     "How long the work after waiting took, turn by turn.");
    writer.value(busy_);
  }

 private:
  std::uint64_t begun_ns_ = 0;
  std::uint64_t last_ms_ = 0;
  MetricHistogram late_ = duration_histogram();
  MetricHistogram busy_ = duration_histogram();
};

}  // namespace okiagari::net

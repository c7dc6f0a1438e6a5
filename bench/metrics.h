// `okiagari bench metrics`: what counting costs where commands pass. A neutral stream goes through
// the whole state machine, of every two batches one with what a gateway and a node count and time
// of each command, batch and turn, the other without.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/report.h"
#include "bench/neutral_stream.h"

namespace okiagari::bench {

struct MetricsOptions {
  const Stream* stream = find_stream("A1");
  std::uint64_t commands = kWholeStream;
  std::uint32_t rounds = 5;
  std::uint32_t batch_commands = 256;
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

// By the thread's own time. In each next round the other batches are the counted ones. The floor is
// the time of the counting with nothing between.
[[nodiscard]] base::Report bench_metrics(const MetricsOptions& options);

}  // namespace okiagari::bench

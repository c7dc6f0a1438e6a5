// What every measurement shares: the thread's own time and the middle of several rounds.
#pragma once

#include <cstdint>
#include <vector>

namespace okiagari::bench {

// The thread's own time: what others do on the machine is not counted as ours.
[[nodiscard]] std::uint64_t thread_time_ns();
[[nodiscard]] double median(std::vector<double> values);

}  // namespace okiagari::bench

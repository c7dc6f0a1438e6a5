// Ctrl-C and SIGTERM as a wish that is looked at between turns, for commands that end in order.
#pragma once

#include <atomic>

namespace okiagari::cli {

// From now on the two only set the flag that this returns.
const std::atomic<bool>& catch_stop_signals();
[[nodiscard]] bool is_stop_asked();

}  // namespace okiagari::cli

// Always-on invariant check. A broken invariant stops the process with its state printed, in
// release builds too: a replica that is wrong must not go on. Never used for mistakes of users or
// peers; those are values (see base/result.h).
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace okiagari::base {

// Called once, just before the process ends, to print what the component knew. It must not allocate
// more than it has to and must not take locks. Null clears it. One per process.
using StatePrinter = void (*)();
void set_state_printer(StatePrinter printer);

// Prints the location, the condition and the message, calls the state printer, then abort()s.
[[noreturn]] void fail_invariant(const char* file, int line, const char* condition,
                                 std::string_view message);

}  // namespace okiagari::base

#define ASSERT(condition, ...)                                         \
  do {                                                                 \
    if (!(condition)) [[unlikely]] {                                   \
      ::okiagari::base::fail_invariant(__FILE__, __LINE__, #condition, \
                                       ::fmt::format("" __VA_ARGS__)); \
    }                                                                  \
  } while (false)

// A process that dies of a fault of its own says where, and still dies of the signal.
#include "base/crash_report.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/assert.h"
#include "base/sanitized.h"

namespace okiagari::base {
namespace {

#ifndef OKIAGARI_HAS_ADDRESS_SANITIZER

TEST(CrashReportDeathTest, FaultIsNamedWithItsFramesAndEndsTheProcessAsItWould) {
  const auto fault = [] {
    report_crashes();
    ::raise(SIGSEGV);
  };
  EXPECT_EXIT(fault(), ::testing::KilledBySignal(SIGSEGV),
              "died of signal 11 \\(segmentation fault\\) at address 0x[^\n]*\n"
              "backtrace, [0-9]+ frames:\n");
}

TEST(CrashReportDeathTest, BrokenInvariantHasItsStateFirstAndThenItsFrames) {
  const auto fault = [] {
    report_crashes();
    ASSERT(1 + 1 == 3, "sums");
  };
  EXPECT_EXIT(fault(), ::testing::KilledBySignal(SIGABRT),
              "invariant broken: 1 \\+ 1 == 3[^\n]*sums\n.*died of signal 6 \\(abort\\)\n"
              "backtrace, [0-9]+ frames:\n");
}

int depth(int so_far) {
  volatile char room[4096];
  room[0] = static_cast<char>(so_far);
  // Deeper than any stack.
  return so_far == 1 << 30 ? 0 : depth(so_far + 1) + room[0];
}

TEST(CrashReportDeathTest, StackThatHasRunOverIsReportedToo) {
  const auto fault = [] {
    report_crashes();
    [[maybe_unused]] const volatile int deep = depth(0);
  };
  EXPECT_EXIT(fault(), ::testing::KilledBySignal(SIGSEGV), "died of signal 11");
}

#endif

}  // namespace
}  // namespace okiagari::base

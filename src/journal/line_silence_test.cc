#include "journal/line_silence.h"

#include <gtest/gtest.h>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kLimitMs = 60;

TEST(LineSilence, WhatIsNotAcknowledgedForTheLimitIsSilence) {
  LineSilence silence(kLimitMs);
  for (std::uint64_t now_ms = 1'000; now_ms < 1'060; now_ms += 5) {
    EXPECT_FALSE(silence.is_silent({100, true}, now_ms)) << now_ms;
  }
  EXPECT_TRUE(silence.is_silent({100, true}, 1'060));
}

TEST(LineSilence, ALineOverWhichNothingIsSentIsNotSilent) {
  LineSilence silence(kLimitMs);
  for (std::uint64_t now_ms = 1'000; now_ms < 2'000; now_ms += 5) {
    EXPECT_FALSE(silence.is_silent({100, false}, now_ms)) << now_ms;
  }
  EXPECT_FALSE(silence.is_silent({100, true}, 2'000)) << "just sent";
}

TEST(LineSilence, ASlowLineThatGoesOnAcknowledgingIsNotSilent) {
  LineSilence silence(kLimitMs);
  std::uint64_t acknowledged_bytes = 0;
  for (std::uint64_t now_ms = 1'000; now_ms < 2'000; now_ms += 5) {
    if (now_ms % 50 == 0) ++acknowledged_bytes;
    EXPECT_FALSE(silence.is_silent({acknowledged_bytes, true}, now_ms)) << now_ms;
  }
}

TEST(LineSilence, AProcessThatStoodStillItselfTakesNoLineForSilent) {
  LineSilence silence(kLimitMs);
  EXPECT_FALSE(silence.is_silent({100, true}, 1'000));
  EXPECT_FALSE(silence.is_silent({100, true}, 1'300));
  EXPECT_FALSE(silence.is_silent({100, true}, 1'330));
  EXPECT_TRUE(silence.is_silent({100, true}, 1'360));
}

}  // namespace
}  // namespace okiagari::journal

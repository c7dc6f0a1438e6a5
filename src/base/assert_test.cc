#include "base/assert.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace okiagari::base {
namespace {

TEST(AssertDeathTest, ABrokenInvariantPrintsTheStateAndStopsInReleaseToo) {
  EXPECT_DEATH(
      {
        set_state_printer([] { std::fprintf(stderr, "applied 42\n"); });
        ASSERT(1 + 1 == 3, "sum {}", 2);
      },
      "invariant broken: 1 \\+ 1 == 3 .*sum 2\napplied 42");
}

TEST(Assert, EvaluatesItsConditionOnceAndGoesOn) {
  int calls = 0;
  ASSERT(++calls == 1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace okiagari::base

#include "check/fault_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace okiagari::check {
namespace {

TEST(FaultPlan, FaultsAreSpreadOverTheRun) {
  const auto plan = plan_faults("kill=2,gateway-kill", 4'000, 1);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.value().size(), 3U);
  EXPECT_EQ(plan.value()[0].at_ms, 1'000U);
  EXPECT_EQ(plan.value()[2].at_ms, 3'000U);
  EXPECT_EQ(std::count_if(plan.value().begin(), plan.value().end(),
                          [](const PlannedFault& one) { return one.fault == Fault::kill; }),
            2);
}

TEST(FaultPlan, TheSeedDecidesTheirOrder) {
  bool differs = false;
  const auto first = plan_faults("kill=3,stop=3", 1'000, 1).value();
  for (std::uint64_t seed = 2; seed < 10; ++seed) {
    const auto other = plan_faults("kill=3,stop=3", 1'000, seed).value();
    for (std::size_t at = 0; at < other.size(); ++at) {
      if (other[at].fault != first[at].fault) differs = true;
    }
  }
  EXPECT_TRUE(differs);
}

TEST(FaultPlan, NoneIsNone) {
  EXPECT_TRUE(plan_faults("", 1'000, 1).value().empty());
  EXPECT_TRUE(plan_faults("none", 1'000, 1).value().empty());
}

TEST(FaultPlan, WhatIsNoFaultIsNamed) {
  for (const char* text : {"kil", "kill=", "kill=x", "kill,,stop", "kill=2x"}) {
    const auto plan = plan_faults(text, 1'000, 1);
    ASSERT_FALSE(plan.ok()) << text;
  }
  EXPECT_NE(plan_faults("kil", 1, 1).error().message.find("'kil'"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::check

#include "drill/drill_plan.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace okiagari::drill {
namespace {

std::vector<Fault> all_faults() {
  std::vector<Fault> faults;
  for (const FaultCard& card : fault_cards()) faults.push_back(card.fault);
  return faults;
}

TEST(DrillPlanTest, EveryFaultComesAsOftenAsWanted) {
  std::map<Fault, int> counts;
  std::set<std::uint64_t> seeds;
  for (const PlannedDrill& drill : plan_campaign(all_faults(), 3, 7)) {
    ++counts[drill.fault];
    seeds.insert(drill.seed);
  }
  EXPECT_EQ(counts.size(), kFaults);
  for (const auto& [fault, count] : counts) EXPECT_EQ(count, 3) << card_of(fault).name;
  EXPECT_EQ(seeds.size(), 3 * kFaults);
}

TEST(DrillPlanTest, ASeedGivesTheSamePlanAgainAndAnotherSeedAnotherOne) {
  const auto order = [](std::uint64_t seed) {
    std::vector<std::pair<Fault, std::uint64_t>> drills;
    for (const PlannedDrill& drill : plan_campaign(all_faults(), 3, seed)) {
      drills.emplace_back(drill.fault, drill.seed);
    }
    return drills;
  };
  EXPECT_EQ(order(7), order(7));
  EXPECT_NE(order(7), order(8));
}

TEST(DrillPlanTest, TheFaultComesAtAMomentThatTheSeedDraws) {
  std::set<std::uint64_t> moments;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) moments.insert(draw_times(seed).before_ms);
  EXPECT_GT(moments.size(), 15U);
}

}  // namespace
}  // namespace okiagari::drill

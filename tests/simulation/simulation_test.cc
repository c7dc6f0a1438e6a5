// Goal: the promises hold under every fault, and each work-around of the consensus library's bugs
// is needed. Method: seeds, each a whole run of a cluster; docs/simulator.md.
#include "tests/simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>

#include "tests/simulation/campaign.h"
#include "tests/simulation/shrink.h"

namespace okiagari::simulation {
namespace {

using ::testing::SizeIs;

std::string with_work_around(std::uint64_t seed) { return run_apart(scenario_of(seed)); }
std::string without_work_around(std::uint64_t seed, std::uint32_t number) {
  Scenario scenario = scenario_of(seed);
  scenario.work_around_off = number;
  return run_apart(scenario);
}

TEST(Simulation, KeepsEveryPromiseThroughHundredsOfSeeds) {
  const CampaignResult result =
      run_campaign({.first_seed = 1, .seeds = 1'000, .jobs = 2}, scenario_of);
  for (const Failure& failure : result.failures) {
    ADD_FAILURE() << "seed " << failure.seed << ": " << failure.what
                  << "\nagain: okiagari_simulate --first " << failure.seed << " --trace";
  }
  EXPECT_EQ(result.seeds, 1'000U);
  // What a run is worth: so many commands, so much time, so many faults.
  EXPECT_GE(result.tally.commands_decided, 500 * result.seeds);
  EXPECT_GE(result.tally.virtual_us, 5'000'000 * result.seeds);
  std::uint64_t faults = 0;
  for (const std::uint64_t of_a_kind : result.tally.faults) faults += of_a_kind;
  EXPECT_GE(faults, 5 * result.seeds);
}

TEST(Simulation, OfTheSameSeedIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Tally first_tally;
    Tally second_tally;
    const Outcome first = simulate(scenario_of(seed), first_tally, false);
    const Outcome second = simulate(scenario_of(seed), second_tally, false);
    EXPECT_EQ(first.fingerprint, second.fingerprint) << "seed " << seed;
    EXPECT_EQ(first_tally.branches, second_tally.branches) << "seed " << seed;
  }
}

TEST(Shrink, LeavesOnlyTheFaultsThatMatter) {
  Scenario scenario = scenario_of(3);
  scenario.faults.resize(6);
  for (std::size_t i = 0; i < 6; ++i) scenario.faults[i].amount = i;
  // Fails when the faults 1 and 4 are both there.
  const Judge judge = [](const Scenario& tried) -> std::string {
    int found = 0;
    for (const Fault& fault : tried.faults) found += fault.amount == 1 || fault.amount == 4;
    return found == 2 ? "failed" : "";
  };
  EXPECT_THAT(shrink(scenario, judge).faults, SizeIs(2));
}

TEST(Campaign, AnAbortIsTheFailureOfItsSeed) {
  const ScenarioMaker make = [](std::uint64_t seed) {
    ASSERT(seed != 7, "planted");
    return scenario_of(seed);
  };
  const CampaignResult result = run_campaign({.first_seed = 5, .seeds = 5, .jobs = 2}, make);
  EXPECT_EQ(result.seeds, 5U);
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].seed, 7U);
  EXPECT_NE(result.failures[0].what.find("planted"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::simulation

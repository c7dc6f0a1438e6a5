// Goal: the promises hold under every fault, and each work-around of the consensus library's bugs
// is needed. Method: seeds, each a whole run of a cluster; docs/simulator.md.
#include "tests/simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>

#include "tests/simulation/campaign.h"
#include "tests/simulation/shrink.h"

namespace okiagari::simulation {
namespace {

using ::testing::SizeIs;

// Among the first `failures_max` seeds that fail without the work-around one must fail as `how`
// says, and be good with it. Seeds are searched, not written down: any change of the code under
// test deals new cards.
void expect_needed(std::uint32_t work_around, const ScenarioMaker& make, std::uint64_t seeds_max,
                   const std::string& how, std::size_t failures_max = 1) {
  const ScenarioMaker make_without = [&](std::uint64_t seed) {
    Scenario scenario = make(seed);
    scenario.work_around_off = work_around;
    return scenario;
  };
  const CampaignResult without = run_campaign({.first_seed = 1,
                                               .seeds = seeds_max,
                                               .jobs = 2,
                                               .work_around_off = work_around,
                                               .failures_max = failures_max},
                                              make_without);
  ASSERT_FALSE(without.failures.empty()) << "none of " << without.seeds << " seeds needs it";
  const auto found =
      std::find_if(without.failures.begin(), without.failures.end(),
                   [&](const Failure& each) { return each.what.find(how) != std::string::npos; });
  ASSERT_NE(found, without.failures.end())
      << "seed " << without.failures.front().seed << ": " << without.failures.front().what;
  const Failure& failure = *found;
  EXPECT_EQ(run_apart(make(failure.seed)), "") << "seed " << failure.seed;
  std::cout << "seed " << failure.seed << " fails without work-around " << work_around << ": "
            << failure.what.substr(0, 200) << '\n';
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

// Without the check for lost storage, which hides what work-arounds 1 and 6 prevent; so nothing may
// be lost in it.
Scenario without_loss_check(std::uint64_t seed) {
  Scenario scenario = scenario_of(seed);
  scenario.loss_check_off = true;
  std::erase_if(scenario.faults, [](const Fault& fault) {
    return fault.kind == FaultKind::lose_tail || fault.kind == FaultKind::flip_bit ||
           fault.kind == FaultKind::wipe_disk;
  });
  return scenario;
}

// A message that begins below a follower's snapshot makes the library take back what it knows.
TEST(WorkAround, OneReAnchorsMessagesBelowASnapshot) {
  const ScenarioMaker make = [](std::uint64_t seed) {
    Scenario scenario = without_loss_check(seed);
    // As often as can be, and with as little log behind it as there is.
    scenario.snapshot_after_bytes = 4U << 10;
    scenario.keep_log_bytes = 2U << 10;
    return scenario;
  };
  expect_needed(1, make, 4'000, "match_index < p->next_index");
}

// A change that is not the first entry of its message is remembered under a wrong index.
TEST(WorkAround, TwoPutsEachChangeFirstInItsMessage) {
  expect_needed(2, scenario_of, 4'000, "no change of voters is taken");
}

// A candidate with the best log and the lowest term never learns that its term is too low.
TEST(WorkAround, ThreeTellsADeniedCandidateTheTerm) {
  expect_needed(3, scenario_of, 4'000, "no progress");
}

// The library's own check of free space ends a leader in the moment it is elected. We look at the
// disk ourselves, and leave the library's check off.
TEST(WorkAround, FourLeavesTheLibrarysCheckOfFreeSpaceOff) {
  expect_needed(4, scenario_of, 2'000, "rv == RAFT_NOMEM", 20);
}

// A wiped disk under the old number: the library ends the leader.
TEST(WorkAround, FiveRefusesAStorageThatIsNotTheOldOne) {
  expect_needed(5, scenario_of, 2'000, "match_index < p->next_index");
}

Scenario flaky_links(std::uint64_t seed) {
  Scenario scenario = scenario_of(seed);
  scenario.faults = flaky_links_of(seed);
  return scenario;
}

// Frames of an old connection among those of the next one. The library ends itself at an answer
// that comes late; without the check for lost storage, which stops most such answers (below).
TEST(WorkAround, SixReadsOneConnectionOfAPeerOnly) {
  const ScenarioMaker make = [](std::uint64_t seed) {
    Scenario scenario = without_loss_check(seed);
    scenario.faults = flaky_links_of(seed);
    return scenario;
  };
  expect_needed(6, make, 4'000, "match_index < p->next_index");
}

// With that check a run without work-around 6 ends well, but healthy followers are taken for ones
// that lost entries. With the work-around none is.
TEST(WorkAround, SixKeepsAHealthyFollowerFromBeingTakenForOneThatLostEntries) {
  const CampaignResult with = run_campaign({.first_seed = 1, .seeds = 300, .jobs = 2}, flaky_links);
  EXPECT_TRUE(with.failures.empty());
  EXPECT_EQ(with.tally.of(Branch::loss_suspected), 0U);
  EXPECT_GT(with.tally.of(Branch::stale_link_dropped), 0U);

  const ScenarioMaker make_without = [](std::uint64_t seed) {
    Scenario scenario = flaky_links(seed);
    scenario.work_around_off = 6;
    return scenario;
  };
  const CampaignResult without =
      run_campaign({.first_seed = 1, .seeds = 300, .jobs = 2, .work_around_off = 6}, make_without);
  EXPECT_TRUE(without.failures.empty());
  EXPECT_GT(without.tally.of(Branch::loss_suspected), 0U);
}

// A cut of one network costs what was on its way, and no leader; however often it comes and goes.
TEST(TwoNetworks, ACutOfOneOfThemDeposesNobody) {
  const ScenarioMaker make = [](std::uint64_t seed) {
    Scenario scenario = scenario_of(seed);
    scenario.faults = network_cuts_of(seed);
    return scenario;
  };
  const CampaignResult result = run_campaign({.first_seed = 1, .seeds = 300, .jobs = 2}, make);
  for (const Failure& failure : result.failures) {
    ADD_FAILURE() << "seed " << failure.seed << ": " << failure.what
                  << "\nagain: okiagari_simulate --network-cuts --first " << failure.seed;
  }
  EXPECT_GT(result.tally.of(Branch::network_changed), 300U);
  EXPECT_EQ(result.tally.of(Branch::reset_trigger), 0U);
  EXPECT_EQ(result.tally.of(Branch::silence_trigger), 0U);
  EXPECT_EQ(result.tally.of(Branch::progress_trigger), 0U);
  EXPECT_EQ(result.tally.of(Branch::stepped_down), 0U);
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

// The claim of a long run is that everything was tried in it.
TEST(Campaign, AFaultOrABranchThatWasNeverTakenIsAFailureOfALongRun) {
  CampaignResult result;
  result.tally.faults.fill(1);
  result.tally.branches.fill(1);
  CampaignOptions options{.seeds = kSeedsForAll};
  EXPECT_EQ(exit_status(options, result), 0);
  for (std::uint64_t& taken : result.tally.faults) {
    taken = 0;
    EXPECT_EQ(exit_status(options, result), 1);
    taken = 1;
  }
  for (std::uint64_t& taken : result.tally.branches) {
    taken = 0;
    EXPECT_EQ(exit_status(options, result), 1);
    taken = 1;
  }
  result.tally.branches[0] = 0;
  options.tries_some_only = true;
  EXPECT_EQ(exit_status(options, result), 0) << "its schedules hold one kind of fault";
  options.tries_some_only = false;
  options.seeds = kSeedsForAll - 1;
  EXPECT_EQ(exit_status(options, result), 0) << "a short run need not take everything";
  result.failures.push_back({1, "failed"});
  EXPECT_EQ(exit_status(options, result), 1);
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

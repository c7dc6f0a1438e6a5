// Goal: whatever moment a server dies at, and whatever part of the unsynced sectors is on its disk
// then, it comes back with everything it had synced, and with nothing that was never appended.
//
// Method: thousands of random runs against a model. OKIAGARI_SEED repeats one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/log/log_run.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint64_t kRuns = 3000;

void add(LogRun::Counters& sum, const LogRun::Counters& counters) {
  sum.torn_tails += counters.torn_tails;
  sum.groups_in_doubt_kept += counters.groups_in_doubt_kept;
  sum.groups_in_doubt_lost += counters.groups_in_doubt_lost;
  sum.truncations += counters.truncations;
  sum.truncations_of_what_is_being_synced += counters.truncations_of_what_is_being_synced;
  sum.syncs_in_background += counters.syncs_in_background;
  sum.drops += counters.drops;
  sum.restarts += counters.restarts;
  sum.deaths_while_opening += counters.deaths_while_opening;
}

std::string live_and_die(LogRun& run) {
  std::string why = run.reopen();
  const std::uint64_t lives = run.random().between(2, 6);
  for (std::uint64_t life = 0; life < lives && why.empty(); ++life) {
    if (run.random().chance(800)) run.disk().crash_at_operation(run.random().between(1, 60));
    try {
      why = run.work(static_cast<std::uint32_t>(run.random().between(1, 80)));
    } catch (const SimulatedCrash&) {
    }
    run.die(run.random().chance(700));
    // Some die again while they come back.
    if (run.random().chance(300)) run.disk().crash_at_operation(run.random().between(1, 12));
    if (why.empty()) why = run.reopen();
    // What it was once seen to hold must not go with the next power cut.
    if (why.empty() && run.random().chance(500)) {
      run.die(true);
      why = run.reopen();
    }
  }
  return why;
}

TEST(LogCrash, EverythingSyncedIsThereAfterAnyCrash) {
  const char* given = std::getenv("OKIAGARI_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const std::uint64_t last = given != nullptr ? first : kRuns;
  LogRun::Counters sum;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    LogRun run(seed);
    const std::string why = live_and_die(run);
    ASSERT_EQ(why, "") << "OKIAGARI_SEED=" << seed << " repeats it";
    add(sum, run.counters);
  }
  if (given != nullptr) return;
  EXPECT_GT(sum.torn_tails, 100U);
  EXPECT_GT(sum.groups_in_doubt_kept, 100U);
  EXPECT_GT(sum.groups_in_doubt_lost, 100U);
  EXPECT_GT(sum.truncations, 100U);
  EXPECT_GT(sum.truncations_of_what_is_being_synced, 100U);
  EXPECT_GT(sum.syncs_in_background, 1'000U);
  EXPECT_GT(sum.drops, 100U);
  EXPECT_GT(sum.restarts, 100U);
  EXPECT_GT(sum.deaths_while_opening, 100U);
}

}  // namespace
}  // namespace okiagari::simulation

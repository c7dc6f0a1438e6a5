// Many seeds, in processes of their own, so that an assertion that ends one of them is the failure
// of the seed that ran and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/scenario.h"
#include "tests/simulation/tally.h"

namespace okiagari::simulation {

struct CampaignOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;
  std::uint32_t jobs = 1;
  std::uint32_t work_around_off = 0;
  std::size_t failures_max = 20;  // then it ends early
  bool tries_some_only = false;   // of the faults, on purpose
};

struct Failure {
  std::uint64_t seed = 0;
  std::string what;
};

struct CampaignResult {
  std::uint64_t seeds = 0;
  double seconds = 0;
  double processor_seconds = 0;  // of all workers together
  Tally tally;
  std::vector<Failure> failures;
};

// Makes the scenario of a seed.
using ScenarioMaker = std::function<Scenario(std::uint64_t seed)>;

[[nodiscard]] CampaignResult run_campaign(const CampaignOptions& options,
                                          const ScenarioMaker& make);

// From so many seeds on each fault and each branch must have been taken.
inline constexpr std::uint64_t kSeedsForAll = 2'000;

// The exit status of the command: 1 when a seed failed, or when so many seeds have not taken
// everything.
[[nodiscard]] int exit_status(const CampaignOptions& options, const CampaignResult& result);

// One scenario in a process of its own; empty when it went well.
[[nodiscard]] std::string run_apart(const Scenario& scenario);

}  // namespace okiagari::simulation

// Everything that a run depends on. Two runs of one scenario are the same to the last byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/fault.h"

namespace okiagari::simulation {

struct Scenario {
  std::uint64_t seed = 1;
  std::vector<Fault> faults;
  // Number of the work-around that is switched off (docs/simulator.md); 0: none.
  std::uint32_t work_around_off = 0;
  // Without the check that hides what work-arounds 1 and 6 prevent.
  bool loss_check_off = false;
  std::uint32_t members = 4;
  std::uint32_t commands_per_member = 150;
  std::uint32_t election_ms = 0;
  std::uint64_t snapshot_after_bytes = 0;
  std::uint64_t keep_log_bytes = 0;
};

[[nodiscard]] Scenario scenario_of(std::uint64_t seed);

// What came of a run. An empty violation is a good run.
struct Outcome {
  std::string violation;
  TimeUs at_us = 0;
  std::uint64_t fingerprint = 0;  // of all that was decided: the same for the same scenario
};

}  // namespace okiagari::simulation

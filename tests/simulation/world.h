// What everybody in one run shares.
#pragma once

#include <vector>

#include "journal/log.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/canonical_history.h"
#include "tests/simulation/day_history.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_network.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/verdict.h"

namespace okiagari::simulation {

// What clocks show when a run begins, and the day that it is then: 14 November 2023.
inline constexpr TimeUs kEpochUs = 1'700'000'000'000'000;
inline constexpr std::uint32_t kFirstDay = 20'231'114;

struct World {
  World(const Scenario& the_scenario, Tally& the_tally, bool traces)
      : scenario(the_scenario),
        tally(the_tally),
        verdict(agenda, traces),
        network(agenda, tally, the_scenario.seed, the_scenario.work_around_off == 6),
        history(verdict),
        days(verdict) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // That replica was seen to lead in that term.
  void take_leader(Endpoint node, journal::Term term) {
    if (term >= leaders.size()) leaders.resize(term + 1, kEndpoints);
    if (leaders[term] == kEndpoints) leaders[term] = node;
    if (leaders[term] == node) return;
    verdict.fail("nodes {} and {} both lead in term {}", leaders[term] + 1, node + 1, term);
  }

  const Scenario& scenario;
  Tally& tally;
  Agenda agenda;
  Verdict verdict;
  SimulatedNetwork network;
  CanonicalHistory history;
  DayHistory days;
  bool market_is_set_up = false;
  std::vector<Endpoint> leaders;  // by term
};

}  // namespace okiagari::simulation

// Makes a failing scenario as small as it gets while it still fails: fewer faults, shorter ones,
// fewer commands.
#pragma once

#include <functional>
#include <string>

#include "tests/simulation/scenario.h"

namespace okiagari::simulation {

// What is wrong with a scenario; empty when it is a good one.
using Judge = std::function<std::string(const Scenario&)>;

[[nodiscard]] Scenario shrink(Scenario failing, const Judge& judge);

}  // namespace okiagari::simulation

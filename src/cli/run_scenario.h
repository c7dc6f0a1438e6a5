// `okiagari run --scenario two-of-three`: two of three servers are lost with their disks while
// people trade. The desk halts the market when nobody decides, tells everyone, and the market is
// rebuilt from the survivor and opened again, each by two signatures.
#pragma once

#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct ScenarioOptions {
  std::string out;
  std::size_t desks = 1;
};

// Leaves report.json, report.html and proof.json in `out`. The error says why it could not be
// carried out.
[[nodiscard]] base::Result<base::Report> run_two_of_three(const ScenarioOptions& options);

}  // namespace okiagari::cli

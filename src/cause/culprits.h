// Who did it, in a system of others: entities in the order of how well a cause in them explains
// what was recorded.
#pragma once

#include <string>
#include <vector>

#include "cause/foreign_evidence.h"

namespace okiagari::cause {

struct Culprit {
  std::string entity;
  Hypothesis hypothesis;  // its best
};

struct Culprits {
  std::vector<Culprit> ranked;
  Ranking ranking;
  std::vector<watch::Evidence> evidence;
};

[[nodiscard]] Culprits find_culprits(const CauseTable& table, const ForeignData& data,
                                     const Incident& incident);

}  // namespace okiagari::cause

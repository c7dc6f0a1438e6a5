// A ranking in sentences, for the situation report: what is known, what is thought and how surely,
// what is not known. Every sentence has the ids of its evidence; there is none without.
#pragma once

#include <string>
#include <vector>

#include "cause/hypotheses.h"

namespace okiagari::cause {

struct Statement {
  Bilingual text;
  std::vector<std::string> evidence_ids;
};

struct Explanation {
  std::vector<Statement> known;      // recent changes, then what was seen, the heaviest first
  std::vector<Statement> thought;    // one for each hypothesis that is not very unlikely
  std::vector<Statement> not_known;  // what would decide, and what nobody has seen
};

inline constexpr std::size_t kStatementsMax = 12;  // of each kind

[[nodiscard]] Explanation explain(const Ranking& ranking, const CauseTable& table);

}  // namespace okiagari::cause

#include "cause/culprits.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace okiagari::cause {

Culprits find_culprits(const CauseTable& table, const ForeignData& data, const Incident& incident) {
  Culprits result;
  CaseFile file = gather_evidence(data, incident);
  result.ranking = rank_hypotheses(table, file);
  result.evidence = std::move(file.evidence);
  std::set<std::string> seen;
  std::vector<const Hypothesis*> hypotheses;
  for (const Hypothesis& hypothesis : result.ranking.hypotheses) {
    if (hypothesis.cause_class != CauseClass::unknown) hypotheses.push_back(&hypothesis);
  }
  // Weights are full from some strength on; of those that are, the louder one.
  const auto loudness = [&](const Hypothesis& hypothesis) {
    double most = 0;
    for (const watch::Evidence& one : result.evidence) {
      if (one.entity == hypothesis.entity) most = std::max(most, std::abs(one.effect));
    }
    return most;
  };
  const auto before = [&](const Hypothesis* a, const Hypothesis* b) {
    const double a_db = std::round(2 * a->score_db);
    const double b_db = std::round(2 * b->score_db);
    return a_db != b_db ? a_db > b_db : loudness(*a) > loudness(*b);
  };
  std::stable_sort(hypotheses.begin(), hypotheses.end(), before);
  for (const Hypothesis* hypothesis : hypotheses) {
    if (seen.insert(hypothesis->entity).second) {
      result.ranked.push_back({hypothesis->entity, *hypothesis});
    }
  }
  return result;
}

}  // namespace okiagari::cause

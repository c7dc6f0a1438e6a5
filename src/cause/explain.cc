#include "cause/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace okiagari::cause {

namespace {

std::vector<std::string> ids_of(const std::vector<Reason>& reasons) {
  std::vector<std::string> ids;
  for (const Reason& reason : reasons) {
    if (std::find(ids.begin(), ids.end(), reason.evidence_id) == ids.end()) {
      ids.push_back(reason.evidence_id);
    }
  }
  return ids;
}

bool is_worth_saying(const Hypothesis& hypothesis) {
  return hypothesis.cause_class != CauseClass::unknown &&
         hypothesis.band != ProbabilityBand::very_unlikely &&
         hypothesis.state != HypothesisState::refuted;
}

void add_changes(const Ranking& ranking, Explanation& explanation) {
  for (const RecentChange& change : ranking.recent_changes) {
    if (explanation.known.size() == kStatementsMax) return;
    const std::uint64_t minutes = change.age_s / 60;
    explanation.known.push_back(
        {{fmt::format("{} was changed {} minutes before.", change.entity, minutes),
          fmt::format("{}分前に{}に変更があった。", minutes, change.entity)},
         {change.evidence_id}});
  }
}

void add_seen(const Ranking& ranking, Explanation& explanation) {
  std::vector<const Reason*> reasons;
  std::set<std::string_view> seen;
  for (const RecentChange& change : ranking.recent_changes) seen.insert(change.evidence_id);
  for (const Hypothesis& hypothesis : ranking.hypotheses) {
    if (!is_worth_saying(hypothesis)) continue;
    for (const auto* list : {&hypothesis.reasons_for, &hypothesis.reasons_against}) {
      for (const Reason& reason : *list) {
        if (seen.insert(reason.evidence_id).second) reasons.push_back(&reason);
      }
    }
  }
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const Reason* a, const Reason* b) { return a->weight_db > b->weight_db; });
  for (const Reason* reason : reasons) {
    if (explanation.known.size() == kStatementsMax) return;
    explanation.known.push_back({reason->sentence, {reason->evidence_id}});
  }
}

Statement thought_of(const Hypothesis& hypothesis) {
  const Bilingual band = title_of(hypothesis.band);
  const double percent = 100 * hypothesis.probability;
  return {{fmt::format("{} at {}: {} ({:.0f} %).", hypothesis.title.en, hypothesis.entity, band.en,
                       percent),
           fmt::format("{}({}): {}({:.0f}%)。", hypothesis.title.ja, hypothesis.entity, band.ja,
                       percent)},
          ids_of(hypothesis.reasons_for)};
}

// What a hypothesis needs and nobody has seen; or the check that would decide.
Statement open_question(const Hypothesis& hypothesis, const CauseTable& table) {
  Statement statement;
  statement.evidence_ids = ids_of(hypothesis.reasons_for);
  statement.text = {
      fmt::format("{} ({})? {}.", hypothesis.title.en, hypothesis.entity, hypothesis.next_check.en),
      fmt::format("{}({})か。{}。", hypothesis.title.ja, hypothesis.entity,
                  hypothesis.next_check.ja)};
  if (hypothesis.missing_signals.empty()) return statement;
  const Bilingual* missing = table.signal_text(hypothesis.missing_signals.front());
  if (missing == nullptr) return statement;
  statement.text.en += fmt::format(" Not seen: {}.", missing->en);
  statement.text.ja += fmt::format("未確認: {}。", missing->ja);
  return statement;
}

}  // namespace

Explanation explain(const Ranking& ranking, const CauseTable& table) {
  Explanation explanation;
  add_changes(ranking, explanation);
  add_seen(ranking, explanation);
  for (const Hypothesis& hypothesis : ranking.hypotheses) {
    if (!is_worth_saying(hypothesis) || hypothesis.reasons_for.empty()) continue;
    if (explanation.thought.size() < kStatementsMax) {
      explanation.thought.push_back(thought_of(hypothesis));
    }
    const bool is_settled = hypothesis.state == HypothesisState::supported;
    if (!is_settled && explanation.not_known.size() < kStatementsMax) {
      explanation.not_known.push_back(open_question(hypothesis, table));
    }
  }
  return explanation;
}

}  // namespace okiagari::cause

// From evidence to ranked hypotheses, each with what speaks for it, what against it, and the next
// check that would decide. The arithmetic is a sum of decibans that can be done on paper:
//
//   score = prior + required and supporting signs that were seen - contradicting signs that were
//           seen - required signs that were not seen
//
// where a sign counts once, by its best evidence, and less the further that evidence is from the
// hypothesis' entity, the later it began after the symptom, and much less when a component only
// says it of itself. Shares come from the scores; `unknown` takes part and has a floor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "cause/bilingual.h"
#include "cause/cause_table.h"
#include "cause/topology.h"
#include "watch/evidence.h"

namespace okiagari::cause {

enum class HypothesisState : std::uint8_t { proposed, supported, refuted };

// As people say it: a share of 0.9 and more is "very likely", and so on down.
enum class ProbabilityBand : std::uint8_t { very_unlikely, unlikely, even, likely, very_likely };

struct Reason {
  std::string evidence_id;
  double weight_db = 0;  // as it counted, positive
  Bilingual sentence;
};

struct Hypothesis {
  std::string cause;
  CauseClass cause_class = CauseClass::unknown;
  std::string entity;
  Bilingual title;
  HypothesisState state = HypothesisState::proposed;
  double score_db = 0;
  double probability = 0;
  ProbabilityBand band = ProbabilityBand::very_unlikely;
  std::vector<Reason> reasons_for;
  std::vector<Reason> reasons_against;
  std::vector<std::string> missing_signals;  // required, looked for, not seen
  Bilingual next_check;
};

// A change of the last 24 hours before the symptom, newest first.
struct RecentChange {
  std::string evidence_id;
  std::string entity;
  std::uint64_t age_s = 0;
  double weight = 0;  // 1 just before the symptom, less the older it is
};

struct Ranking {
  std::vector<RecentChange> recent_changes;
  std::vector<Hypothesis> hypotheses;  // best first; `unknown` is one of them
  // True when the first may be said with confidence: it is supported, and nothing comes near.
  bool is_confident = false;
  TimestampNs symptom_ns = 0;
};

struct CaseFile {
  std::vector<watch::Evidence> evidence;
  Topology topology;
  TimestampNs symptom_ns = 0;  // when it was first felt; 0: the earliest symptom among the evidence
};

// At most this many pieces of evidence are weighed, the first ones; a caller with more has to
// choose.
inline constexpr std::size_t kEvidenceMax = 5'000;
inline constexpr std::size_t kHypothesesMax = 40;

[[nodiscard]] Ranking rank_hypotheses(const CauseTable& table, const CaseFile& file);

[[nodiscard]] std::string_view to_string(HypothesisState state);
[[nodiscard]] std::string_view to_string(ProbabilityBand band);
[[nodiscard]] Bilingual title_of(ProbabilityBand band);
[[nodiscard]] ProbabilityBand band_of(double probability);

}  // namespace okiagari::cause

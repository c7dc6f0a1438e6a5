// How much one piece of evidence counts for a hypothesis about an entity: by topology, by the order
// in time, and by who says it.
#pragma once

#include <vector>

#include "cause/cause_table.h"
#include "cause/hypotheses.h"
#include "watch/evidence.h"

namespace okiagari::cause {

class EvidenceWeight {
 public:
  // The file must outlive it.
  explicit EvidenceWeight(const CaseFile& file);

  // From 0, nothing to do with it, to 1, in full.
  [[nodiscard]] double relevance(const watch::Evidence& evidence, const std::string& entity,
                                 const Sign& sign) const;
  [[nodiscard]] TimestampNs symptom_ns() const { return symptom_ns_; }
  [[nodiscard]] std::vector<RecentChange> recent_changes() const;

 private:
  [[nodiscard]] double by_time(const watch::Evidence& evidence, const Sign& sign) const;

  const CaseFile& file_;
  TimestampNs symptom_ns_;
};

}  // namespace okiagari::cause

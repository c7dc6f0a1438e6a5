// What foreign recordings show at the time of an incident, as evidence: measures that left their
// past, calls that lose time on the way, services that fell silent or run other steps than before.
#pragma once

#include <string>
#include <vector>

#include "cause/foreign_data.h"
#include "cause/hypotheses.h"
#include "cause/step_patterns.h"

namespace okiagari::cause {

struct Incident {
  double at_s = 0;        // when it was first felt
  double window_s = 180;  // so long after that is looked at
  // Without fault, for logs and traces; measures have all of their own past. Empty: the hour
  // before.
  TimeWindow past;
  std::string symptom_entity;   // where it was felt; may be empty
  std::string symptom_measure;  // by which measure: "latency", "availability", ...; may be empty
};

// Evidence, and the topology that the graph and the traces show.
[[nodiscard]] CaseFile gather_evidence(const ForeignData& data, const Incident& incident);

}  // namespace okiagari::cause

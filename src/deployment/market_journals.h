// What a market's processes leave behind, as evidence for the history checker.
#pragma once

#include <vector>

#include "check/verdict.h"
#include "deployment/deployment_file.h"

namespace okiagari::deployment {

// Reads them all into `evidence`; one that cannot be read is named there with the reason, and is a
// finding of the judgement. Nodes may be running: what looks damaged is looked at again.
void read_journals(const std::vector<NodePlace>& nodes, check::Evidence& evidence);
// What a run is judged by: the market's journals, the history, which is borrowed, which of the
// sessions are not the run's own, and how often gateways say that they came back to a leader.
[[nodiscard]] check::Evidence evidence_of_run(const DeploymentFile& market,
                                              const check::History& history);

}  // namespace okiagari::deployment

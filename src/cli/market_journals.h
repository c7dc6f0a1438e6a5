// The journals of a market's nodes as evidence for the history checker.
#pragma once

#include <vector>

#include "check/verdict.h"
#include "cli/deployment_file.h"

namespace okiagari::cli {

// Reads them all into `evidence`; one that cannot be read is named there with the reason, and is a
// finding of the judgement. Nodes may be running: what looks damaged is looked at again.
void read_journals(const std::vector<NodePlace>& nodes, check::Evidence& evidence);

}  // namespace okiagari::cli

// How well kinds of log lines are found, on the labelled lines of loghub-2k: group accuracy, the
// share of lines whose group is exactly the labelled one.
#pragma once

#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::bench {

// `folder` has a folder for each system with a `*_structured.csv` or `*_structured.csv.xz` in it.
base::Status score_log_templates(const std::string& folder, base::Report& report);

}  // namespace okiagari::bench

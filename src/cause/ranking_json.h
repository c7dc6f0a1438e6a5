// Evidence sets in, rankings out, as JSON: what the desk, its API and the command line share.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"
#include "cause/culprits.h"
#include "cause/hypotheses.h"

namespace okiagari::cause {

// {"evidence": [...], "graph": [["part", "whole"], ...], "symptom_ns": n}; all but evidence may be
// left out. At most 16 MiB and kEvidenceMax pieces.
[[nodiscard]] base::Result<CaseFile> case_from_json(std::string_view text);

[[nodiscard]] boost::json::object to_json(const Ranking& ranking);
// The same with {"culprits": [{"entity", "cause", "class", "title", "score_db"}], "evidence":
// [...]}.
[[nodiscard]] boost::json::object to_json(const Culprits& culprits);

}  // namespace okiagari::cause

// A verdict in the one shape in which every command says its own (docs/report.md).
#pragma once

#include <cstdint>
#include <string>

#include "base/report.h"
#include "check/verdict.h"

namespace okiagari::check {

[[nodiscard]] base::Report report_of(const Verdict& verdict, std::uint64_t seed);
// Adds a check for each kind of finding: none may be there.
void judge_findings(const Findings& findings, base::Report& report);
// What was found, a line each; empty when nothing was.
[[nodiscard]] std::string words_of(const Findings& findings);

}  // namespace okiagari::check

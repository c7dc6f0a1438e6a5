// Weights learned by counting, and by nothing else: cases whose cause is known, from drills and the
// simulator, and which signals were seen in each. A sign seen in k of n cases of a cause and in m
// of the r others weighs, with one case added to either side (Laplace), the decibans of
// ((k+1)/(n+2)) / ((m+1)/(r+2)). What the table says counts as kTableCases cases beside that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cause/cause_table.h"

namespace okiagari::cause {

struct CountedCase {
  std::string id;
  std::string cause;
  std::vector<std::string> signals;
};

inline constexpr double kTableCases = 10;
inline constexpr std::size_t kCountedCasesMax = 100'000;

// {"cases": [{"id": "...", "cause": "...", "signals": ["...", ...]}, ...]}. Causes and signals must
// be of the table.
[[nodiscard]] base::Result<std::vector<CountedCase>> counted_cases_from_json(
    std::string_view text, const CauseTable& table);

// Changes the weights of required, supporting and contradicting signs; the order, roles and texts
// stay. A weight stays between 1 and 60 decibans, so that counting never turns a sign around.
void fit_by_counting(CauseTable& table, const std::vector<CountedCase>& cases);

}  // namespace okiagari::cause

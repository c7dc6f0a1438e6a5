// The rules of docs/style.md that a machine can check in one file's text.
#pragma once

#include <vector>

#include "tests/house/source_tree.h"

namespace okiagari::house {

inline constexpr int kFileLinesMax = 900;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kLineColumnsMax = 100;

// Everything in `file` that breaks a rule, by line.
std::vector<Finding> check_tidy(const SourceFile& file);

}  // namespace okiagari::house

// The rules of docs/style.md that a machine can check in the files' text.
#pragma once

#include <vector>

#include "tests/house/source_tree.h"

namespace okiagari::house {

inline constexpr int kFileLinesMax = 900;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kLineColumnsMax = 100;

// Everything in `file` that breaks a rule, by line.
std::vector<Finding> check_tidy(const SourceFile& file);

// Every header of src/ must be the first thing included by the source of its name, or without one
// by the test of its name: so it is compiled alone by the build.
std::vector<Finding> check_own_headers(const std::vector<SourceFile>& files);

}  // namespace okiagari::house

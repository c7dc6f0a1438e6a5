// The version of the program, as in CMakeLists.txt.
#pragma once

#include <string_view>

namespace okiagari::base {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace okiagari::base

// The files of config/ that the program carries with it, by their names.
#pragma once

#include <map>
#include <string>

namespace okiagari::deployment {

[[nodiscard]] const std::map<std::string, std::string>& builtin_files();

}  // namespace okiagari::deployment

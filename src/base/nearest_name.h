// What somebody probably meant: the nearest of the known names to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace okiagari::base {

// Empty when none is near enough to be worth telling.
[[nodiscard]] std::string nearest_name(std::string_view wrong,
                                       const std::vector<std::string>& known);

}  // namespace okiagari::base

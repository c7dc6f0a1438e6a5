// The texts of config/messages/, put into the program by the build.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace okiagari::wire {

// Name and text of each.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
message_tables_builtin();

}  // namespace okiagari::wire

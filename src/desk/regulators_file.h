// The regulators of one firm as a file (config/regulators.toml), read into the body of the entry
// "clock.regimes" that the leading desk puts into its log.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::desk {

// Errors name the file, the line and the key. The zone is looked up on this system.
[[nodiscard]] base::Result<boost::json::object> load_regulators(const std::string& path);
[[nodiscard]] base::Result<boost::json::object> parse_regulators(std::string_view text,
                                                                 const std::string& origin);

}  // namespace okiagari::desk

// Changes of a configuration that people really make wrong: a number of another environment, ports
// of the old machines, a misspelt key, a file that is somewhere else.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "check/random.h"

namespace okiagari::drill {

struct Poison {
  std::string text;   // the whole file
  std::string words;  // what was changed
};

// The error says that the file has nothing to be changed that way.
[[nodiscard]] base::Result<Poison> poison_gateway(std::string_view text, check::Random& random);
[[nodiscard]] base::Result<Poison> poison_node(std::string_view text, check::Random& random);

}  // namespace okiagari::drill

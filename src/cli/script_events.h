// The venue's events as scripts have them: who is told, and what, in names and decimals.
#pragma once

#include <string>
#include <vector>

#include "venue/event.h"

namespace okiagari::cli {

struct ScriptNames {
  std::vector<std::string> members;      // by session, from 1
  std::vector<std::string> instruments;  // from 1
};

// Empty for events that only gateways have a use for.
[[nodiscard]] std::string script_line(const venue::EventHeader& event, const ScriptNames& names);

// 1/10000 as decimal text.
[[nodiscard]] std::string script_price(std::uint64_t price_e4);

}  // namespace okiagari::cli

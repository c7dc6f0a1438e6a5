// One drill from its beginning to its end: a fresh market, a fault at a random moment, what the
// desk made of it, and the fault taken back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "drill/drill_result.h"
#include "drill/fault.h"

namespace okiagari::cli {

struct DrillOptions {
  drill::Fault fault{};
  std::uint64_t seed = 1;
  std::string target;  // empty: drawn
  std::string out;     // the folder of everything
  std::string flow = "samples/coinbase.flow.zst";
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

// The error says why it could not be carried out; then nothing is known about the desk.
[[nodiscard]] base::Result<drill::DrillResult> run_drill(const DrillOptions& options);

}  // namespace okiagari::cli

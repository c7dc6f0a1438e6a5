// `okiagari bench halt`: how long after a person's decision gateways still take new orders, by each
// way that a halt has: through the cluster, by a signed file with the cluster alive, and by a
// signed file with every server dead. Promise P4 of docs/architecture.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct HaltBenchOptions {
  std::uint32_t rounds = 20;  // of each way
  std::string folder;         // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_halt(const HaltBenchOptions& options);

}  // namespace okiagari::cli

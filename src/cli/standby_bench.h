// `okiagari bench standby`: what a server without a vote at a site far away costs members, and how
// far behind it is, on a market of three voters and two gateways on this machine. The distance is a
// line that holds every packet (drill/far_network.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct StandbyBenchOptions {
  std::uint32_t delay_ms = 20;  // in each direction
  std::uint32_t rate = 10'000;  // orders a second
  std::uint32_t seconds = 10;   // measured in each round with the standby, and as long without
  std::uint32_t rounds = 5;
  std::size_t sessions = 8;
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_standby(const StandbyBenchOptions& options);

}  // namespace okiagari::cli

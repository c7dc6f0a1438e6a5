// `okiagari bench cluster`: what three servers, two gateways and their members reach on this
// machine, synced to disk before every acknowledgement: orders a second at saturation, and latency
// at a moderate rate.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct ClusterOptions {
  std::uint32_t seconds = 10;            // measured, of each part
  std::uint32_t rounds = 3;              // figures are medians over them
  std::uint64_t moderate_rate = 20'000;  // orders a second
  std::uint32_t window = 2'048;          // unanswered orders of a session at saturation
  std::size_t sessions = 16;
  bool tls = false;  // on the links between the market's processes
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_cluster(const ClusterOptions& options);

}  // namespace okiagari::cli

// `okiagari bench feed`: how far the lines of the feed lie apart, as a listener outside the servers
// sees them, while hardly anything happens and under load.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct FeedBenchOptions {
  std::uint32_t seconds = 10;    // of each part
  std::uint32_t idle_rate = 20;  // messages a second
  std::uint32_t busy_rate = 20'000;
  std::size_t sessions = 8;
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_feed(const FeedBenchOptions& options);

}  // namespace okiagari::cli

// `okiagari bench week`: whether the memory of a market's processes stays what it is over the days
// of a trading week, each day compressed into seconds of load, with its end and its snapshots.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct WeekBenchOptions {
  std::uint32_t days = 5;
  std::uint32_t day_s = 30;     // of load
  std::uint32_t rate = 20'000;  // orders a second
  std::size_t sessions = 16;
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_week(const WeekBenchOptions& options);

}  // namespace okiagari::cli

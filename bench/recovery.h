// `okiagari bench recovery`: what a server's start is made of. A snapshot of a full market is
// loaded, and a log is read from the disk, checked and applied.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::bench {

struct RecoveryOptions {
  std::string folder;                     // empty or absent; gets the log
  std::uint32_t live_orders = 1'000'000;  // in the snapshot
  std::uint64_t commands = 5'000'000;     // in the log
  std::uint32_t rounds = 5;
  // Told what is being done, one line at a time.
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

[[nodiscard]] base::Result<base::Report> bench_recovery(const RecoveryOptions& options);

}  // namespace okiagari::bench

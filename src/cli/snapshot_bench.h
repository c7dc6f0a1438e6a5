// `okiagari bench snapshot`: what members feel while the servers of a market with many live orders
// take snapshots, and while a new server gets one and joins, whatever the history behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

struct SnapshotBenchOptions {
  std::uint32_t live_orders = 1'000'000;
  std::uint64_t commands = 5'000'000;  // of the history, those of the live orders among them
  std::uint32_t rate = 5'000;          // orders a second while it is measured, and as many cancels
  std::uint32_t snapshots = 3;         // that the leader takes while it is measured
  std::uint32_t snapshot_after_mib = 32;
  std::size_t sessions = 16;
  bool tls = false;  // on the links between the market's processes
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_snapshot(const SnapshotBenchOptions& options);

}  // namespace okiagari::cli

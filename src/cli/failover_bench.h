// `okiagari bench failover`: how long members feel the loss of the leading server, many times over,
// on a market of three servers and two gateways on this machine, judged by the history checker and
// by a cold verification afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

enum class FailoverMode : std::uint8_t {
  kill,      // SIGKILL
  stop,      // SIGSTOP, and on again a second later
  transfer,  // asked to hand over
  hogs,      // nothing happens to anybody, but processes that never rest take both cores
};

struct FailoverOptions {
  FailoverMode mode = FailoverMode::kill;
  std::uint32_t faults = 100;
  std::uint32_t rate = 10'000;        // messages a second
  std::uint32_t interval_ms = 1'500;  // from fault to fault; a killed server is back long before
  std::uint32_t hog_seconds = 60;
  std::size_t sessions = 8;
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_failover(const FailoverOptions& options);

}  // namespace okiagari::cli

// `okiagari bench failover`: how long members feel the loss of the leading server, many times over,
// on a market of three or five servers and two gateways on this machine, judged by the history
// checker and by a cold verification afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

enum class FailoverMode : std::uint8_t {
  kill,      // SIGKILL
  minority,  // SIGKILL to it and as many others as a majority can do without
  all,       // SIGKILL to every server at once
  stop,      // SIGSTOP, and on again a second later
  transfer,  // asked to hand over
  replace,   // a server is added and another one, every third time the leader, removed
  hogs,      // nothing happens to anybody, but processes that never rest take both cores
  cut,       // of two networks between the servers, the one in use is cut for a while
  flap,      // one of the two is cut and comes back several times a second
};

struct FailoverOptions {
  FailoverMode mode = FailoverMode::kill;
  std::uint32_t faults = 100;
  std::uint32_t rate = 10'000;        // messages a second
  std::uint32_t interval_ms = 1'500;  // from fault to fault; a killed server is back long before
  std::uint32_t seconds = 60;         // that hogs run or networks flap
  std::size_t nodes = 3;
  std::size_t sessions = 8;
  bool tls = false;  // on the links between the market's processes
  std::uint64_t seed = 1;
  std::string folder;  // gets the market's data; absent before
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

[[nodiscard]] base::Result<base::Report> bench_failover(const FailoverOptions& options);

}  // namespace okiagari::cli

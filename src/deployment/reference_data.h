// What a new market consists of, as commands: instruments, members, accounts, sessions, funds; and
// how they get into the log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "deployment/deployment_file.h"

namespace okiagari::deployment {

struct Funds {
  std::int64_t cash = 1'000'000'000'000'000;  // minor units, each account
  std::int64_t lots = 1'000'000'000;          // of each instrument, each account
};

// Whole commands in an order in which each finds what it needs.
[[nodiscard]] std::vector<std::vector<std::byte>> reference_commands(const DeploymentFile& market,
                                                                     const Funds& funds);

// Commands that add further instruments to a market that trades already, with cash and lots for
// every account that can ever be needed for them.
[[nodiscard]] std::vector<std::vector<std::byte>> listing_commands(
    const DeploymentFile& market, const std::vector<InstrumentPlace>& added);

// Sends them to whoever leads and waits until each was answered. What is there already counts as
// done, so it may be repeated. `while_waiting` is called often; `progress` with a line now and
// then.
[[nodiscard]] base::Status load_reference_data(
    const DeploymentFile& market, const std::vector<std::vector<std::byte>>& commands,
    std::uint64_t timeout_ms, const std::function<void()>& while_waiting,
    const std::function<void(const std::string&)>& progress);

// Instruments for `up`: a number of made-up ones, or those of a TOML file with [[instrument]]
// tables.
[[nodiscard]] std::vector<InstrumentPlace> made_up_instruments(std::size_t count);
[[nodiscard]] base::Result<std::vector<InstrumentPlace>> load_instruments(const std::string& path);

}  // namespace okiagari::deployment

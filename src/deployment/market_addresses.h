// Where the history checker finds a market: the deployment in the checker's own terms.
#pragma once

#include <cstddef>

#include "check/load.h"
#include "deployment/deployment_file.h"

namespace okiagari::deployment {

// With the first `sessions` sessions, or all when there are fewer.
[[nodiscard]] check::MarketAddresses market_addresses(const DeploymentFile& file,
                                                      std::size_t sessions);

}  // namespace okiagari::deployment

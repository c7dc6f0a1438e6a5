// Makes sure that a running market lists given instruments: those it does not know by their symbol
// are added under the next free numbers, and its accounts get cash and lots to trade them with.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "deployment/deployment_file.h"

namespace okiagari::cli {

// How many were added. One that is listed under other terms than wanted stays as it is: then the
// venue refuses what does not fit them.
[[nodiscard]] base::Result<std::size_t> list_instruments(
    const deployment::DeploymentFile& market,
    const std::vector<deployment::InstrumentPlace>& wanted);

}  // namespace okiagari::cli

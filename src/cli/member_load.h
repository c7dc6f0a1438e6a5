// The load of all members of a market on this machine: their sessions, spread over its gateways,
// and its instruments.
#pragma once

#include "client/load.h"
#include "deployment/deployment_file.h"

namespace okiagari::cli {

[[nodiscard]] client::LoadOptions member_load(const deployment::DeploymentFile& market);

}  // namespace okiagari::cli

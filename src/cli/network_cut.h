// One of the two networks between a market's servers, cut and mended: packets are lost on arrival,
// and nobody is told. In a network namespace of this process's own, so it touches nobody else.
#pragma once

#include "base/result.h"
#include "deployment/deployment_file.h"
#include "journal/line_choice.h"

namespace okiagari::cli {

// Before the market is started, and while this process has one thread. The error says what is
// missing here: root, nft.
[[nodiscard]] base::Status enter_network_of_own();

[[nodiscard]] base::Status cut_network(const deployment::DeploymentFile& market,
                                       journal::Network network);
[[nodiscard]] base::Status mend_networks();

// Whether that server sends to all others over that network; asks it.
[[nodiscard]] bool is_sending_over(const deployment::DeploymentFile& market, NodeId node,
                                   journal::Network network);

}  // namespace okiagari::cli

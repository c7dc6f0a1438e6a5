// The servers of the cluster as the log holds them, and where each is found: the text in a logged
// change, and the configuration's list kept in line with the log. Servers that a cluster began with
// have no address in the log; theirs is in the configuration file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "journal/configuration.h"
#include "node/config.h"

namespace okiagari::node {

// "peers=HOST:PORT gateways=HOST:PORT feed=HOST:PORT http=HOST:PORT peers_b=HOST:PORT", of which
// either of the last two may be missing.
[[nodiscard]] std::string address_text(const ServerAddresses& server);
[[nodiscard]] base::Result<ServerAddresses> parse_address_text(NodeId node, std::string_view text);

// Takes up what the log says, and drops who is not in it; this node itself stays.
void take_servers(NodeConfig& config, const journal::Configuration& servers);

// For gateways: a line "NODE HOST:PORT" for each server of the log that has an address.
[[nodiscard]] std::string gateway_lines(const NodeConfig& config,
                                        const journal::Configuration& servers);

}  // namespace okiagari::node

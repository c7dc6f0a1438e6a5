// The files that a deployment writes for its processes.
#include <fmt/format.h>

#include <iterator>

#include "cli/deployment.h"

namespace okiagari::cli {

std::string node_settings_text(const DeploymentFile& market, NodeId node) {
  std::string text = fmt::format("cluster = {}\nnode = {}\n", market.cluster, node);
  for (const NodePlace& place : market.nodes) {
    fmt::format_to(std::back_inserter(text),
                   "\n[[server]]\nnode = {}\npeers = \"{}\"\ngateways = \"{}\"\nfeed = \"{}\"\n",
                   place.node, net::to_string(place.peers), net::to_string(place.gateways),
                   net::to_string(place.feed));
  }
  return text;
}

std::string gateway_settings_text(const DeploymentFile& market, GatewayId gateway,
                                  const std::string& credentials_path) {
  std::string text = fmt::format("cluster = {}\ngateway = {}\n", market.cluster, gateway);
  for (const GatewayPlace& place : market.gateways) {
    if (place.gateway != gateway) continue;
    fmt::format_to(std::back_inserter(text), "members = \"{}\"\n", net::to_string(place.members));
  }
  fmt::format_to(std::back_inserter(text), "credentials = \"{}\"\nnodes = [", credentials_path);
  for (const NodePlace& place : market.nodes) {
    fmt::format_to(std::back_inserter(text), "\"{}\", ", net::to_string(place.gateways));
  }
  return text + "]\n";
}

}  // namespace okiagari::cli

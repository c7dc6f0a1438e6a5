// The files that a deployment writes for its processes.
#include <fmt/format.h>

#include <iterator>

#include "deployment/deployment.h"
#include "deployment/link_folder.h"

namespace okiagari::deployment {

namespace {

void append(std::string& text, std::string_view key, const std::optional<net::Endpoint>& endpoint) {
  if (!endpoint) return;
  fmt::format_to(std::back_inserter(text), "{} = \"{}\"\n", key, net::to_string(*endpoint));
}

void append_tls(std::string& text, const DeploymentFile& market, const std::string& name) {
  if (!market.tls) return;
  const net::LinkIdentityFiles files = link_files(market.folder, name);
  fmt::format_to(std::back_inserter(text),
                 "\n[tls]\ncertificate = \"{}\"\nkey = \"{}\"\nauthority = \"{}\"\n",
                 files.certificate, files.key, files.authority);
}

}  // namespace

std::string node_settings_text(const DeploymentFile& market, NodeId node) {
  std::string text = fmt::format("cluster = {}\nnode = {}\n", market.cluster, node);
  for (const NodePlace& place : market.nodes) {
    fmt::format_to(std::back_inserter(text),
                   "\n[[server]]\nnode = {}\npeers = \"{}\"\ngateways = \"{}\"\nfeed = \"{}\"\n",
                   place.node, net::to_string(place.peers), net::to_string(place.gateways),
                   net::to_string(place.feed));
    append(text, "peers_b", place.peers_b);
    append(text, "feed_line", place.feed_line);
    append(text, "feed_requests", place.feed_requests);
    append(text, "feed_images", place.feed_images);
    append(text, "http", place.http);
  }
  append_tls(text, market, net::link_name("node", node));
  return text;
}

std::string operators_path_of(const DeploymentFile& market) {
  return market.folder + "/operators.toml";
}

std::string gateway_settings_text(const DeploymentFile& market, GatewayId gateway,
                                  const std::string& credentials_path) {
  std::string text = fmt::format("cluster = {}\ngateway = {}\n", market.cluster, gateway);
  for (const GatewayPlace& place : market.gateways) {
    if (place.gateway != gateway) continue;
    fmt::format_to(std::back_inserter(text), "members = \"{}\"\n", net::to_string(place.members));
    append(text, "http", place.http);
  }
  if (!market.operators.empty()) {
    fmt::format_to(std::back_inserter(text), "operators = \"{}\"\n", operators_path_of(market));
  }
  fmt::format_to(std::back_inserter(text), "credentials = \"{}\"\nnodes = [", credentials_path);
  for (const NodePlace& place : market.nodes) {
    fmt::format_to(std::back_inserter(text), "\"{}\", ", net::to_string(place.gateways));
  }
  text += "]\n";
  append_tls(text, market, net::link_name("gateway", gateway));
  return text;
}

}  // namespace okiagari::deployment

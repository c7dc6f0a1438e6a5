#include "node/server_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json_log.h"

namespace okiagari::node {

namespace {

base::Error malformed(NodeId node, std::string_view text) {
  return {fmt::format(
      "node {}: '{}' is no address of a server; it is written peers=HOST:PORT gateways=HOST:PORT "
      "feed=HOST:PORT http=HOST:PORT, with peers_b=HOST:PORT behind it when there is a second "
      "network",
      node, text)};
}

}  // namespace

std::string address_text(const ServerAddresses& server) {
  std::string text = fmt::format("peers={} gateways={} feed={}", net::to_string(server.peers),
                                 net::to_string(server.gateways), net::to_string(server.feed));
  if (server.http) text += fmt::format(" http={}", net::to_string(*server.http));
  if (server.peers_b) text += fmt::format(" peers_b={}", net::to_string(*server.peers_b));
  return text;
}

base::Result<ServerAddresses> parse_address_text(NodeId node, std::string_view text) {
  ServerAddresses server;
  server.node = node;
  std::optional<net::Endpoint> peers;
  std::optional<net::Endpoint> gateways;
  std::optional<net::Endpoint> feed;
  const std::pair<std::string_view, std::optional<net::Endpoint>*> keys[] = {
      {"peers=", &peers},
      {"gateways=", &gateways},
      {"feed=", &feed},
      {"http=", &server.http},
      {"peers_b=", &server.peers_b}};
  std::string_view rest = text;
  for (const auto& [key, endpoint] : keys) {
    if (!rest.starts_with(key)) continue;
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const auto found = net::parse_endpoint(std::string(rest.substr(key.size(), end - key.size())));
    if (!found) return malformed(node, text);
    *endpoint = found.value();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!peers || !gateways || !feed) return malformed(node, text);
  server.peers = *peers;
  server.gateways = *gateways;
  server.feed = *feed;
  if (address_text(server) != text) return malformed(node, text);
  return server;
}

void take_servers(NodeConfig& config, const journal::Configuration& servers) {
  // A server that joins has no log yet.
  if (servers.empty()) return;
  for (const journal::Server& server : servers) {
    if (server.node == config.node || server.address.empty()) continue;
    auto parsed = parse_address_text(server.node, server.address);
    if (!parsed) {
      base::log_error("server_address", {{"node", server.node}}, "{}", parsed.error().message);
      continue;
    }
    const auto known =
        std::find_if(config.servers.begin(), config.servers.end(),
                     [&](const ServerAddresses& one) { return one.node == server.node; });
    if (known == config.servers.end()) {
      config.servers.push_back(std::move(parsed.value()));
    } else {
      *known = std::move(parsed.value());
    }
  }
  std::erase_if(config.servers, [&](const ServerAddresses& one) {
    return one.node != config.node && journal::find(servers, one.node) == nullptr;
  });
}

std::string gateway_lines(const NodeConfig& config, const journal::Configuration& servers) {
  std::string lines;
  for (const journal::Server& server : servers) {
    const ServerAddresses* place = config.find(server.node);
    if (place == nullptr) continue;
    lines += fmt::format("{} {}\n", server.node, net::to_string(place->gateways));
  }
  return lines;
}

}  // namespace okiagari::node

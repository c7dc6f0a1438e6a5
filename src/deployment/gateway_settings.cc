#include "deployment/gateway_settings.h"

#include <fmt/format.h>

#include "base/settings.h"
#include "net/endpoint_setting.h"

namespace okiagari::deployment {

namespace {

using Presence = base::Settings::Presence;

base::Result<gateway::GatewayOptions> read(base::Result<base::Settings> settings) {
  if (!settings) return settings.error();
  base::Settings& root = settings.value();
  gateway::GatewayOptions options;
  root.integer("cluster", options.cluster, 1, INT64_MAX, Presence::required);
  root.integer("gateway", options.id, 1, 65'535, Presence::required);
  net::read_endpoint(root, "members", options.listen, Presence::required);
  net::read_endpoint(root, "http", options.http);
  root.text("credentials", options.credentials_path, Presence::required);
  root.text("operators", options.operators_path);
  for (const std::string& text : root.texts("nodes")) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) {
      root.refuse("nodes", fmt::format("'nodes': {}", endpoint.error().message));
      break;
    }
    options.nodes.push_back(endpoint.value());
  }
  if (options.nodes.empty()) {
    root.refuse("nodes", "'nodes' must name the gateway address of every node of the cluster");
  }
  options.tls = net::read_link_identity(root.table("tls"));
  base::Settings limits = root.table("limits");
  limits.integer("grace_ms", options.grace_ms, 0, 3'600'000);
  limits.integer("login_wait_ms", options.login_wait_ms, 100, 60'000);
  limits.integer("away_after_ms", options.away_after_ms, 100, 60'000);
  limits.integer("undecided_bytes_max", options.undecided_bytes_max, 1u << 20, 1u << 30);
  limits.integer("member_queue_bytes_max", options.member_queue_bytes_max, 1u << 16, 1u << 30);
  limits.integer("connections_max", options.connections_max, 1, 65'535);
  limits.integer("receipt_file_bytes_max", options.receipt_file_bytes_max, 1u << 20, 1ull << 40);
  if (base::Status status = root.finish(); !status) return status.error();
  return options;
}

}  // namespace

base::Result<gateway::GatewayOptions> load_gateway_settings(const std::string& path) {
  return read(base::Settings::load(path));
}

base::Result<gateway::GatewayOptions> parse_gateway_settings(std::string_view text,
                                                             const std::string& origin) {
  return read(base::Settings::parse(text, origin));
}

}  // namespace okiagari::deployment

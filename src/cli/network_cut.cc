#include "cli/network_cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "deployment/market_nodes.h"
#include "drill/own_world.h"
#include "drill/packet_filter.h"

namespace okiagari::cli {

namespace json = boost::json;

namespace {

constexpr std::uint32_t kAnswerMs = 500;

}  // namespace

base::Status enter_network_of_own() {
  drill::Needs needs;
  needs.packet_filter = true;
  std::string missing;
  for (const std::string& lack : drill::lacks(needs)) {
    missing += (missing.empty() ? "" : "; ") + lack;
  }
  if (!missing.empty())
    return base::Error{fmt::format("a network cannot be cut here: {}", missing)};
  return drill::enter_own_world();
}

base::Status cut_network(const deployment::DeploymentFile& market, journal::Network network) {
  std::vector<std::uint16_t> ports;
  for (const deployment::NodePlace& place : market.nodes) {
    if (network == journal::Network::a) ports.push_back(place.peers.port);
    if (network == journal::Network::b && place.peers_b) ports.push_back(place.peers_b->port);
  }
  if (ports.empty()) return base::Error{"the servers have no such network"};
  return drill::cut_off(ports);
}

base::Status mend_networks() { return drill::let_arrive(); }

bool is_sending_over(const deployment::DeploymentFile& market, NodeId node,
                     journal::Network network) {
  for (const deployment::NodePlace& place : market.nodes) {
    if (place.node != node) continue;
    const auto answers = deployment::ask_nodes({place.gateways}, kAnswerMs);
    if (!answers.front().report) return false;
    boost::system::error_code error;
    const json::value report = json::parse(*answers.front().report, error);
    if (error || !report.is_object()) return false;
    const json::value* links = report.get_object().if_contains("links");
    if (links == nullptr || !links->is_array() || links->get_array().empty()) return false;
    const auto is_so = [network](const json::value& link) {
      const json::value* used =
          link.is_object() ? link.get_object().if_contains("network") : nullptr;
      return used != nullptr && *used == json::string(journal::name_of(network));
    };
    return std::all_of(links->get_array().begin(), links->get_array().end(), is_so);
  }
  return false;
}

}  // namespace okiagari::cli

#include "deployment/market_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "deployment/deployment_file.h"
#include "net/link_identity.h"
#include "net/loop.h"
#include "node/config.h"

namespace okiagari::deployment {

base::Result<std::vector<net::Endpoint>> MarketNodesOptions::endpoints() const {
  std::vector<net::Endpoint> found;
  if (!nodes.empty()) {
    for (const std::string& text : nodes) {
      auto endpoint = net::parse_endpoint(text);
      if (!endpoint) return endpoint.error();
      found.push_back(endpoint.value());
    }
  } else if (!config.empty()) {
    auto loaded = node::load_node_config(config);
    if (!loaded) return loaded.error();
    if (loaded.value().tls && net::link_security().identity == nullptr) {
      base::Status used = net::use_link_files(loaded.value().tls, [](const std::string&) {});
      if (!used) return used.error();
    }
    for (const node::ServerAddresses& server : loaded.value().servers) {
      found.push_back(server.gateways);
    }
  } else {
    auto loaded = DeploymentFile::load(folder);
    if (!loaded) return loaded.error();
    for (const NodePlace& place : loaded.value().nodes) found.push_back(place.gateways);
  }
  return found;
}

std::optional<DeploymentFile> MarketNodesOptions::market() const {
  if (!nodes.empty() || !config.empty()) return std::nullopt;
  auto loaded = DeploymentFile::load(folder);
  if (!loaded) return std::nullopt;
  return std::move(loaded.value());
}

std::vector<NodeAnswer> ask_nodes(const std::vector<net::Endpoint>& nodes,
                                  std::uint32_t timeout_ms) {
  net::Loop loop;
  std::vector<NodeAnswer> answers(nodes.size());
  std::vector<std::unique_ptr<client::OperatorLink>> links(nodes.size());
  std::size_t missing = nodes.size();
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    answers[at].endpoint = nodes[at];
    answers[at].error = "no answer in time: it may be frozen or far behind";
    client::OperatorLink::Handlers handlers;
    handlers.on_connected = [&links, at] { links[at]->request_report(); };
    handlers.on_report = [&answers, &missing, at](const std::string& json) {
      answers[at].report = json;
      --missing;
    };
    handlers.on_lost = [&answers, &missing, at](const std::string& reason) {
      if (answers[at].report) return;
      answers[at].error = reason;
      --missing;
    };
    links[at] = std::make_unique<client::OperatorLink>(loop, nodes[at], std::move(handlers));
  }
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (missing > 0 && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  return answers;
}

HandOver::HandOver(net::Loop& loop, const net::Endpoint& leader, journal::ClusterId cluster,
                   NodeId target, OnAnswer on_answer, OnLost on_lost)
    : link_(loop, leader, [&] {
        client::OperatorLink::Handlers handlers;
        handlers.on_connected = [this, cluster, target] {
          link_.greet(cluster);
          link_.request_transfer(target);
        };
        handlers.on_transfer = std::move(on_answer);
        handlers.on_lost = std::move(on_lost);
        return handlers;
      }()) {}

base::Result<TransferOutcome> ask_transfer(const net::Endpoint& leader, journal::ClusterId cluster,
                                           NodeId target, std::uint32_t timeout_ms) {
  net::Loop loop;
  std::optional<TransferOutcome> outcome;
  std::string lost;
  const HandOver hand_over(
      loop, leader, cluster, target,
      [&](bool accepted, const std::string& text) {
        outcome = TransferOutcome{accepted, text};
      },
      [&](const std::string& reason) { lost = reason; });
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (!outcome && lost.empty() && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  if (outcome) return *outcome;
  return base::Error{fmt::format("the leader at {} did not answer: {}", net::to_string(leader),
                                 lost.empty() ? "no answer in time" : lost)};
}

}  // namespace okiagari::deployment

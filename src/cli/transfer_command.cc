#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/nodes_options.h"
#include "deployment/market_nodes.h"

namespace okiagari::cli {

namespace {

struct TransferOptions {
  deployment::MarketNodesOptions nodes;
  NodeId target = 0;
};

struct Leader {
  net::Endpoint endpoint;
  NodeId node = 0;
  journal::ClusterId cluster = 0;
};

std::optional<Leader> find_leader(const std::vector<net::Endpoint>& nodes,
                                  std::uint32_t timeout_ms) {
  for (const deployment::NodeAnswer& answer : deployment::ask_nodes(nodes, timeout_ms)) {
    if (!answer.report) continue;
    const boost::json::value report = boost::json::parse(*answer.report);
    if (!report.at("open").as_bool()) continue;
    return Leader{answer.endpoint, report.at("node").to_number<NodeId>(),
                  report.at("cluster").to_number<journal::ClusterId>()};
  }
  return std::nullopt;
}

int run_transfer(const TransferOptions& options) {
  using Clock = std::chrono::steady_clock;
  auto endpoints = options.nodes.endpoints();
  if (!endpoints) return failed(endpoints.error().message, kExitWrongUse);
  const std::uint32_t timeout_ms = options.nodes.timeout_ms;
  const std::optional<Leader> before = find_leader(endpoints.value(), timeout_ms);
  if (!before) return failed("no node leads: there is nothing to hand over");
  auto outcome =
      deployment::ask_transfer(before->endpoint, before->cluster, options.target, timeout_ms);
  if (!outcome) return failed(outcome.error().message);
  if (!outcome.value().accepted) return failed(outcome.value().text);
  const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (Clock::now() < end) {
    const std::optional<Leader> now = find_leader(endpoints.value(), timeout_ms);
    if (now && now->node != before->node) {
      fmt::print("node {} leads, after node {}\n", now->node, before->node);
      return kExitHolds;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return failed(fmt::format("node {} did not hand over within {} ms", before->node, timeout_ms));
}

}  // namespace

void add_transfer_command(Command app, const Exit& exit) {
  auto options = std::make_shared<TransferOptions>();
  const Command command =
      app.command("transfer", "Hand leadership over to another node, without dropping a session");
  command.option("--to", options->target, "The node that shall lead; 0: whichever is furthest")
      .shows_default();
  add_nodes_options(command, options->nodes);
  set_action(command, exit, [options] { return run_transfer(*options); });
}

}  // namespace okiagari::cli

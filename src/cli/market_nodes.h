// Which nodes a command is about: those of a market's folder, of a node's or gateway's
// configuration, or named one by one; and asking them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/identity.h"
#include "net/tcp.h"

namespace okiagari::cli {

struct MarketNodesOptions {
  std::string folder = "market";
  std::string config;
  std::vector<std::string> nodes;
  std::uint32_t timeout_ms = 1'000;

  void add_to(CLI::App& command);
  // The nodes' addresses for gateways and operators.
  [[nodiscard]] base::Result<std::vector<net::Endpoint>> endpoints() const;
};

// What one node said, a JSON object (docs/operating.md), or why it said nothing.
struct NodeAnswer {
  net::Endpoint endpoint;
  std::optional<std::string> report;
  std::string error;
};

// Asks all at once; those that do not answer in time are answers too.
[[nodiscard]] std::vector<NodeAnswer> ask_nodes(const std::vector<net::Endpoint>& nodes,
                                                std::uint32_t timeout_ms);

struct TransferOutcome {
  bool accepted = false;
  std::string text;
};
[[nodiscard]] base::Result<TransferOutcome> ask_transfer(const net::Endpoint& leader,
                                                         journal::ClusterId cluster, NodeId target,
                                                         std::uint32_t timeout_ms);

}  // namespace okiagari::cli

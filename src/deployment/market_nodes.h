// Which nodes a command is about: those of a market's folder, of a node's or gateway's
// configuration, or named one by one; and asking them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/operator_link.h"
#include "deployment/deployment_file.h"
#include "journal/identity.h"
#include "net/tcp.h"

namespace okiagari::deployment {

struct MarketNodesOptions {
  std::string folder = "market";
  std::string config;
  std::vector<std::string> nodes;
  std::uint32_t timeout_ms = 1'000;

  // The nodes' addresses for gateways and operators.
  [[nodiscard]] base::Result<std::vector<net::Endpoint>> endpoints() const;
  // The market that `up` made, when it is meant by its folder and can be read.
  [[nodiscard]] std::optional<DeploymentFile> market() const;
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

// Asks a leader to hand over, once; says nothing when it is lost before it answers, as a leader in
// trouble may be.
class HandOver {
 public:
  using OnAnswer = std::function<void(bool accepted, const std::string& text)>;
  using OnLost = std::function<void(const std::string& reason)>;
  // `target` 0: to whichever node is furthest.
  HandOver(net::Loop& loop, const net::Endpoint& leader, journal::ClusterId cluster, NodeId target,
           OnAnswer on_answer, OnLost on_lost = nullptr);

 private:
  client::OperatorLink link_;
};

struct TransferOutcome {
  bool accepted = false;
  std::string text;
};
[[nodiscard]] base::Result<TransferOutcome> ask_transfer(const net::Endpoint& leader,
                                                         journal::ClusterId cluster, NodeId target,
                                                         std::uint32_t timeout_ms);

}  // namespace okiagari::deployment

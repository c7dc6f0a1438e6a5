#include "cli/signed_hand_over.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "client/operator_link.h"
#include "deployment/market_nodes.h"
#include "desk/entry.h"
#include "net/loop.h"
#include "watch/reporter.h"
#include "wire/transfer_approval.h"

namespace okiagari::cli {

namespace {

constexpr std::uint32_t kAskMs = 500;
constexpr std::uint64_t kAnswerMs = 1'000;
constexpr std::uint64_t kTakeOverMs = 3'000;
constexpr std::uint32_t kAcceptS = 30;

struct Server {
  NodeId node = 0;
  net::Endpoint endpoint;
  bool is_open = false;
  bool is_fine = false;
  std::uint64_t term = 0;
};

std::vector<Server> look(const deployment::DeploymentFile& market) {
  std::vector<net::Endpoint> nodes;
  for (const deployment::NodePlace& place : market.nodes) nodes.push_back(place.gateways);
  std::vector<Server> found;
  for (const deployment::NodeAnswer& answer : deployment::ask_nodes(nodes, kAskMs)) {
    if (!answer.report) continue;
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(*answer.report, error);
    if (error || !value.is_object()) continue;
    const boost::json::object& report = value.get_object();
    const bool is_fine = desk::text_or(report, "verdict") == "fine" &&
                         !desk::flag_or(report, "disk_low", false) &&
                         desk::flag_or(report, "ledger_conserved", true);
    found.push_back({.node = static_cast<NodeId>(desk::number_or(report, "node", 0)),
                     .endpoint = answer.endpoint,
                     .is_open = desk::flag_or(report, "open", false),
                     .is_fine = is_fine,
                     .term = static_cast<std::uint64_t>(desk::number_or(report, "term", 0))});
  }
  return found;
}

// The one of the highest term; a deposed one that has not noticed is open too.
const Server* leader_of(const std::vector<Server>& servers) {
  const Server* best = nullptr;
  for (const Server& server : servers) {
    if (server.is_open && (best == nullptr || server.term > best->term)) best = &server;
  }
  return best;
}

// Empty when it was accepted.
std::string ask(const deployment::DeploymentFile& market, const Server& leader,
                const HandOverOrder& order) {
  wire::TransferApproval approval{.cluster = market.cluster, .term = leader.term};
  const auto now_s = static_cast<std::uint32_t>(net::Loop::wall_ns() / 1'000'000'000);
  wire::sign_transfer(approval, order.to, order.operator_id, order.key, now_s + kAcceptS);
  net::Loop loop;
  std::optional<std::string> refusal;
  std::unique_ptr<client::OperatorLink> link;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [&] {
    link->greet(market.cluster);
    link->request_transfer(order.to, approval);
  };
  handlers.on_transfer = [&](bool accepted, const std::string& text) {
    refusal = accepted ? "" : text;
  };
  handlers.on_lost = [&](const std::string& reason) {
    if (!refusal) refusal = reason;
  };
  link = std::make_unique<client::OperatorLink>(loop, leader.endpoint, std::move(handlers));
  const std::uint64_t end_ms = net::Loop::now_ms() + kAnswerMs;
  while (!refusal && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  return refusal.value_or("no answer in time");
}

}  // namespace

HandOverOutcome hand_over(const deployment::DeploymentFile& market, const HandOverOrder& order) {
  const std::vector<Server> before = look(market);
  const Server* leader = leader_of(before);
  if (leader == nullptr) return {.words = "no server leads and is open"};
  const std::string to = watch::node_name(order.to);
  if (leader->node != order.from) {
    return {.is_done = leader->node == order.to,
            .is_final = true,
            .words = fmt::format("{} leads already", watch::node_name(leader->node)),
            .answer = {{"leader", leader->node}, {"term", leader->term}}};
  }
  const auto better = std::find_if(before.begin(), before.end(),
                                   [&](const Server& one) { return one.node == order.to; });
  if (better == before.end() || !better->is_fine) {
    return {.is_final = true,
            .words = fmt::format("{} {}", to,
                                 better == before.end() ? "does not answer" : "is not fine")};
  }
  const std::uint64_t asked_ms = net::Loop::now_ms();
  if (const std::string refusal = ask(market, *leader, order); !refusal.empty()) {
    return {.words = fmt::format("{}: {}", watch::node_name(order.from), refusal)};
  }
  while (net::Loop::now_ms() < asked_ms + kTakeOverMs) {
    const std::vector<Server> now = look(market);
    const Server* leads = leader_of(now);
    if (leads == nullptr || leads->node == order.from) continue;
    return {.is_done = true,
            .is_final = true,
            .words = fmt::format("{} leads in term {}, after {}", watch::node_name(leads->node),
                                 leads->term, watch::node_name(order.from)),
            .answer = {{"leader", leads->node},
                       {"term", leads->term},
                       {"took_ms", net::Loop::now_ms() - asked_ms}}};
  }
  return {.words = fmt::format("{} did not hand over", watch::node_name(order.from))};
}

}  // namespace okiagari::cli

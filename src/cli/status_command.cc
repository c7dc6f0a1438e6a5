#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/nodes_options.h"
#include "deployment/deployment_file.h"
#include "deployment/market_nodes.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

struct StatusOptions {
  deployment::MarketNodesOptions nodes;
  ReportOptions report;
};

std::uint64_t number(const json::object& node, const char* key) {
  return node.at(key).to_number<std::uint64_t>();
}
std::string text(const json::object& node, const char* key) {
  return std::string(node.at(key).as_string());
}

// Nodes are compared at the newest checkpoint that all of them have passed: their present states
// are of different moments.
struct Comparison {
  bool compared = false;
  bool agree = true;
  std::uint64_t sequence = 0;
};

Comparison compare_states(const std::vector<json::object>& nodes) {
  std::map<std::uint64_t, std::vector<std::string>> by_sequence;
  for (const json::object& node : nodes) {
    for (const json::value& checkpoint : node.at("checkpoints").as_array()) {
      const json::object& found = checkpoint.as_object();
      by_sequence[number(found, "sequence")].push_back(
          text(found, "state_hash") + text(found, "scrub_hash") + text(found, "chain"));
    }
  }
  Comparison comparison;
  for (const auto& [sequence, hashes] : by_sequence) {
    if (hashes.size() < 2) continue;
    const std::set<std::string> distinct(hashes.begin(), hashes.end());
    comparison.agree = comparison.agree && distinct.size() == 1;
    if (hashes.size() < nodes.size()) continue;
    comparison.compared = true;
    comparison.sequence = sequence;
  }
  // A market nobody has traded in yet has no checkpoint; nor need two nodes started at different
  // times share one.
  return comparison;
}

// A gateway of a market that `up` made: whether it takes connections.
struct GatewayAnswer {
  deployment::GatewayPlace place;
  std::string error;  // empty: it does
};

std::vector<GatewayAnswer> knock(const deployment::DeploymentFile& market,
                                 std::uint32_t timeout_ms) {
  net::Loop loop;
  std::vector<GatewayAnswer> answers;
  for (const deployment::GatewayPlace& place : market.gateways)
    answers.push_back({place, "no answer in time"});
  std::size_t missing = answers.size();
  for (GatewayAnswer& answer : answers) {
    net::connect(loop, answer.place.members,
                 [&](std::shared_ptr<net::Connection> connection, const std::string& error) {
                   answer.error = error;
                   --missing;
                   if (connection) connection->close();
                 });
  }
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (missing > 0 && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  return answers;
}

struct FormatLevels {
  std::uint64_t in_force = 0;
  std::uint64_t understood = 0;  // by the node that understands least; 0: one does not tell
};

FormatLevels format_levels(const std::vector<json::object>& nodes) {
  FormatLevels levels{0, nodes.empty() ? 0 : UINT64_MAX};
  for (const json::object& node : nodes) {
    const bool tells = node.contains("format_level") && node.contains("format_level_understood");
    levels.understood =
        std::min(levels.understood, tells ? number(node, "format_level_understood") : 0);
    if (tells) levels.in_force = std::max(levels.in_force, number(node, "format_level"));
  }
  return levels;
}

void judge(const std::vector<deployment::NodeAnswer>& answers,
           const std::vector<json::object>& nodes, base::Report& report) {
  const auto count = [&](auto&& holds) {
    return static_cast<std::int64_t>(std::count_if(nodes.begin(), nodes.end(), holds));
  };
  const auto all = static_cast<std::int64_t>(nodes.size());
  std::set<std::uint64_t> leaders;
  std::uint64_t term = 0;
  std::uint64_t newest_index = 0;
  std::uint64_t oldest_index = UINT64_MAX;
  for (const json::object& node : nodes) {
    leaders.insert(number(node, "leader"));
    term = std::max(term, number(node, "term"));
    newest_index = std::max(newest_index, number(node, "last_index"));
    oldest_index = std::min(oldest_index, number(node, "applied_index"));
  }
  const Comparison states = compare_states(nodes);
  report.figure("term", static_cast<double>(term), "");
  report.figure(
      "lag of the slowest node",
      nodes.empty() ? 0 : static_cast<double>(newest_index - std::min(oldest_index, newest_index)),
      "entries");
  report.figure("hashes compared at sequence", static_cast<double>(states.sequence), "");
  const auto [in_force, understood] = format_levels(nodes);
  report.figure("format level in force", static_cast<double>(in_force), "");
  report.figure("lowest that a node understands", static_cast<double>(understood), "");
  report.check("nodes that answer", all, static_cast<std::int64_t>(answers.size()));
  report.check("nodes that lead and are open",
               count([](const auto& node) { return node.at("open").as_bool(); }), std::int64_t{1});
  report.check("all know the same leader", leaders.size() == 1 && *leaders.begin() != 0, true);
  report.check("hashes agree", states.agree, true);
  report.check("nodes that stopped over their state",
               count([](const auto& node) { return text(node, "verdict") != "fine"; }),
               std::int64_t{0});
  report.check("nodes whose balances add up",
               count([](const auto& node) { return node.at("ledger_conserved").as_bool(); }), all);
  report.check("nodes short of disk space",
               count([](const auto& node) { return node.at("disk_low").as_bool(); }),
               std::int64_t{0});
  report.check("nodes barred from voting",
               count([](const auto& node) { return node.at("barred_from_voting").as_bool(); }),
               std::int64_t{0});
}

// Where servers reach each other by two networks: which ones they use, and whether they could go
// over to the other one. Nothing where there is one network.
void judge_networks(const std::vector<json::object>& nodes, base::Report& report) {
  std::map<std::string, double> used;
  std::int64_t without_spare = 0;
  bool has_two = false;
  for (const json::object& node : nodes) {
    const json::value* links = node.if_contains("links");
    if (links == nullptr || !links->is_array()) continue;
    for (const json::value& link : links->get_array()) {
      if (!link.is_object()) continue;
      const json::value* spare = link.get_object().if_contains("spare");
      if (spare == nullptr) continue;
      has_two = true;
      if (*spare != true) ++without_spare;
      const json::value* network = link.get_object().if_contains("network");
      if (network != nullptr && network->is_string()) ++used[std::string(network->get_string())];
    }
  }
  if (!has_two) return;
  for (const char* network : {"A", "B"}) {
    report.figure(fmt::format("links over network {}", network), used[network], "links");
  }
  report.check("links without a second network to go over to", without_spare, std::int64_t{0});
}

// A node that leads but has not applied everything before its term does not serve yet.
std::string role_in_words(const json::object& node) {
  const std::string role = text(node, "role");
  return role == "leader" && !node.at("open").as_bool() ? "opening" : role;
}

void print_nodes(const std::vector<deployment::NodeAnswer>& answers,
                 const std::vector<json::object>& nodes,
                 const std::map<std::string, NodeId>& names) {
  std::uint64_t newest_index = 0;
  for (const json::object& node : nodes) {
    newest_index = std::max(newest_index, number(node, "last_index"));
  }
  fmt::print("{:>7}  {:<9} {:>5} {:>6} {:>9} {:>9} {:>9} {:>6} {:>10}  {:<16}\n", "node", "role",
             "term", "leader", "stored", "committed", "applied", "lag", "sequence", "state hash");
  for (const json::object& node : nodes) {
    fmt::print("{:>7}  {:<9} {:>5} {:>6} {:>9} {:>9} {:>9} {:>6} {:>10}  {:<16}\n",
               number(node, "node"), role_in_words(node), number(node, "term"),
               number(node, "leader"), number(node, "synced_index"), number(node, "commit_index"),
               number(node, "applied_index"), newest_index - number(node, "applied_index"),
               number(node, "sequence"), text(node, "state_hash"));
  }
  for (const deployment::NodeAnswer& answer : answers) {
    if (answer.report) continue;
    const std::string address = net::to_string(answer.endpoint);
    const auto name = names.find(address);
    fmt::print("{:>7}  {}: {}\n", name == names.end() ? "?" : std::to_string(name->second), address,
               answer.error);
  }
}

void print_gateways(const std::vector<GatewayAnswer>& gateways) {
  if (gateways.empty()) return;
  fmt::print("{:>7}  {:<21} {:>8} {:>8}\n", "gateway", "members", "process", "restarts");
  for (const GatewayAnswer& gateway : gateways) {
    fmt::print("{:>7}  {:<21} {:>8} {:>8}  {}\n", gateway.place.gateway,
               net::to_string(gateway.place.members), gateway.place.pid, gateway.place.restarts,
               gateway.error.empty() ? "takes log-ins" : gateway.error);
  }
}

int run_status(const StatusOptions& options) {
  auto endpoints = options.nodes.endpoints();
  if (!endpoints) return failed(endpoints.error().message, kExitWrongUse);
  const std::vector<deployment::NodeAnswer> answers =
      deployment::ask_nodes(endpoints.value(), options.nodes.timeout_ms);
  std::vector<json::object> nodes;
  for (const deployment::NodeAnswer& answer : answers) {
    if (answer.report) nodes.push_back(json::parse(*answer.report).as_object());
  }
  std::sort(nodes.begin(), nodes.end(), [](const json::object& a, const json::object& b) {
    return number(a, "node") < number(b, "node");
  });
  std::map<std::string, NodeId> names;
  std::vector<GatewayAnswer> gateways;
  if (auto market = options.nodes.market()) {
    for (const deployment::NodePlace& place : market->nodes) {
      names.emplace(net::to_string(place.gateways), place.node);
    }
    gateways = knock(*market, options.nodes.timeout_ms);
  }
  base::Report report("status", 0);
  judge(answers, nodes, report);
  judge_networks(nodes, report);
  if (!gateways.empty()) {
    const auto answering = std::count_if(gateways.begin(), gateways.end(),
                                         [](const auto& one) { return one.error.empty(); });
    report.check("gateways that take connections", static_cast<std::int64_t>(answering),
                 static_cast<std::int64_t>(gateways.size()));
  }
  if (!options.report.json) {
    print_nodes(answers, nodes, names);
    print_gateways(gateways);
  }
  if (nodes.empty() && !names.empty()) {
    say(fmt::format("no node answers; `okiagari up --data {}` starts the market",
                    options.nodes.folder));
  }
  return options.report.print(report);
}

}  // namespace

void add_status_command(Command app, const Exit& exit) {
  auto options = std::make_shared<StatusOptions>();
  const Command command = app.command(
      "status", "Who leads, terms, positions, hashes and lag of all nodes, and the gateways");
  add_nodes_options(command, options->nodes);
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_status(*options); });
}

}  // namespace okiagari::cli

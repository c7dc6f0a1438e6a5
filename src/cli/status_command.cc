#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/market_nodes.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

struct StatusOptions {
  MarketNodesOptions nodes;
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

void judge(const std::vector<NodeAnswer>& answers, const std::vector<json::object>& nodes,
           base::Report& report) {
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

void print_nodes(const std::vector<NodeAnswer>& answers, const std::vector<json::object>& nodes) {
  std::uint64_t newest_index = 0;
  for (const json::object& node : nodes) {
    newest_index = std::max(newest_index, number(node, "last_index"));
  }
  fmt::print("{:>4}  {:<9} {:>5} {:>6}  {:>10} {:>10} {:>10} {:>6}  {:>12}  {:<16}\n", "node",
             "role", "term", "leader", "stored", "committed", "applied", "lag", "sequence",
             "state hash");
  for (const json::object& node : nodes) {
    fmt::print("{:>4}  {:<9} {:>5} {:>6}  {:>10} {:>10} {:>10} {:>6}  {:>12}  {:<16}{}\n",
               number(node, "node"), text(node, "role"), number(node, "term"),
               number(node, "leader"), number(node, "synced_index"), number(node, "commit_index"),
               number(node, "applied_index"), newest_index - number(node, "applied_index"),
               number(node, "sequence"), text(node, "state_hash"),
               node.at("open").as_bool() ? "  open" : "");
  }
  for (const NodeAnswer& answer : answers) {
    if (!answer.report) fmt::print("   ?  {}: {}\n", net::to_string(answer.endpoint), answer.error);
  }
}

int run_status(const StatusOptions& options) {
  auto endpoints = options.nodes.endpoints();
  if (!endpoints) return failed(endpoints.error().message, kExitWrongUse);
  const std::vector<NodeAnswer> answers = ask_nodes(endpoints.value(), options.nodes.timeout_ms);
  std::vector<json::object> nodes;
  for (const NodeAnswer& answer : answers) {
    if (answer.report) nodes.push_back(json::parse(*answer.report).as_object());
  }
  std::sort(nodes.begin(), nodes.end(), [](const json::object& a, const json::object& b) {
    return number(a, "node") < number(b, "node");
  });
  base::Report report("status", 0);
  judge(answers, nodes, report);
  if (!options.report.json) print_nodes(answers, nodes);
  return options.report.print(report);
}

}  // namespace

void add_status_command(CLI::App& app, const Exit& exit) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command =
      app.add_subcommand("status", "Who leads, terms, positions, hashes and lag of all nodes");
  options->nodes.add_to(*command);
  options->report.add_to(*command);
  set_action(*command, exit, [options] { return run_status(*options); });
}

}  // namespace okiagari::cli

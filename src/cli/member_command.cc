// `okiagari member`: which servers a cluster has, and servers that come, go and are replaced.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/joiner.h"
#include "cli/member_change.h"
#include "cli/nodes_options.h"
#include "deployment/deployment_file.h"
#include "deployment/market_nodes.h"
#include "deployment/node_watch.h"
#include "deployment/wanted_nodes.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;
using Kind = journal::ServerChange::Kind;

constexpr std::uint64_t kProgressMs = 1'000;
constexpr std::uint64_t kLookMs = 50;

struct MemberOptions {
  deployment::MarketNodesOptions nodes;
  std::string address;  // of the new server, for gateways
  NodeId node = 0;
  bool standby = false;
  std::uint32_t patience_s = 600;
};

std::vector<json::object> reports_of(const std::vector<net::Endpoint>& nodes,
                                     std::uint32_t timeout_ms) {
  std::vector<json::object> reports;
  for (const deployment::NodeAnswer& answer : deployment::ask_nodes(nodes, timeout_ms)) {
    if (!answer.report) continue;
    boost::system::error_code error;
    const json::value report = json::parse(*answer.report, error);
    if (!error && report.is_object()) reports.push_back(report.get_object());
  }
  return reports;
}

std::uint64_t number_in(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  boost::system::error_code error;
  return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

bool flag_in(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<json::object> leaders_report(const std::vector<json::object>& reports) {
  for (const json::object& report : reports) {
    if (flag_in(report, "open")) return report;
  }
  return std::nullopt;
}

const json::object* server_in(const json::object& report, NodeId node) {
  const json::value* servers = report.if_contains("servers");
  if (servers == nullptr || !servers->is_array()) return nullptr;
  for (const json::value& server : servers->get_array()) {
    if (server.is_object() && number_in(server.get_object(), "node") == node) {
      return &server.get_object();
    }
  }
  return nullptr;
}

// How far a server has come, by the leader's report.
std::string progress_of(const json::object& leader, const json::object& server) {
  const std::uint64_t bytes = number_in(server, "snapshot_bytes");
  if (bytes > 0) {
    return fmt::format("snapshot {} of {} bytes", number_in(server, "snapshot_sent_bytes"), bytes);
  }
  const std::uint64_t last = number_in(leader, "last_index");
  const std::uint64_t match = std::min(last, number_in(server, "match_index"));
  return fmt::format("{} entries behind", last - match);
}

int list_members(const MemberOptions& options) {
  auto endpoints = options.nodes.endpoints();
  if (!endpoints) return failed(endpoints.error().message, kExitWrongUse);
  const auto reports = reports_of(endpoints.value(), options.nodes.timeout_ms);
  const auto leader = leaders_report(reports);
  if (!leader) return failed("no node leads: who the servers are cannot be told");
  const json::value* servers = leader->if_contains("servers");
  if (servers == nullptr || !servers->is_array()) return failed("the leader does not tell");
  for (const json::value& value : servers->get_array()) {
    const json::object& server = value.get_object();
    const std::uint64_t node = number_in(server, "node");
    const bool leads = node == number_in(*leader, "node");
    fmt::print("node {:<3} {:<8} {}\n", node, flag_in(server, "votes") ? "votes" : "standby",
               leads ? "leads" : progress_of(*leader, server));
  }
  fmt::print("the next free number is {}\n", number_in(*leader, "next_node"));
  return kExitHolds;
}

// What the new server says of itself.
struct Joiner {
  journal::Server server;
  net::Endpoint endpoint;
};

class Members {
 public:
  explicit Members(const MemberOptions& options)
      : options_(options),
        end_ms_(net::Loop::now_ms() + std::uint64_t{options.patience_s} * 1'000) {}

  base::Status begin() {
    auto endpoints = options_.nodes.endpoints();
    if (!endpoints) return endpoints.error();
    endpoints_ = std::move(endpoints.value());
    while (!is_over()) {
      if (const auto leader = leaders_report(look())) {
        cluster_ = number_in(*leader, "cluster");
        watch_ = std::make_unique<deployment::NodeWatch>(loop_, cluster_, endpoints_);
        return {};
      }
    }
    return base::Error{"no node leads: nobody can take a change"};
  }

  // The server that is to come: the one at the address given, or one that the market's supervisor
  // makes.
  base::Result<Joiner> joiner() {
    if (!options_.address.empty()) {
      auto endpoint = net::parse_endpoint(options_.address);
      if (!endpoint) return endpoint.error();
      return wait_for(endpoint.value());
    }
    const auto market = options_.nodes.market();
    if (!market) {
      return base::Error{
          "name the new server's address for gateways, HOST:PORT; with --data the market's "
          "supervisor makes one"};
    }
    if (base::Status status = deployment::put_node_wish(market->folder, {}); !status)
      return status.error();
    while (!is_over()) {
      const auto now = options_.nodes.market();
      const deployment::NodePlace* added = now ? added_place(*market, *now) : nullptr;
      if (added != nullptr) return wait_for(added->gateways);
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    }
    return base::Error{fmt::format("{}: no `okiagari up` has made a node", market->folder)};
  }

  base::Status change(const journal::ServerChange& wanted, const std::string& what) {
    MemberChange change(
        loop_,
        [this]() -> std::optional<net::Endpoint> {
          const auto at = watch_->leader();
          return at ? std::optional(endpoints_[*at]) : std::nullopt;
        },
        cluster_, wanted);
    std::uint64_t told_ms = net::Loop::now_ms();
    while (!change.is_done()) {
      if (is_over() || change.is_refused()) {
        return base::Error{fmt::format("{}: {}", what, change.words())};
      }
      loop_.turn(net::Loop::now_ms() + 5);
      watch_->tick(net::Loop::now_ms());
      change.tick(net::Loop::now_ms());
      if (net::Loop::now_ms() < told_ms + kProgressMs) continue;
      told_ms = net::Loop::now_ms();
      tell_progress(wanted.server.node, change.words());
    }
    return {};
  }

  base::Status add() {
    auto joiner = this->joiner();
    if (!joiner) return joiner.error();
    const journal::Server& server = joiner.value().server;
    base::Status status = change({Kind::add, server}, "the server was not added");
    if (!status) return status;
    say(fmt::format("node {} is a standby", server.node));
    // From now on it may lead, too.
    endpoints_.push_back(joiner.value().endpoint);
    watch_ = std::make_unique<deployment::NodeWatch>(loop_, cluster_, endpoints_);
    if (options_.standby) return status;
    status = change({Kind::promote, server}, "the server does not vote yet");
    if (status) say(fmt::format("node {} votes", server.node));
    return status;
  }

  base::Status remove(NodeId node) {
    base::Status status = change({Kind::remove, {node}}, "the server was not removed");
    if (!status) return status;
    say(fmt::format("node {} is no server any more", node));
    const auto market = options_.nodes.market();
    const bool is_there = market && std::any_of(market->nodes.begin(), market->nodes.end(),
                                                [node](const deployment::NodePlace& place) {
                                                  return place.node == node;
                                                });
    if (!is_there) return status;
    return deployment::put_node_wish(market->folder, {node});
  }

 private:
  [[nodiscard]] bool is_over() const { return net::Loop::now_ms() >= end_ms_; }
  std::vector<json::object> look() { return reports_of(endpoints_, options_.nodes.timeout_ms); }

  static const deployment::NodePlace* added_place(const deployment::DeploymentFile& before,
                                                  const deployment::DeploymentFile& now) {
    for (const deployment::NodePlace& place : now.nodes) {
      const bool was = std::any_of(before.nodes.begin(), before.nodes.end(), [&](const auto& old) {
        return net::to_string(old.gateways) == net::to_string(place.gateways);
      });
      if (!was && place.pid != 0) return &place;
    }
    return nullptr;
  }

  base::Result<Joiner> wait_for(const net::Endpoint& endpoint) {
    std::string trouble = "there is no time left";
    while (!is_over()) {
      const JoinerAnswer answer = ask_joiner(endpoint, cluster_, options_.nodes.timeout_ms);
      if (answer.server) return Joiner{*answer.server, endpoint};
      if (answer.is_final) return base::Error{answer.trouble};
      if (answer.trouble != trouble) say(answer.trouble);
      trouble = answer.trouble;
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    }
    return base::Error{trouble};
  }

  void tell_progress(NodeId node, const std::string& words) {
    const auto leader = leaders_report(look());
    const json::object* server = leader ? server_in(*leader, node) : nullptr;
    say(fmt::format("node {}: {}{}", node, server != nullptr ? progress_of(*leader, *server) : "",
                    words.empty() ? "" : "; " + words));
  }

  const MemberOptions& options_;
  std::uint64_t end_ms_;
  net::Loop loop_;
  journal::ClusterId cluster_ = 0;
  std::vector<net::Endpoint> endpoints_;
  std::unique_ptr<deployment::NodeWatch> watch_;
};

int change_members(const MemberOptions& options, bool adds, bool removes) {
  if (auto endpoints = options.nodes.endpoints(); !endpoints) {
    return failed(endpoints.error().message, kExitWrongUse);
  }
  Members members(options);
  base::Status status = members.begin();
  if (status && adds) status = members.add();
  if (status && removes) status = members.remove(options.node);
  return status ? int{kExitHolds} : failed(status.error().message);
}

void add_part(Command member, const Exit& exit, const char* name, const char* what, bool adds,
              bool removes) {
  auto options = std::make_shared<MemberOptions>();
  const Command command = member.command(name, what);
  if (removes) command.option("node", options->node, "The server that goes").required();
  if (adds) {
    command.option("--address", options->address,
                   "The new server's address for gateways, HOST:PORT; it runs already, "
                   "formatted with `okiagari node --format --join`. Without it the "
                   "supervisor of the market in --data makes one");
  }
  if (adds && !removes) {
    command.flag("--standby", options->standby, "It gets everything and has no vote");
  }
  command.option("--patience-s", options->patience_s, "Seconds until it is given up")
      .within(1, 86'400)
      .shows_default();
  add_nodes_options(command, options->nodes);
  set_action(command, exit,
             [options, adds, removes] { return change_members(*options, adds, removes); });
}

}  // namespace

void add_member_command(Command app, const Exit& exit) {
  const Command member = app.command(
      "member", "The servers of a cluster: list them, add, remove and replace them while it runs");
  member.needs_command();
  auto options = std::make_shared<MemberOptions>();
  const Command list = member.command("list", "Who is a server, who votes, who lags");
  add_nodes_options(list, options->nodes);
  set_action(list, exit, [options] { return list_members(*options); });
  add_part(member, exit, "add", "A server comes: first without a vote, then, caught up, with one",
           true, false);
  add_part(member, exit, "remove", "A server goes; one that leads hands over first", false, true);
  add_part(member, exit, "replace", "A server comes, and when it votes another one goes", true,
           true);
}

}  // namespace okiagari::cli

#include "salvage/quorum_rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <utility>

#include "deployment/reference_data.h"
#include "node/rebuilt_folders.h"

namespace okiagari::salvage {

namespace {

namespace fs = std::filesystem;

std::uint64_t draw() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
}

// The longest log in the sense of the consensus: whoever has the later term, then the higher index.
bool is_further(const ColdNode& a, const ColdNode& b) {
  return std::pair(a.last_term, a.last_index) > std::pair(b.last_term, b.last_index);
}

void report_node(base::Report& report, const ColdNode& node) {
  const auto figure = [&](const char* what, std::uint64_t value, const char* unit) {
    report.figure(fmt::format("node {}: {}", node.identity.node, what), static_cast<double>(value),
                  unit);
  };
  figure("last entry of the log", node.last_index, "index");
  figure("term of it", node.last_term, "term");
  figure("surely committed up to", node.surely_committed, "index");
  figure("last command", node.market->last_sequence(), "sequence");
  figure("last event", node.market->last_event_number(), "event");
  figure("last message of the feed", node.market->last_feed_number(), "feed number");
  figure("live orders", node.market->books().live_orders(), "orders");
  figure("waiting stops", node.market->waiting_stops().count(), "stops");
}

void report_losses(base::Report& report, const LossList& losses) {
  const auto figure = [&](const char* what, std::uint64_t value, const char* unit) {
    report.figure(what, static_cast<double>(value), unit);
  };
  figure("gateways that testify", losses.gateways, "gateways");
  figure("commands seen by gateways, not in the survivor", losses.commands, "commands");
  figure("messages to members, not in the survivor", losses.messages, "messages");
  figure("messages to members that the survivor contradicts", losses.contradicted, "messages");
  figure("highest term that gateways saw", losses.term, "term");
  figure("messages to members that nobody can name", losses.unnamed, "messages");
  figure("messages of the feed, not in the survivor", losses.feed_messages, "messages");
  figure("accepted orders lost", losses.count(LostMessage::Kind::order), "orders");
  figure("accepted replacements lost", losses.count(LostMessage::Kind::replacement), "orders");
  figure("stops told to have been triggered, lost", losses.count(LostMessage::Kind::trigger),
         "stops");
  figure("cancels lost", losses.count(LostMessage::Kind::cancel), "cancels");
  figure("trades lost", losses.trades(), "trades");
  figure("orders without an answer", losses.unanswered.size(), "orders");
}

void report_checks(SurvivorsFound& found) {
  base::Report& report = found.report;
  const ColdNode& best = found.best();
  bool one_cluster = true;
  for (const ColdNode& node : found.survivors) {
    one_cluster = one_cluster && node.identity.cluster == best.identity.cluster;
  }
  report.check("all survivors are of one cluster", one_cluster, true);
  report.check("folders that cannot be read", static_cast<std::int64_t>(found.damaged.size()),
               std::int64_t{0});
  report.check("the furthest survivor's log, market and history agree",
               best.first_difference.empty(), true);
  report.check("survivors are less than a majority",
               found.survivors.size() * 2 <= best.voters.size(), true);
  report.check("a gateway testifies", found.losses.gateways > 0, true);
  report.check("evidence that could not be read",
               static_cast<std::int64_t>(found.losses.troubles.size()), std::int64_t{0});
}

// The public keys are the survivor's market's own.
base::Status check_approvals(const RebuildAct& act, const venue::Venue& market) {
  const int count = market.count_approvals(act.digest(), act.command.approvals);
  if (count >= 2) return {};
  if (count < 0) {
    return base::Error{
        "an approval of the act is not good: its signer is not known to the market, or signed "
        "something else. Propose anew and have it signed again"};
  }
  return base::Error{fmt::format(
      "the act has the approvals of {} of the two people that are needed; `okiagari promote sign`",
      count)};
}

}  // namespace

base::Result<SurvivorsFound> look_at_survivors(const std::vector<std::string>& nodes,
                                               const std::vector<std::string>& gateways,
                                               const Progress& progress) {
  SurvivorsFound found;
  for (const std::string& folder : nodes) {
    progress(fmt::format("{}: reading", folder));
    auto node = read_cold_node(folder, progress);
    if (node) {
      found.survivors.push_back(std::move(node.value()));
    } else {
      found.damaged.push_back(node.error().message);
      progress(node.error().message);
    }
  }
  if (found.survivors.empty()) {
    return base::Error{"no folder of a node could be read; there is nothing to go on with"};
  }
  for (std::size_t i = 1; i < found.survivors.size(); ++i) {
    if (is_further(found.survivors[i], found.best())) found.furthest = i;
  }
  const ColdNode& best = found.best();
  found.losses = list_losses(best, gateways);
  for (const ColdNode& node : found.survivors) report_node(found.report, node);
  found.report.figure("furthest survivor", best.identity.node, "node");
  report_losses(found.report, found.losses);
  report_checks(found);
  return found;
}

base::Result<RebuildAct> propose_rebuild(const SurvivorsFound& found,
                                         const std::vector<NodeId>& voters) {
  const ColdNode& best = found.best();
  if (!best.first_difference.empty()) return base::Error{best.first_difference};
  if (found.survivors.size() * 2 > best.voters.size()) {
    return base::Error{
        fmt::format("{} of {} voters are here: a majority. Start them; nothing is to be rebuilt",
                    found.survivors.size(), best.voters.size())};
  }
  if (best.market->is_held()) {
    return base::Error{fmt::format(
        "{}: the market there is held for an act that was never approved; go back to the folder "
        "that it was rebuilt from",
        best.folder)};
  }
  RebuildAct act;
  for (const NodeId node : std::set<NodeId>(voters.begin(), voters.end())) {
    act.voters.push_back({node, draw()});
  }
  if (act.voters.empty() || act.voters.front().node == 0) {
    return base::Error{"the nodes of the new cluster must have numbers from 1 on"};
  }
  venue::FoundCluster& command = act.command;
  command.old_cluster = best.identity.cluster;
  // As a configuration can hold it.
  do command.new_cluster = draw() >> 1;
  while (command.new_cluster == 0 || command.new_cluster == command.old_cluster);
  command.survivor = best.identity.node;
  command.last_index = best.last_index;
  command.last_term = best.last_term;
  command.chain = best.last_chain;
  command.sequence = best.market->last_sequence();
  command.state_hash = best.market->state_hash();
  act.losses = found.losses.lines();
  act.seal();
  return act;
}

base::Status rebuild_folders(const RebuildAct& act, const std::string& survivor,
                             const std::vector<std::string>& folders, const Progress& progress) {
  if (folders.size() != act.voters.size()) {
    return base::Error{fmt::format("the act is for {} nodes, {} folders are named",
                                   act.voters.size(), folders.size())};
  }
  auto node = read_cold_node(survivor, progress);
  if (!node) return node.error();
  const ColdNode& cold = node.value();
  const venue::FoundCluster& command = act.command;
  if (cold.identity.cluster != command.old_cluster || cold.identity.node != command.survivor) {
    return base::Error{fmt::format(
        "{}: is node {} of cluster {}; the act is about node {} of cluster {}", survivor,
        cold.identity.node, cold.identity.cluster, command.survivor, command.old_cluster)};
  }
  if (base::Status status = check_approvals(act, *cold.market); !status) return status;
  if (!cold.first_difference.empty()) return base::Error{cold.first_difference};
  node::Rebuild rebuild;
  rebuild.survivor = survivor;
  rebuild.expected = {command.last_index, command.last_term, command.chain, command.sequence,
                      command.state_hash};
  rebuild.act = act.digest();
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const journal::Identity identity{command.new_cluster, act.voters[i].node, act.voters[i].storage,
                                     false};
    rebuild.nodes.push_back({identity, folders[i]});
  }
  return node::make_rebuilt_folders(rebuild, progress);
}

base::Result<std::string> rebuild_market(const RebuildAct& act, const std::string& market_folder,
                                         const Progress& progress) {
  auto loaded = deployment::DeploymentFile::load(market_folder);
  if (!loaded) return loaded.error();
  deployment::DeploymentFile& market = loaded.value();
  const venue::FoundCluster& command = act.command;
  const deployment::NodePlace* survivor = market.find_node(command.survivor);
  if (market.cluster != command.old_cluster || survivor == nullptr) {
    return base::Error{fmt::format("{}: is cluster {}; the act is about node {} of cluster {}",
                                   market_folder, market.cluster, command.survivor,
                                   command.old_cluster)};
  }
  std::vector<deployment::NodePlace> places;
  std::vector<std::string> made;
  for (const RebuildAct::Voter& voter : act.voters) {
    const deployment::NodePlace* place = market.find_node(voter.node);
    if (place == nullptr) {
      return base::Error{fmt::format("{}: has no node {}", market_folder, voter.node)};
    }
    places.push_back(*place);
    made.push_back(place->folder + ".rebuilt");
  }
  if (base::Status status = rebuild_folders(act, survivor->folder, made, progress); !status) {
    return status.error();
  }
  std::error_code error;
  const std::string mark = fmt::format(".of-cluster-{:016x}", command.old_cluster);
  const std::string kept = survivor->folder + mark;
  for (const deployment::NodePlace& place : market.nodes) {
    if (fs::exists(place.folder, error)) fs::rename(place.folder, place.folder + mark, error);
    if (error) {
      return base::Error{fmt::format("{}: cannot be put aside: {}", place.folder, error.message())};
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    fs::rename(made[i], places[i].folder, error);
    if (error) {
      return base::Error{
          fmt::format("{}: cannot be put in its place: {}", made[i], error.message())};
    }
  }
  market.nodes = std::move(places);
  market.cluster = command.new_cluster;
  if (base::Status status = market.store(); !status) return status.error();
  return kept;
}

base::Status found_cluster(const RebuildAct& act, const deployment::DeploymentFile& market,
                           std::uint64_t timeout_ms, const std::function<void()>& while_waiting,
                           const Progress& progress) {
  if (market.cluster != act.command.new_cluster) {
    return base::Error{fmt::format("the market is cluster {}; the act founds cluster {}",
                                   market.cluster, act.command.new_cluster)};
  }
  const base::Bytes bytes = base::object_bytes(act.command);
  return deployment::load_reference_data(market,
                                         {std::vector<std::byte>(bytes.begin(), bytes.end())},
                                         timeout_ms, while_waiting, progress);
}

}  // namespace okiagari::salvage

#include "salvage/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <iterator>
#include <set>

#include "base/assert.h"
#include "base/hash.h"
#include "base/whole_file.h"

namespace okiagari::salvage {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> node_folders(const std::vector<std::string>& folders) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    std::vector<std::string> inside;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_directory() && name.rfind("node-", 0) == 0)
        inside.push_back(entry.path().string());
    }
    std::sort(inside.begin(), inside.end());
    if (inside.empty()) found.push_back(folder);
    found.insert(found.end(), inside.begin(), inside.end());
  }
  return found;
}

const base::Digest* chain_at(const ColdNode& node, journal::Index index) {
  if (index <= node.start_index || index > node.last_index) return nullptr;
  return &node.chains[index - node.start_index - 1];
}

// Whether the two logs are the same as far as both tell.
bool agree_at(const ColdNode& a, const ColdNode& b, journal::Index index) {
  const base::Digest* left = chain_at(a, index);
  const base::Digest* right = chain_at(b, index);
  return left != nullptr && right != nullptr && *left == *right;
}

// The chain makes agreement at an index agreement on everything before, so a binary search would
// do; but logs begin at different indexes, and this is exact for every pair of ends.
journal::Index last_agreement(const ColdNode& a, const ColdNode& b) {
  journal::Index low = std::max(a.start_index, b.start_index);
  journal::Index high = std::min(a.last_index, b.last_index);
  while (low < high) {
    const journal::Index middle = low + (high - low + 1) / 2;
    if (agree_at(a, b, middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// The node whose log the majority shares furthest, and how far.
std::pair<std::size_t, journal::Index> furthest_majority(const std::vector<ColdNode>& nodes) {
  std::pair<std::size_t, journal::Index> best{0, 0};
  for (std::size_t one = 0; one < nodes.size(); ++one) {
    std::vector<journal::Index> shared;
    for (std::size_t other = 0; other < nodes.size(); ++other) {
      shared.push_back(one == other ? nodes[one].last_index
                                    : last_agreement(nodes[one], nodes[other]));
    }
    std::sort(shared.begin(), shared.end(), std::greater<>());
    const journal::Index index = shared[nodes.size() / 2];
    if (index >= best.second) best = {one, index};
  }
  return best;
}

// Whether the log of `next` begins where a log of another cluster was, which it was rebuilt from.
bool continues(const ColdNode& next, const ColdNode& former) {
  if (next.identity.cluster == former.identity.cluster || next.start_index == 0) return false;
  if (next.market->founding_act() == nullptr) return false;
  if (former.last_index == next.start_index) return former.last_chain == next.start_chain;
  const base::Digest* chain = chain_at(former, next.start_index);
  return chain != nullptr && *chain == next.start_chain;
}

// Folders of a cluster that another one here was rebuilt from are held to themselves only; what
// they hold behind the rebuild is lost, and said so by the act.
void separate_former(Verification& v) {
  std::set<journal::ClusterId> former;
  for (const ColdNode& next : v.nodes) {
    for (const ColdNode& node : v.nodes) {
      if (continues(next, node)) former.insert(node.identity.cluster);
    }
  }
  const auto first = std::stable_partition(v.nodes.begin(), v.nodes.end(), [&](const auto& node) {
    return !former.contains(node.identity.cluster);
  });
  std::move(first, v.nodes.end(), std::back_inserter(v.former));
  v.nodes.erase(first, v.nodes.end());
}

// The survivor's market, held for the act, as the new cluster must have begun with it.
base::Digest state_held_for(const venue::Venue& survivor, const base::Digest& act) {
  base::ByteWriter bytes;
  survivor.write_snapshot(bytes);
  venue::Venue held{venue::Limits{}};
  const base::Status loaded = held.load_snapshot(bytes.view());
  ASSERT(loaded.ok(), "{}", loaded.error().message);
  held.hold_for(act);
  bytes.clear();
  held.write_snapshot(bytes);
  return base::digest(bytes.view());
}

void judge_rebuild(Verification& v) {
  separate_former(v);
  if (v.former.empty()) return;
  std::int64_t compared = 0;
  std::int64_t different = 0;
  for (const ColdNode& next : v.nodes) {
    for (const ColdNode& former : v.former) {
      if (!continues(next, former) || former.last_index != next.start_index) continue;
      ++compared;
      different +=
          state_held_for(*former.market, *next.market->founding_act()) != next.first_state ? 1 : 0;
    }
  }
  v.report.figure("folders of a former cluster", static_cast<double>(v.former.size()), "folders");
  v.report.figure("nodes held against the survivor", static_cast<double>(compared), "nodes");
  v.report.check("nodes that did not begin with the survivor's market", different, std::int64_t{0});
}

void judge_agreement(Verification& v, const ColdNode& model) {
  std::int64_t contradicting = 0;
  double tails = 0;
  for (const ColdNode& node : v.nodes) {
    const journal::Index shared = &node == &model ? node.last_index : last_agreement(node, model);
    // Behind what all share, a server may hold entries that were never committed; not before.
    if (shared < std::min(node.surely_committed, v.agreed_index)) ++contradicting;
    tails += static_cast<double>(node.last_index - std::min(shared, node.last_index));
  }
  v.report.check("nodes whose committed log differs from the majority's", contradicting,
                 std::int64_t{0});
  v.report.figure("entries held by less than a majority, not committed", tails, "entries");
}

void judge_sums(Verification& v) {
  ColdNode sum;
  double slowest_s = 0;
  std::uint64_t fastest_rate = 0;
  std::vector<const ColdNode*> all;
  for (const ColdNode& node : v.nodes) all.push_back(&node);
  for (const ColdNode& node : v.former) all.push_back(&node);
  for (const ColdNode* one : all) {
    const ColdNode& node = *one;
    sum.commands += node.commands;
    sum.quarantined += node.quarantined;
    sum.snapshots_equal += node.snapshots_equal;
    sum.snapshots_different += node.snapshots_different;
    sum.attestations_equal += node.attestations_equal;
    sum.attestations_different += node.attestations_different;
    sum.checkpoints += node.checkpoints;
    sum.checkpoints_not_conserved += node.checkpoints_not_conserved;
    sum.history_chunks_equal += node.history_chunks_equal;
    sum.history_chunks_different += node.history_chunks_different;
    slowest_s = std::max(slowest_s, node.replay_s);
    if (node.replay_s > 0) {
      fastest_rate =
          std::max(fastest_rate,
                   static_cast<std::uint64_t>(static_cast<double>(node.commands) / node.replay_s));
    }
  }
  const auto none = [&](const char* name, std::uint64_t count) {
    v.report.check(name, static_cast<std::int64_t>(count), std::int64_t{0});
  };
  none("snapshots that differ from the state made again", sum.snapshots_different);
  none("attestations that differ from the state made again", sum.attestations_different);
  none("checkpoints at which balances were not conserved", sum.checkpoints_not_conserved);
  none("history chunks that differ from what the log gives", sum.history_chunks_different);
  const auto told = [&](const char* name, std::uint64_t count, const char* unit) {
    v.report.figure(name, static_cast<double>(count), unit);
  };
  told("commands applied again, all nodes", sum.commands, "commands");
  told("snapshots equal", sum.snapshots_equal, "snapshots");
  told("attestations equal", sum.attestations_equal, "attestations");
  told("checkpoints with balances conserved", sum.checkpoints - sum.checkpoints_not_conserved,
       "checkpoints");
  told("history chunks equal", sum.history_chunks_equal, "chunks");
  told("commands quarantined", sum.quarantined, "commands");
  told("replayed at most at", fastest_rate, "commands/s");
}

void judge_identity(Verification& v) {
  bool one_cluster = true;
  bool distinct = true;
  for (const ColdNode& node : v.nodes) {
    one_cluster = one_cluster && node.identity.cluster == v.nodes[0].identity.cluster;
    for (const ColdNode& other : v.nodes) {
      distinct = distinct && (&node == &other || node.identity.node != other.identity.node);
    }
  }
  v.report.check("all folders are of one cluster", one_cluster, true);
  v.report.check("each folder is of another node", distinct, true);
}

}  // namespace

base::Result<Verification> verify_folders(const std::vector<std::string>& folders,
                                          const std::function<void(const std::string&)>& progress) {
  Verification v{base::Report("verify", 0), {}, {}, 0, {}, 0, 0};
  for (const std::string& folder : node_folders(folders)) {
    progress(fmt::format("{}: reading", folder));
    auto node = read_cold_node(folder, progress);
    if (!node) return node.error();
    v.nodes.push_back(std::move(node.value()));
  }
  if (v.nodes.empty()) return base::Error{"no folder was given: name the folders of the nodes"};
  judge_rebuild(v);
  for (ColdNode& node : v.nodes) node.market = nullptr;
  for (ColdNode& node : v.former) node.market = nullptr;
  judge_identity(v);
  const auto [model_at, agreed] = furthest_majority(v.nodes);
  const ColdNode& model = v.nodes[model_at];
  v.agreed_index = agreed;
  if (const base::Digest* chain = chain_at(model, agreed)) {
    v.agreed_chain = *chain;
    v.agreed_state_hash = model.state_hashes[agreed - model.start_index - 1];
    v.agreed_sequence = model.sequences[agreed - model.start_index - 1];
  }
  v.report.figure("nodes", static_cast<double>(v.nodes.size()), "nodes");
  v.report.figure("log that a majority holds", static_cast<double>(agreed), "entries");
  v.report.figure("commands in it", static_cast<double>(v.agreed_sequence), "commands");
  judge_agreement(v, model);
  judge_sums(v);
  for (const ColdNode& node : v.former) {
    if (!node.first_difference.empty()) progress(node.first_difference);
  }
  for (const ColdNode& node : v.nodes) {
    if (!node.first_difference.empty()) progress(node.first_difference);
  }
  return v;
}

base::Status write_proof(const Verification& v, const std::string& path) {
  boost::json::array nodes;
  for (const ColdNode& node : v.nodes) {
    nodes.push_back({{"folder", node.folder},
                     {"node", node.identity.node},
                     {"cluster", node.identity.cluster},
                     {"storage", fmt::format("{:016x}", node.identity.storage)},
                     {"last_index", node.last_index},
                     {"last_chain", node.chains.empty() ? "" : base::to_hex(node.chains.back())},
                     {"commands", node.commands},
                     {"difference", node.first_difference}});
  }
  const boost::json::object proof{{"report", boost::json::parse(v.report.to_json())},
                                  {"agreed",
                                   {{"index", v.agreed_index},
                                    {"sequence", v.agreed_sequence},
                                    {"chain", base::to_hex(v.agreed_chain)},
                                    {"state_hash", fmt::format("{:016x}", v.agreed_state_hash)}}},
                                  {"nodes", std::move(nodes)}};
  return base::write_whole_file(path, boost::json::serialize(proof) + "\n");
}

}  // namespace okiagari::salvage

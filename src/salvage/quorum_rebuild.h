// A quorum that is gone for good, rebuilt from a survivor: what there is, what going on with it
// would lose, the act that two people sign, the new cluster's folders. `okiagari promote` is this
// in steps; the run and drills call it whole. docs/operating.md has the procedure, decision 7 the
// reasons.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/report.h"
#include "base/result.h"
#include "deployment/deployment_file.h"
#include "salvage/cold_node.h"
#include "salvage/loss_list.h"
#include "salvage/rebuild_act.h"

namespace okiagari::salvage {

using Progress = std::function<void(const std::string&)>;

// What was found, nothing of it changed.
struct SurvivorsFound {
  std::vector<ColdNode> survivors;   // readable ones
  std::vector<std::string> damaged;  // the others, in words
  std::size_t furthest = 0;          // of `survivors`
  LossList losses;                   // of going on with that one
  base::Report report{"promote look", 0};
  [[nodiscard]] const ColdNode& best() const { return survivors[furthest]; }
};

// `nodes`: folders of nodes; `gateways`: data folders of gateways, the witnesses. The error says
// that there is nothing to go on with.
[[nodiscard]] base::Result<SurvivorsFound> look_at_survivors(
    const std::vector<std::string>& nodes, const std::vector<std::string>& gateways,
    const Progress& progress);

// The act of going on with the best of them, for nodes of those numbers. The error says why a
// rebuild is not the thing to do.
[[nodiscard]] base::Result<RebuildAct> propose_rebuild(const SurvivorsFound& found,
                                                       const std::vector<NodeId>& voters);

// Makes the new nodes' folders, one for each voter of the act, in its order. Refuses an act without
// the approvals of two people whom the survivor's market knows, and a survivor that is not what the
// act says.
[[nodiscard]] base::Status rebuild_folders(const RebuildAct& act, const std::string& survivor,
                                           const std::vector<std::string>& folders,
                                           const Progress& progress);

// The same for a market that `up` keeps in one folder, all of whose processes are stopped: puts the
// old nodes' folders aside, as evidence, and makes the new ones in their places. The market then
// starts with the new cluster, its gateways too. Where the survivor's folder went is returned.
[[nodiscard]] base::Result<std::string> rebuild_market(const RebuildAct& act,
                                                       const std::string& market_folder,
                                                       const Progress& progress);

// Sends the act to the new cluster, whose market is held until it has applied it.
[[nodiscard]] base::Status found_cluster(const RebuildAct& act,
                                         const deployment::DeploymentFile& market,
                                         std::uint64_t timeout_ms,
                                         const std::function<void()>& while_waiting,
                                         const Progress& progress);

}  // namespace okiagari::salvage

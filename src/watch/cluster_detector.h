// What the statuses of all nodes together show: who leads, whether there is a majority, who lags,
// whether anything moves, whether states differ. A status is a node's own word; what counts here is
// that several of them, taken together, fit or do not.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/node_facts.h"
#include "watch/reporter.h"
#include "wire/link_frames.h"

namespace okiagari::watch {

struct ClusterLimits {
  std::uint64_t fresh_ms = 200;      // a status older than this says nothing about now
  std::uint64_t no_leader_ms = 200;  // fail-over is over before
  std::uint64_t quorum_ms = 400;     // reachability of a majority
  std::uint64_t lag_ms = 1'000;      // how far behind in time a replica may be
  std::uint64_t no_progress_ms = 1'000;
  std::uint64_t storm_window_ms = 10'000;
  std::uint64_t storm_terms = 5;            // so many new terms within the window
  std::uint64_t one_way_ms = 500;           // A does not hear B, which hears A
  std::uint64_t one_way_again_ms = 30'000;  // a link that comes and goes is told so often at most
};

class ClusterDetector {
 public:
  ClusterDetector(std::vector<NodeId> nodes, ClusterLimits limits, Reporter& reporter);

  void status(const wire::NodeStatus& status, const Moment& moment);
  void facts(const NodeFacts& facts, const Moment& moment);
  // Whether the node can be reached, as its liveness has it.
  void reachable(NodeId node, bool is_reachable, const Moment& moment);
  // Since when the oldest order that somebody entered waits for an answer; 0: none does.
  void orders_waiting(std::uint64_t since_steady_ms) { waiting_since_ms_ = since_steady_ms; }
  void tick(const Moment& moment);

  [[nodiscard]] NodeId leader() const { return leader_; }  // 0: nobody
  [[nodiscard]] std::uint64_t term() const { return term_; }
  // How long ago the cluster had applied what this node has not, 0 when it has it all.
  [[nodiscard]] std::uint64_t lag_ms(NodeId node, const Moment& moment) const;
  [[nodiscard]] const std::optional<wire::NodeStatus>& last_status(NodeId node) const;
  [[nodiscard]] const std::optional<NodeFacts>& last_facts(NodeId node) const;

 private:
  struct Place {
    std::optional<wire::NodeStatus> status;
    std::optional<NodeFacts> facts;
    std::uint64_t heard_ms = 0;
    std::uint64_t facts_ms = 0;
    bool is_reachable = false;
    bool is_lagging = false;
  };
  struct Applied {
    std::uint64_t steady_ms = 0;
    Sequence sequence = 0;
  };
  void watch_leader(const Moment& moment);
  void watch_quorum(const Moment& moment);
  void watch_lag(const Moment& moment);
  void watch_progress(const Moment& moment);
  void watch_links(const Moment& moment);
  void note_term(std::uint64_t term, const Moment& moment);
  void compare_states(const Moment& moment);
  [[nodiscard]] bool is_fresh(const Place& place, const Moment& moment) const;

  ClusterLimits limits_;
  Reporter& reporter_;
  std::map<NodeId, Place> places_;
  NodeId leader_ = 0;
  NodeId last_leader_ = 0;
  std::uint64_t term_ = 0;
  std::uint64_t leader_seen_ms_ = 0;
  std::uint64_t waiting_since_ms_ = 0;
  Sequence progress_sequence_ = 0;
  std::uint64_t progress_ms_ = 0;
  std::deque<Applied> applied_;  // the furthest of all, over time
  std::deque<std::uint64_t> new_terms_ms_;
  std::set<std::uint64_t> diverged_at_;  // sequences already told
  struct OneWay {
    Lasting cut;
    std::uint64_t told_ms = 0;  // and for how long it has not been told anew
  };
  std::map<std::pair<NodeId, NodeId>, OneWay> one_way_;
  Lasting no_leader_;
  Lasting two_leaders_;
  Lasting no_quorum_;
  Lasting no_progress_;
  Lasting storm_;
};

}  // namespace okiagari::watch

#include "watch/cluster_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {
constexpr std::size_t kAppliedKept = 400;
constexpr std::size_t kDivergencesTold = 64;
}  // namespace

ClusterDetector::ClusterDetector(std::vector<NodeId> nodes, ClusterLimits limits,
                                 Reporter& reporter)
    : limits_(limits), reporter_(reporter) {
  for (const NodeId node : nodes) places_[node];
}

bool ClusterDetector::is_fresh(const Place& place, const Moment& moment) const {
  return place.status && place.is_reachable &&
         moment.steady_ms <= place.heard_ms + limits_.fresh_ms;
}

const std::optional<wire::NodeStatus>& ClusterDetector::last_status(NodeId node) const {
  return places_.at(node).status;
}

const std::optional<NodeFacts>& ClusterDetector::last_facts(NodeId node) const {
  return places_.at(node).facts;
}

void ClusterDetector::status(const wire::NodeStatus& status, const Moment& moment) {
  const auto found = places_.find(status.node);
  if (found == places_.end()) return;
  Place& place = found->second;
  place.status = status;
  place.heard_ms = moment.steady_ms;
  if (applied_.empty() || status.applied_sequence > applied_.back().sequence) {
    applied_.push_back({moment.steady_ms, status.applied_sequence});
    if (applied_.size() > kAppliedKept) applied_.pop_front();
  }
  note_term(status.term, moment);
  watch_leader(moment);
}

void ClusterDetector::reachable(NodeId node, bool is_reachable, const Moment& moment) {
  Place& place = places_.at(node);
  if (place.is_reachable == is_reachable) return;
  place.is_reachable = is_reachable;
  if (!is_reachable) place.is_lagging = false;
  watch_leader(moment);
}

void ClusterDetector::tick(const Moment& moment) {
  watch_leader(moment);
  watch_quorum(moment);
  watch_lag(moment);
  watch_progress(moment);
  watch_links(moment);
}

void ClusterDetector::note_term(std::uint64_t term, const Moment& moment) {
  if (term > term_ && term_ != 0) {
    for (std::uint64_t i = term_; i < term && new_terms_ms_.size() < 1'000; ++i) {
      new_terms_ms_.push_back(moment.steady_ms);
    }
  }
  term_ = std::max(term_, term);
  while (!new_terms_ms_.empty() &&
         new_terms_ms_.front() + limits_.storm_window_ms < moment.steady_ms) {
    new_terms_ms_.pop_front();
  }
  const bool is_storm = new_terms_ms_.size() >= limits_.storm_terms;
  if (!storm_.holds(is_storm, 0, moment)) return;
  reporter_.report(moment,
                   {.entity = "market",
                    .signal = signal::election_storm,
                    .statement = said("{} new terms within {} s; the term is {} now",
                                      "{1}秒間に新しいタームが{0}回始まった。現在のタームは{2}",
                                      new_terms_ms_.size(), limits_.storm_window_ms / 1'000, term_),
                    .value = static_cast<double>(new_terms_ms_.size()),
                    .baseline = 0});
}

// The one that leads is open in the highest term; a deposed one that has not noticed is open too.
void ClusterDetector::watch_leader(const Moment& moment) {
  NodeId best = 0;
  std::uint64_t best_term = 0;
  std::size_t open = 0;
  for (const auto& [node, place] : places_) {
    if (!is_fresh(place, moment) || place.status->open == 0) continue;
    ++open;
    if (best != 0 && place.status->term <= best_term) continue;
    best = node;
    best_term = place.status->term;
  }
  if (two_leaders_.holds(open > 1, limits_.fresh_ms, moment)) {
    reporter_.report(moment, {.entity = "market",
                              .signal = signal::two_leaders,
                              .statement = said("{} nodes say at once that they lead",
                                                "ノード{}台が同時にリーダーを名乗っている", open),
                              .value = static_cast<double>(open),
                              .from_ns = two_leaders_.since_ns});
  }
  if (best != 0 && last_leader_ != 0 && best != last_leader_) {
    const std::uint64_t without_ms = moment.steady_ms - leader_seen_ms_;
    reporter_.report(
        moment,
        {.entity = "market",
         .signal = signal::leader_changed,
         .statement = said("{} leads in term {}, after {}; {} ms without a leader",
                           "{2}に代わり{0}がリーダーになった（ターム{1}、リーダー不在{3}ミリ秒）",
                           node_name(best), best_term, node_name(last_leader_), without_ms),
         .value = static_cast<double>(without_ms)});
  }
  leader_ = best;
  if (best != 0) {
    last_leader_ = best;
    leader_seen_ms_ = moment.steady_ms;
  }
  // Before anything was heard there is nothing to miss.
  const bool is_missing = best == 0 && term_ != 0;
  if (no_leader_.holds(is_missing, limits_.no_leader_ms, moment)) {
    reporter_.report(
        moment, {.kind = EvidenceKind::absence,
                 .entity = "market",
                 .signal = signal::no_leader,
                 .statement = said("no node that can be reached leads, for {} ms",
                                   "到達できるノードにリーダーがいない状態が{}ミリ秒続いている",
                                   moment.steady_ms - no_leader_.since_ms),
                 .value = static_cast<double>(moment.steady_ms - no_leader_.since_ms),
                 .from_ns = no_leader_.since_ns});
  }
}

void ClusterDetector::watch_quorum(const Moment& moment) {
  const auto reachable = static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [](const auto& one) { return one.second.is_reachable; }));
  const bool is_lost = reachable < places_.size() / 2 + 1;
  if (!no_quorum_.holds(is_lost, limits_.quorum_ms, moment)) return;
  reporter_.report(moment, {.kind = EvidenceKind::absence,
                            .entity = "market",
                            .signal = signal::quorum_lost,
                            .statement = said("{} of {} nodes can be reached: no majority",
                                              "到達できるノードは{1}台中{0}台で、過半数に足りない",
                                              reachable, places_.size()),
                            .value = static_cast<double>(reachable),
                            .baseline = static_cast<double>(places_.size()),
                            .from_ns = no_quorum_.since_ns});
}

std::uint64_t ClusterDetector::lag_ms(NodeId node, const Moment& moment) const {
  const Place& place = places_.at(node);
  if (!place.status) return 0;
  // The first moment at which somebody had more than this node has now.
  const auto ahead = std::upper_bound(
      applied_.begin(), applied_.end(), place.status->applied_sequence,
      [](Sequence sequence, const Applied& one) { return sequence < one.sequence; });
  if (ahead == applied_.end() || moment.steady_ms < ahead->steady_ms) return 0;
  return moment.steady_ms - ahead->steady_ms;
}

void ClusterDetector::watch_lag(const Moment& moment) {
  for (auto& [node, place] : places_) {
    if (!is_fresh(place, moment)) continue;
    const std::uint64_t lag = lag_ms(node, moment);
    if (lag < limits_.lag_ms / 4) place.is_lagging = false;
    if (lag < limits_.lag_ms || place.is_lagging) continue;
    place.is_lagging = true;
    const Sequence behind = applied_.back().sequence - place.status->applied_sequence;
    reporter_.report(moment,
                     {.entity = node_name(node),
                      .signal = signal::replica_lags,
                      .statement = said("{} is {} commands and {} ms behind what others applied",
                                        "{}の適用が他より{}コマンド、{}ミリ秒遅れている",
                                        node_name(node), behind, lag),
                      .value = static_cast<double>(lag),
                      .baseline = 0});
  }
}

// Orders wait, somebody leads and speaks, and yet nothing is applied.
void ClusterDetector::watch_progress(const Moment& moment) {
  const Sequence furthest = applied_.empty() ? 0 : applied_.back().sequence;
  if (furthest != progress_sequence_ || progress_ms_ == 0) {
    progress_sequence_ = furthest;
    progress_ms_ = moment.steady_ms;
  }
  const bool is_waiting = waiting_since_ms_ != 0 && leader_ != 0;
  const std::uint64_t since_ms = std::max(waiting_since_ms_, progress_ms_);
  const bool is_stuck = is_waiting && moment.steady_ms >= since_ms + limits_.no_progress_ms;
  if (!no_progress_.holds(is_stuck, 0, moment)) return;
  reporter_.report(
      moment,
      {.kind = EvidenceKind::absence,
       .entity = node_name(leader_),
       .signal = signal::no_progress,
       .statement =
           said("{} leads and speaks, orders wait, and nothing has been applied for {} ms, at "
                "sequence {}",
                "リーダー{}は応答しているが、注文が待つ中、{}ミリ秒何も適用されていない（通番{}）",
                node_name(leader_), moment.steady_ms - since_ms, furthest),
       .value = static_cast<double>(moment.steady_ms - since_ms)});
}

void ClusterDetector::facts(const NodeFacts& facts, const Moment& moment) {
  const auto found = places_.find(facts.node);
  if (found == places_.end()) return;
  Place& place = found->second;
  const NodeFacts before = place.facts.value_or(NodeFacts{.verdict = "fine"});
  place.facts = facts;
  place.facts_ms = moment.steady_ms;
  const std::string name = node_name(facts.node);
  if (facts.verdict != "fine" && facts.verdict != before.verdict) {
    reporter_.report(
        moment, {.entity = name,
                 .signal = signal::replica_diverged,
                 .statement = said("{} finds itself {} by what all replicas attested",
                                   "{}は全レプリカの証明に照らして自身を「{}」と判定した", name,
                                   facts.verdict),
                 .self_reported = true});
  }
  if (!facts.ledger_conserved && before.ledger_conserved) {
    reporter_.report(
        moment, {.entity = name,
                 .signal = signal::damage_found,
                 .statement = said("{}: balances do not add up", "{}: 残高の合計が合わない", name),
                 .self_reported = true});
  }
  if (facts.disk_low && !before.disk_low) {
    reporter_.report(moment, {.entity = name,
                              .signal = signal::disk_low,
                              .statement = said("{} has little room on its disk",
                                                "{}のディスクの空きが少ない", name),
                              .self_reported = true});
  }
  if (facts.deaths_at_one_command > before.deaths_at_one_command) {
    reporter_.report(
        moment, {.entity = name,
                 .signal = signal::crash_in_apply,
                 .statement = said("{} died {} times in a row while it applied the same command",
                                   "{}が同じコマンドの適用中に{}回続けて停止した", name,
                                   facts.deaths_at_one_command),
                 .value = static_cast<double>(facts.deaths_at_one_command),
                 .self_reported = true});
  }
  compare_states(moment);
}

void ClusterDetector::compare_states(const Moment& moment) {
  std::map<std::uint64_t, std::map<std::string, std::vector<NodeId>>> by_sequence;
  for (const auto& [node, place] : places_) {
    if (!place.facts) continue;
    for (const NodeFacts::Checkpoint& one : place.facts->checkpoints) {
      by_sequence[one.sequence][one.hashes].push_back(node);
    }
  }
  for (const auto& [sequence, states] : by_sequence) {
    if (states.size() < 2 || diverged_at_.contains(sequence)) continue;
    if (diverged_at_.size() >= kDivergencesTold) diverged_at_.erase(diverged_at_.begin());
    diverged_at_.insert(sequence);
    const auto most = std::max_element(states.begin(), states.end(), [](auto& a, auto& b) {
      return a.second.size() < b.second.size();
    });
    const bool is_majority = most->second.size() > places_.size() / 2;
    for (const auto& [hashes, nodes] : states) {
      if (is_majority && hashes == most->first) continue;
      for (const NodeId node : nodes) {
        reporter_.report(
            moment,
            {.entity = node_name(node),
             .signal = signal::replica_diverged,
             .statement =
                 said("{} had another state than {} at the checkpoint of sequence {}",
                      "通番{2}のチェックポイントで{0}の状態が{1}と異なっていた", node_name(node),
                      is_majority ? Sentence("the majority", "多数派") : Sentence("others", "他"),
                      sequence),
             .value = static_cast<double>(states.size()),
             .reference = fmt::format("sequence {}, hashes {}", sequence, hashes)});
      }
    }
  }
}

// A node that both can reach tells whom it hears. One that is heard but does not hear is cut off in
// one direction.
void ClusterDetector::watch_links(const Moment& moment) {
  const auto hears = [&](NodeId node, NodeId peer) -> std::optional<bool> {
    const Place& place = places_.at(node);
    if (!place.is_reachable || !place.facts || moment.steady_ms > place.facts_ms + 2'000) {
      return std::nullopt;
    }
    for (const NodeFacts::Peer& one : place.facts->peers) {
      // Whether its own connection to that peer stands is another matter: it is the one on which it
      // speaks, and the kernel gives it up when nothing comes back.
      if (one.node == peer) return one.heard_ms_ago < limits_.one_way_ms;
    }
    return std::nullopt;
  };
  for (auto from = places_.begin(); from != places_.end(); ++from) {
    for (auto to = places_.begin(); to != places_.end(); ++to) {
      if (from == to) continue;
      const auto there = hears(to->first, from->first);
      const auto back = hears(from->first, to->first);
      const bool is_cut = there && back && !*there && *back;
      OneWay& known = one_way_[{from->first, to->first}];
      if (!known.cut.holds(is_cut, limits_.one_way_ms, moment)) continue;
      if (known.told_ms != 0 && moment.steady_ms < known.told_ms + limits_.one_way_again_ms)
        continue;
      known.told_ms = moment.steady_ms;
      reporter_.report(
          moment,
          {.kind = EvidenceKind::topology,
           .entity = fmt::format("link {} {}", node_name(from->first), node_name(to->first)),
           .signal = signal::link_one_way,
           .statement = said("{} hears {}, but {} does not hear {}",
                             "{}は{}の声を聞くが、{}は{}の声を聞かない", node_name(from->first),
                             node_name(to->first), node_name(to->first), node_name(from->first)),
           .from_ns = known.cut.since_ns});
    }
  }
}

}  // namespace okiagari::watch

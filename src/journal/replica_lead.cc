// What a leader does beside the core.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "journal/planted_batch.h"
#include "journal/replica_driver.h"

namespace okiagari::journal {
namespace {

// A hand-over that was given up is not tried again at once.
constexpr std::uint64_t kHandOverPauseMs = 2000;
// What the log puts around an entry in a segment.
constexpr std::uint64_t kSegmentOverheadBytes = 4096;
constexpr std::array<std::byte, 8> kBarrier{};

}  // namespace

void ReplicaDriver::begin_leadership() {
  was_leading_ = true;
  ++counters_.leaderships_won;
  heard_leader_ = options_.node;
  heard_term_ = core_.term();
  sender_.forget_told();
  fail_over_.leader_is_known();
  core_.set_election_ms(options_.timeouts.election_ms);
  must_submit_barrier_ = true;
}

// A leader may serve when an entry of its own term is applied. The core appends one only when it
// has something uncommitted.
void ReplicaDriver::submit_barrier() {
  must_submit_barrier_ = false;
  if (!leads() || core_.last_term() == core_.term()) return;
  if (core_.submit(now_ms_, EntryType::barrier, kBarrier)) carry_out_update();
}

SubmitResult ReplicaDriver::submit(base::Bytes batch) {
  ASSERT(!batch.empty(), "an empty batch");
  if (failure_ || !is_open()) return SubmitResult::not_leader;
  const std::uint64_t bytes_max =
      std::min<std::uint64_t>(kBatchBytesMax, options_.log.segment_bytes - kSegmentOverheadBytes);
  if (batch.size() > bytes_max) return SubmitResult::too_large;
  if (is_disk_low_) {
    ++counters_.submits_refused_disk_low;
    return SubmitResult::disk_low;
  }
  if (!can_submit()) return SubmitResult::busy;
  const PlantedBatch taken(base::PlantPlace::journal_intake, batch);
  if (!core_.submit(now_ms_, EntryType::command, taken.bytes())) {
    if (options_.work_arounds_off.no_capacity_check) return SubmitResult::disk_low;
    return SubmitResult::busy;
  }
  is_turn_due_ = true;
  return carry_out_update() ? SubmitResult::accepted : SubmitResult::not_leader;
}

bool ReplicaDriver::can_submit() const {
  if (failure_ || !is_open() || is_disk_low_ || is_applying_) return false;
  if (hand_over_.is_under_way() || core_.transferee() != 0) return false;
  const Index committed = std::max(commit_, core_.commit_index());
  return core_.last_index() - committed < options_.max_entries_in_flight;
}

bool ReplicaDriver::is_possible_target(NodeId node) const {
  const auto found = peers_.find(node);
  if (node == options_.node || found == peers_.end()) return false;
  const Peer& peer = found->second;
  const bool has_lost = peer.progress_lost_in != 0 && peer.progress_lost_in == core_.term();
  return peer.is_linked && !peer.is_barred && !peer.is_disk_low && !has_lost;
}

NodeId ReplicaDriver::best_target() const {
  NodeId best = 0;
  Index best_match = 0;
  for (const Server& server : core_.configuration()) {
    if (server.role != ServerRole::voter || !is_possible_target(server.node)) continue;
    const Index match = core_.match_index(server.node);
    if (best != 0 && match <= best_match) continue;
    best = server.node;
    best_match = match;
  }
  return best;
}

base::Status ReplicaDriver::transfer(NodeId target) {
  if (failure_ || !leads()) return base::Error{"this server does not lead"};
  if (hand_over_.is_under_way()) return base::Error{"a hand-over is under way already"};
  if (target == 0) target = best_target();
  if (target == 0) return base::Error{"no other server could take over now"};
  if (target == options_.node) return base::Error{"this server leads already"};
  if (!is_voter(core_.configuration(), target)) {
    return base::Error{fmt::format("node {} is no voter of this cluster", target)};
  }
  if (!is_possible_target(target)) {
    return base::Error{fmt::format(
        "node {} cannot take over now: it is not connected, has little disk, or never votes",
        target)};
  }
  hand_over_.begin(target, now_ms_);
  is_turn_due_ = true;
  return {};
}

void ReplicaDriver::hand_over() {
  if (failure_ || !leads()) return;
  if (is_disk_low_ || has_lost_progress()) leave();
  const NodeId target = hand_over_.target();
  if (target == 0) return;
  const HandOver::Step step = hand_over_.end_turn(core_.last_index(), core_.match_index(target),
                                                  core_.transferee() != 0, now_ms_);
  if (step == HandOver::Step::none) return;
  if (step == HandOver::Step::transfer_now && core_.transfer(now_ms_, target)) {
    carry_out_update();
    return;
  }
  ++counters_.transfers_given_up;
  hand_over_.end();
}

bool ReplicaDriver::has_lost_progress() const {
  return std::any_of(peers_.begin(), peers_.end(), [this](const auto& peer) {
    return peer.second.progress_lost_in == core_.term();
  });
}

// Somebody else should lead. There may be nobody just now, so it is tried again and again.
void ReplicaDriver::leave() {
  if (hand_over_.is_under_way() || now_ms_ < hand_over_not_before_ms_) return;
  const NodeId target = best_target();
  if (target == 0) return;
  hand_over_not_before_ms_ = now_ms_ + kHandOverPauseMs;
  hand_over_.begin(target, now_ms_);
}

// The core would stop at what this peer says. Another leader begins anew with it.
void ReplicaDriver::leave_lost_progress(NodeId peer) {
  peers_[peer].progress_lost_in = core_.term();
  is_turn_due_ = true;
}

// Followers' own outputs do not wait for the next heartbeat.
void ReplicaDriver::tell_commits() {
  if (failure_ || !leads() || commit_ == 0) return;
  for (const Server& server : core_.configuration()) {
    const NodeId peer = server.node;
    if (peer == options_.node || sender_.told_commit(peer) >= commit_) continue;
    if (core_.match_index(peer) < commit_) continue;
    sender_.tell_commit(peer, core_.term(), commit_);
    ++counters_.commit_notices;
  }
}

}  // namespace okiagari::journal

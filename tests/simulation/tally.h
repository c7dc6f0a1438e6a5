// How often each kind of fault and each branch of recovery was taken. A run of many seeds in which
// one of them is zero has not tested what it claims to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/simulation/fault.h"

namespace okiagari::simulation {

enum class Branch : std::uint8_t {
  // Storage.
  restarted,
  started_from_snapshot,
  sectors_lost,
  torn_tail_cut,
  below_watermark,
  damage_refused,
  barred_from_voting,
  stale_storage_refused,  // work-around 5
  loss_suspected,         // a follower seemed to have less than it had acknowledged
  loss_found,             // and so it was
  disk_full_ended,        // a write failed, and the process with it
  disk_low_submit,        // a submit was refused: there is too little room
  disk_low_entries,       // so were entries of a leader
  snapshot_taken,
  snapshot_sent,
  snapshot_installed,
  // Consensus.
  election_by_timer,
  reset_trigger,
  silence_trigger,
  progress_trigger,
  transfer_done,
  server_added,
  server_promoted,
  server_removed,
  server_change_given_up,
  leader_left,  // it was to be removed, and handed over first
  used_number_refused,
  removed_was_told,  // and ended itself
  transfer_given_up,
  stepped_down,
  truncation,
  commit_notice,
  network_changed,   // a line fell silent, and the other network was taken
  bulk_line_broken,  // one for snapshots
  chunk_over_link,   // there was none
  late_chunk,        // came from a line that had broken
  // Work-arounds of the consensus library that had something to do.
  re_anchored,         // 1
  change_split,        // 2
  pre_vote_raised,     // 3
  stale_link_dropped,  // 6
  join_held_back,      // 7
  // Clients.
  leader_changed,
  commands_sent_again,
  repeat_recognised,
  stream_gap,
  login_fenced,
  subscribe_refused,
  session_replayed,
  // The market's own.
  stop_waits,
  stop_replaced,
  stop_triggered,
  stop_refused,
  trailing_stop_waits,
  trailing_stop_replaced,
  trailing_stop_triggered,
  trailing_stop_moved,
  nothing_to_follow,
  iceberg_taken,
  iceberg_replaced,
  peak_shown,
  till_cancelled,
  till_date,
  immediate,
  fill_or_kill,
  cannot_fill,
  at_auction,
  last_day_is_over,
  call_opened,
  call_ended_by_act,
  call_ended_by_clock,
  call_extended,
  call_without_price,
  left_with_call,
  traded,
  halted,
  member_halted,
  limits_moved,
  state_forbids_act,
  plan_set,
  plan_taken_back,
  plan_refused,
  plan_advanced,
  day_ended_by_act,
  day_ended_by_plan,
  day_end_step,
  day_refused,
  left_with_day,
  approval_missing,
  approval_wrong,
  approval_expired,
  stale_act,
  snapshot_in_call,
  snapshot_in_day_end,
  snapshot_with_stops,
  snapshot_with_reach,
  snapshot_in_plan,
  leader_in_day_end,
  leader_in_call,
  leader_in_plan,
  // Of all replicas.
  checkpoint_agreed,
};
inline constexpr std::size_t kBranches = static_cast<std::size_t>(Branch::checkpoint_agreed) + 1;

[[nodiscard]] std::string_view name_of(Branch branch);

struct Tally {
  std::array<std::uint64_t, kFaultKinds> faults{};
  std::array<std::uint64_t, kBranches> branches{};
  std::uint64_t commands_decided = 0;
  std::uint64_t virtual_us = 0;
  std::uint64_t longest_healing_us = 0;  // from the end of all faults until everything was decided

  void count(FaultKind kind) { ++faults[static_cast<std::size_t>(kind)]; }
  void count(Branch branch, std::uint64_t times = 1) {
    branches[static_cast<std::size_t>(branch)] += times;
  }
  // Whether no fault and no branch is zero.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] std::uint64_t of(Branch branch) const {
    return branches[static_cast<std::size_t>(branch)];
  }
  void add(const Tally& other);
};

}  // namespace okiagari::simulation

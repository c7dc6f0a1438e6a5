// This replica's own snapshots: when one is due, its writing beside the market, and how much log
// stays behind it for peers that lag.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "journal/disk.h"
#include "journal/log.h"
#include "journal/log_extent.h"
#include "journal/replica.h"
#include "journal/snapshot_files.h"

namespace okiagari::journal {

class SnapshotTaker {
 public:
  SnapshotTaker(const ReplicaOptions& options, Disk& disk, SnapshotWorker& worker,
                StateMachine& machine, const Log& log);

  LogExtent& extent() { return extent_; }
  // The log begins anew behind `index`.
  void restart_log(Index index);

  [[nodiscard]] bool is_due(Index applied, Index last_snapshot, std::uint64_t now_ms) const;
  [[nodiscard]] bool is_running() const { return running_.has_value(); }
  // Of the state as it is now, which `info` describes.
  void start(SnapshotInfo info, std::uint64_t now_ms);
  // What was being written and is durable now, once.
  std::optional<SnapshotInfo> poll();
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  // With a snapshot of `index`, entries up to this one are not needed any more.
  [[nodiscard]] Index droppable(Index index) const;

 private:
  [[nodiscard]] std::uint64_t mark_interval_bytes() const;

  std::uint64_t snapshot_after_bytes_;
  std::uint64_t wait_bytes_;  // of log, from the last snapshot to the next
  std::uint64_t keep_log_bytes_;
  Disk& disk_;
  SnapshotWorker& worker_;
  StateMachine& machine_;
  LogExtent extent_;
  std::optional<SnapshotInfo> running_;
  std::uint64_t not_before_ms_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace okiagari::journal

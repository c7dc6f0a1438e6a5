#include "journal/snapshot_taker.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace okiagari::journal {
namespace {

// One that failed (a full disk, most likely) is not tried again at once.
constexpr std::uint64_t kRetryMs = 10'000;
constexpr std::uint64_t kMarksPerLog = 64;
// A snapshot slows its server. All servers have the same log, so each begins at a place of its own
// in it, and a majority has none under way.
constexpr std::uint64_t kPlaces = 8;

class WriteSnapshot final : public SnapshotJob {
 public:
  WriteSnapshot(Disk& disk, StateMachine& machine, SnapshotInfo info)
      : disk_(disk), machine_(machine), info_(std::move(info)) {}

  base::Status run() override {
    base::ByteWriter state;
    machine_.write_snapshot(state);
    return store_snapshot(disk_, info_, state.view(), Haste::gently);
  }

 private:
  Disk& disk_;
  StateMachine& machine_;
  SnapshotInfo info_;
};

}  // namespace

SnapshotTaker::SnapshotTaker(const ReplicaOptions& options, Disk& disk, SnapshotWorker& worker,
                             StateMachine& machine, const Log& log)
    : snapshot_after_bytes_(options.snapshot_after_bytes),
      wait_bytes_(snapshot_after_bytes_ +
                  snapshot_after_bytes_ / kPlaces * (options.node % kPlaces)),
      keep_log_bytes_(options.keep_log_bytes),
      disk_(disk),
      worker_(worker),
      machine_(machine),
      extent_(log.first_index(), log.last_index(), log.bytes_on_disk(), mark_interval_bytes()) {}

std::uint64_t SnapshotTaker::mark_interval_bytes() const {
  return std::min(keep_log_bytes_, snapshot_after_bytes_) / kMarksPerLog;
}

void SnapshotTaker::restart_log(Index index) {
  extent_ = LogExtent(index + 1, index, 0, mark_interval_bytes());
}

bool SnapshotTaker::is_due(Index applied, Index last_snapshot, std::uint64_t now_ms) const {
  if (running_ || applied <= last_snapshot || now_ms < not_before_ms_) return false;
  return extent_.bytes_at(applied) - extent_.bytes_at(last_snapshot) >= wait_bytes_;
}

void SnapshotTaker::start(SnapshotInfo info, std::uint64_t now_ms) {
  machine_.before_snapshot();
  worker_.start(std::make_unique<WriteSnapshot>(disk_, machine_, info));
  running_ = std::move(info);
  not_before_ms_ = now_ms + kRetryMs;
}

std::optional<SnapshotInfo> SnapshotTaker::poll() {
  if (!running_) return {};
  const SnapshotWorker::State state = worker_.poll();
  if (state == SnapshotWorker::State::running) return {};
  std::optional<SnapshotInfo> finished;
  running_.swap(finished);
  if (state != SnapshotWorker::State::done) {
    ++failures_;
    return {};
  }
  not_before_ms_ = 0;
  wait_bytes_ = snapshot_after_bytes_;
  return finished;
}

Index SnapshotTaker::droppable(Index index) const {
  return std::min(index, extent_.index_before_last(keep_log_bytes_));
}

}  // namespace okiagari::journal

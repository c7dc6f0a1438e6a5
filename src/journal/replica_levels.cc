// Which formats the servers understand, and snapshots that one of them could not read.
#include <fmt/format.h>

#include "journal/replica_driver.h"

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kTellLevelsMs = 500;
// A server of this kind has told its levels by then.
constexpr std::uint64_t kSilentMs = 2'000;

}  // namespace

// Whoever is connected, also one that is no server yet: it gets a snapshot only when it has told.
void ReplicaDriver::tell_levels() {
  if (!options_.levels || now_ms_ < levels_due_ms_) return;
  levels_due_ms_ = now_ms_ + kTellLevelsMs;
  FormatLevels levels = options_.levels();
  for (const auto& [node, peer] : peers_) {
    if (!peer.is_linked) continue;
    levels.keeps_snapshot_back = peer.kept_back.has_value() && peer.levels.commands != 0;
    sender_.send(node, levels);
  }
}

void ReplicaDriver::handle(NodeId from, FormatLevels& message) {
  peers_[from].levels = message;
  is_turn_due_ = true;
  if (options_.on_levels) options_.on_levels(from, message);
}

// One that has told nothing is of a version from before there were levels, or has just come.
bool ReplicaDriver::reads_snapshots(NodeId node) const {
  if (!options_.levels) return true;
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second.levels.snapshots >= options_.levels().snapshots;
}

void ReplicaDriver::send_snapshot(NodeId to, const SnapshotOrder& order) {
  if (!reads_snapshots(to)) {
    auto& kept_back = peers_[to].kept_back;
    if (kept_back) {
      kept_back->order = order;
    } else {
      kept_back = {order, now_ms_, false};
    }
    return;
  }
  peers_[to].kept_back.reset();
  const base::Status begun = snapshot_sender_.begin(to, order, now_ms_);
  if (!begun) fail(begun.error());
}

void ReplicaDriver::send_snapshots_kept_back() {
  for (auto& [node, peer] : peers_) {
    if (!peer.kept_back) continue;
    if (reads_snapshots(node)) {
      const SnapshotOrder order = peer.kept_back->order;
      // Another one may have taken its place; then the core orders that.
      if (order.index == core_.snapshot_index()) {
        send_snapshot(node, order);
      } else {
        peer.kept_back.reset();
      }
      continue;
    }
    const bool must_tell =
        peer.levels.commands != 0 || now_ms_ >= peer.kept_back->since_ms + kSilentMs;
    if (peer.kept_back->was_noted || !must_tell) continue;
    peer.kept_back->was_noted = true;
    notable(fmt::format(
        "node {} lacks so much of the log that it needs a snapshot, and reads none of level {}, "
        "only up to level {}: nothing is sent. Install the program of this server there",
        node, options_.levels().snapshots, peer.levels.snapshots));
  }
}

void ReplicaDriver::forget_snapshots_kept_back() {
  for (auto& [node, peer] : peers_) peer.kept_back.reset();
}

}  // namespace okiagari::journal

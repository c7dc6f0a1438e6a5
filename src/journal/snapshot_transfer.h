// Snapshots on their way between replicas: in chunks over a lane of their own, a few under way at a
// time, each answered over the link with how far the receiver has come. A chunk that is lost is
// sent again from there. One may come late, after newer messages of the link, or of a leader that
// is none any more: what a snapshot holds is committed, so it can only be of no use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "journal/disk.h"
#include "journal/message_sender.h"
#include "journal/peer_message.h"
#include "journal/raft_core.h"
#include "journal/snapshot_files.h"

namespace okiagari::journal {

// On the leader, for all peers. An error is damage of the file, or a disk that does not read.
class SnapshotSender {
 public:
  // `chunk_bytes` is at most kSnapshotChunkBytes.
  SnapshotSender(Disk& disk, MessageSender& sender, std::uint32_t chunk_bytes)
      : disk_(disk), sender_(sender), chunk_bytes_(chunk_bytes) {}

  // Begins, or goes on when that snapshot is on its way to `to` already.
  base::Status begin(NodeId to, const SnapshotOrder& order, std::uint64_t now_ms);
  base::Status received(NodeId from, const SnapshotReceived& answer, std::uint64_t now_ms);
  // Sends again what was not answered and is not on its way any more.
  base::Status end_turn(std::uint64_t now_ms);
  void stop();
  [[nodiscard]] std::uint64_t next_deadline_ms() const;
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::vector<ReplicaView::SnapshotProgress> under_way() const;
  // Of the snapshots whose files are open.
  [[nodiscard]] std::vector<Index> read() const;

 private:
  struct Transfer {
    SnapshotReader snapshot;
    Term term = 0;
    std::uint64_t answered = 0;  // the receiver has everything before
    std::uint64_t sent = 0;
    std::uint64_t sent_at_ms = 0;   // at the last beginning, answer or new try
    std::uint64_t moved_at_ms = 0;  // or was found to be on its way still
    std::uint64_t tries = 0;        // since it moved
  };

  base::Status send_more(NodeId to, Transfer& transfer);
  // The receiver says that it is damaged: is it so on the disk?
  base::Status check(Index index);

  Disk& disk_;
  MessageSender& sender_;
  std::uint32_t chunk_bytes_;
  std::vector<std::byte> piece_;
  std::map<NodeId, Transfer> transfers_;
  std::uint64_t count_ = 0;
};

// On a follower: one snapshot at a time, the newest that is offered.
class SnapshotReceiver {
 public:
  struct Complete {
    NodeId from = 0;
    Term term = 0;  // of the leader
    SnapshotInfo info;
    std::vector<std::byte> state;
  };

  [[nodiscard]] SnapshotReceived take(NodeId from, const SnapshotChunk& chunk);
  // The one that has come in whole, once.
  [[nodiscard]] std::optional<Complete> complete();
  [[nodiscard]] bool has_complete() const { return is_complete_; }

 private:
  // Of another snapshot than the one that comes, and one that this took the place of.
  [[nodiscard]] bool is_late(const SnapshotChunk& chunk) const;

  Complete coming_;
  std::uint64_t state_bytes_ = 0;
  base::Digest content_{};
  bool is_coming_ = false;
  bool is_complete_ = false;
  // The last that was handed out: what of it is sent again needs no second transfer.
  Index taken_index_ = 0;
  base::Digest taken_content_{};
};

}  // namespace okiagari::journal

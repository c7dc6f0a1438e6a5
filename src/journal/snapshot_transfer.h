// Snapshots on their way between replicas: in chunks over the link, a few under way at a time, each
// answered with how far the receiver has come. A chunk that is lost with its link is sent again
// from there.
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
  SnapshotSender(Disk& disk, MessageSender& sender) : disk_(disk), sender_(sender) {}

  // Begins, or goes on when that snapshot is on its way to `to` already.
  base::Status begin(NodeId to, const SnapshotOrder& order, std::uint64_t now_ms);
  base::Status received(NodeId from, const SnapshotReceived& answer, std::uint64_t now_ms);
  // Sends again what was not answered.
  base::Status end_turn(std::uint64_t now_ms);
  void stop();
  [[nodiscard]] std::uint64_t next_deadline_ms() const;
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::vector<ReplicaView::SnapshotProgress> under_way() const;

 private:
  struct Transfer {
    SnapshotReader snapshot;
    Term term = 0;
    std::uint64_t answered = 0;  // the receiver has everything before
    std::uint64_t sent = 0;
    std::uint64_t moved_at_ms = 0;
    std::uint64_t tries = 0;  // since it moved
  };

  base::Status send_more(NodeId to, Transfer& transfer);
  // The receiver says that it is damaged: is it so on the disk?
  base::Status check(Index index);

  Disk& disk_;
  MessageSender& sender_;
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

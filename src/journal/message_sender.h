// What goes out: encodes messages, with the entries of AppendEntries from the log, and hands the
// frames to the links.
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "journal/log.h"
#include "journal/peer_message.h"
#include "journal/raft_core.h"
#include "journal/replica.h"

namespace okiagari::journal {

class MessageSender {
 public:
  MessageSender(const Sender& self, Links& links, Log& log)
      : self_(self), links_(links), log_(log) {}

  [[nodiscard]] Sender& self() { return self_; }

  bool send(NodeId to, const PeerMessage& message);
  bool send_bulk(NodeId to, const SnapshotChunk& chunk);
  [[nodiscard]] bool is_bulk_on_its_way(NodeId to) const { return links_.is_bulk_on_its_way(to); }
  // Split so that no frame is much larger than kAppendBytesTarget. An error is damage of the log.
  base::Status send_entries(NodeId to, const AppendOrder& order);
  // Lets `to` know that everything up to `commit` is committed; it has that entry.
  void tell_commit(NodeId to, Term term, Index commit);

  // The highest commit index that was sent to `to` with or behind the entry itself.
  [[nodiscard]] Index told_commit(NodeId to) const;
  // A new leadership begins: nothing was told.
  void forget_told() { told_commit_.clear(); }

 private:
  // Encodes a frame of entries from `order` on into frame_; how many there are in it.
  base::Result<std::uint32_t> encode_part(const AppendOrder& order);
  void deliver_part(NodeId to, const AppendOrder& order, std::uint32_t entry_count);

  Sender self_;
  Links& links_;
  Log& log_;
  base::ByteWriter message_frame_;
  std::map<NodeId, Index> told_commit_;
  // The frame of entries encoded last: mostly all followers are sent the same.
  AppendOrder encoded_;
  std::uint32_t encoded_count_ = 0;
  base::ByteWriter frame_;
  base::ByteWriter payloads_;
};

}  // namespace okiagari::journal

// Which storage each peer has, kept in a file of its own (two slots): learned at first contact, and
// from then on no other is accepted from that node. A wiped folder that comes back under its old
// number is so told from the server that acknowledged entries and gave votes (work-around 5).
//
// One exception: a storage that never votes may take the place of the known one. Whatever it
// forgot, it cannot help to elect somebody who lacks it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/result.h"
#include "base/types.h"
#include "journal/disk.h"
#include "journal/identity.h"
#include "journal/peer_message.h"
#include "journal/two_slot_file.h"

namespace okiagari::journal {

inline constexpr const char* kPeersName = "peers";

class PeerRegister {
 public:
  enum class Verdict : std::uint8_t {
    known,
    learned,   // for the first time
    replaced,  // by one that never votes
    refused,
  };

  // Makes the file when there is none.
  static base::Result<PeerRegister> open(Disk& disk);

  // What is learned or replaced is durable when this returns.
  base::Result<Verdict> check(const Sender& sender);
  // The log says which storage it is, or that there is no such server any more.
  base::Status set(NodeId node, StorageId storage);
  base::Status forget(NodeId node);
  [[nodiscard]] std::optional<StorageId> storage_of(NodeId node) const;

 private:
  PeerRegister(TwoSlotFile file, std::map<NodeId, StorageId> storages)
      : file_(std::move(file)), storages_(std::move(storages)) {}

  base::Status store();

  TwoSlotFile file_;
  std::map<NodeId, StorageId> storages_;
};

}  // namespace okiagari::journal

// The small durable facts of a replica beside its log: who it is, and what it voted. Each file is
// two alternating slots with a sequence number and CRC-32C, one sync each; without a valid slot the
// replica refuses to start. The storage identity is drawn when the folder is formatted and goes
// into every handshake: a wiped folder comes back under another one and is not taken for the old
// server, which forgot what it acknowledged (docs/decisions, replication: work-around 5).
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "base/types.h"
#include "journal/disk.h"
#include "journal/two_slot_file.h"

namespace okiagari::journal {

using ClusterId = std::uint64_t;
using StorageId = std::uint64_t;

struct Identity {
  ClusterId cluster = 0;
  NodeId node = 0;
  StorageId storage = 0;
  // Set for good when this storage lost something it had acknowledged: it never votes again.
  bool barred_from_voting = false;
  // Of a server that was made for a cluster which runs already: its log begins with what it is
  // sent.
  bool joins = false;
};

inline constexpr const char* kIdentityName = "identity";
inline constexpr const char* kBallotName = "ballot";

base::Result<Identity> load_identity(Disk& disk);
base::Status store_identity(Disk& disk, const Identity& identity);

struct Ballot {
  std::uint64_t term = 0;
  NodeId voted_for = 0;  // 0: nobody
};

// Makes a new folder for a replica: identity file, and a term file that begins with `first`. Fails
// when there is one already. A replica that begins with a snapshot is given it before this, and
// begins in the term of its entry.
base::Status format(Disk& disk, const Identity& identity, const Ballot& first = {1, 0});

class BallotFile {
 public:
  static base::Result<BallotFile> open(Disk& disk);
  [[nodiscard]] Ballot current() const { return current_; }
  // Durable when it returns well.
  base::Status store(Ballot ballot);

 private:
  BallotFile(TwoSlotFile file, Ballot current) : file_(std::move(file)), current_(current) {}

  TwoSlotFile file_;
  Ballot current_;
};

}  // namespace okiagari::journal

// What a replica finds on its disk when it starts, put in order: identity, ballot, log, snapshot.
// Makes the first entry of a new log. Refuses what it cannot stand on, with what to do about it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "journal/configuration.h"
#include "journal/disk.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "journal/peer_register.h"
#include "journal/raft_core.h"
#include "journal/replica.h"
#include "journal/snapshot_files.h"

namespace okiagari::journal {

struct Recovered {
  Identity identity;
  BallotFile ballot;
  PeerRegister peers;
  std::unique_ptr<Log> log;
  SnapshotInfo snapshot;         // index 0: none
  std::vector<std::byte> state;  // of the state machine, as of the snapshot
  LogFindings findings;
};

// `now_ms` only makes a new storage identity differ from the one before.
base::Result<Recovered> recover(const ReplicaOptions& options, Disk& disk, std::uint64_t now_ms);

// What the core starts from. The payloads are kept in `payloads`.
base::Result<RaftCore::Stored> stored_state(const Recovered& recovered,
                                            std::vector<std::vector<std::byte>>& payloads);

// Gives the storage a new identity that never votes; durable when it returns. For one that lost
// what it had acknowledged.
base::Status bar_from_voting(Disk& disk, Identity& identity, std::uint64_t seed);

}  // namespace okiagari::journal

#include "journal/replica_start.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace okiagari::journal {
namespace {

base::Error log_contradicts_snapshot(const Disk& disk, const SnapshotInfo& snapshot) {
  return {
      fmt::format("{}: log and snapshot of entry {} differ in what led to that entry. One of them "
                  "is damaged or "
                  "of another server. Keep the folder for examination, give the server an empty "
                  "one, and let it "
                  "rejoin: its peers send it a snapshot",
                  disk.where(), snapshot.index)};
}

base::Status check_identity(const ReplicaOptions& options, const Disk& disk,
                            const Identity& identity) {
  if (identity.cluster == options.cluster && identity.node == options.node) return {};
  return base::Error{fmt::format(
      "{}: belongs to node {} of cluster {:016x}, and was given to node {} of cluster {:016x}. "
      "Correct the folder or the number in the configuration",
      disk.where(), identity.node, identity.cluster, options.node, options.cluster)};
}

// Where a crash came between the storing of a peer's snapshot and the new beginning of the log, the
// log still ends below it or is of another branch: it begins anew now.
base::Status join_log_to_snapshot(const Disk& disk, Log& log, const SnapshotInfo& snapshot) {
  if (snapshot.index == 0) {
    if (log.first_index() == 1) return {};
    return base::Error{fmt::format(
        "{}: the log begins with entry {}, and the snapshot of what was before is missing. Bring "
        "the snapshot file back, or give the server an empty folder and let it rejoin",
        disk.where(), log.first_index())};
  }
  if (log.first_index() > snapshot.index + 1) {
    return base::Error{fmt::format(
        "{}: entries {} to {} are neither in the newest snapshot nor in the log. Bring the missing "
        "files back, or give the server an empty folder and let it rejoin",
        disk.where(), snapshot.index + 1, log.first_index() - 1)};
  }
  const bool reaches = log.last_index() >= snapshot.index;
  if (!reaches || log.term_at(snapshot.index) != snapshot.term) {
    return log.restart_after(snapshot.index, snapshot.term, snapshot.chain);
  }
  if (log.chain_at(snapshot.index) != snapshot.chain) {
    return log_contradicts_snapshot(disk, snapshot);
  }
  return {};
}

// A server that joins has an empty log until it is sent one. It gives no vote before.
bool may_be_empty(const Identity& identity, const Ballot& ballot) {
  return identity.joins && ballot.voted_for == 0;
}

// Entry 1 is the configuration, the same on all servers, committed by agreement.
base::Status begin_new_log(const ReplicaOptions& options, const Disk& disk, const Ballot& ballot,
                           Log& log) {
  if (ballot.term > 1) {
    return base::Error{fmt::format(
        "{}: this server has voted in term {}, but its log is empty: it was lost. Bring it back, "
        "or give the server an empty folder and let it rejoin under a storage that never votes",
        disk.where(), ballot.term)};
  }
  const Configuration configuration = voters_only(options.voters);
  const std::vector<std::byte> encoded = encode_configuration(configuration);
  if (!decode_configuration(encoded)) {
    return base::Error{"the voters of the new cluster must be 1 to 16 different node numbers"};
  }
  log.append(1, 1, EntryType::change, encoded);
  return log.sync();
}

}  // namespace

base::Status bar_from_voting(Disk& disk, Identity& identity, std::uint64_t seed) {
  const std::array<std::uint64_t, 2> parts = {identity.storage, seed};
  identity.storage = base::hash64(base::object_bytes(parts));
  identity.barred_from_voting = true;
  return store_identity(disk, identity);
}

base::Result<Recovered> recover(const ReplicaOptions& options, Disk& disk, std::uint64_t now_ms) {
  base::Result<Identity> identity = load_identity(disk);
  if (!identity) return identity.error();
  base::Status status = check_identity(options, disk, identity.value());
  if (!status) return status.error();
  base::Result<BallotFile> ballot = BallotFile::open(disk);
  if (!ballot) return ballot.error();
  base::Result<PeerRegister> peers = PeerRegister::open(disk);
  if (!peers) return peers.error();

  LogFindings findings;
  base::Result<std::unique_ptr<Log>> log = Log::open(disk, options.log, findings);
  if (!log) return log.error();
  Recovered found{identity.value(),
                  std::move(ballot.value()),
                  std::move(peers.value()),
                  std::move(log.value()),
                  {},
                  {},
                  findings};
  if (findings.below_watermark && !found.identity.barred_from_voting) {
    status = bar_from_voting(disk, found.identity, options.random_seed ^ now_ms);
    if (!status) return status.error();
  }
  status = load_newest_snapshot(disk, found.snapshot, found.state);
  if (status) status = join_log_to_snapshot(disk, *found.log, found.snapshot);
  const bool is_new = status && found.log->last_index() == 0 &&
                      !may_be_empty(found.identity, found.ballot.current());
  if (is_new) status = begin_new_log(options, disk, found.ballot.current(), *found.log);
  if (!status) return status.error();
  return found;
}

base::Result<RaftCore::Stored> stored_state(const Recovered& recovered,
                                            std::vector<std::vector<std::byte>>& payloads) {
  Log& log = *recovered.log;
  RaftCore::Stored stored;
  stored.ballot = recovered.ballot.current();
  stored.first_index = log.first_index();
  const Term last_term = log.term_at(log.last_index());
  if (last_term > stored.ballot.term) {
    return base::Error{fmt::format(
        "the log has entries of term {}, but the term file says {}: it was lost or is of another "
        "server. Bring it back, or give the server an empty folder and let it rejoin",
        last_term, stored.ballot.term)};
  }
  if (recovered.snapshot.index > 0) {
    const auto configuration = decode_configuration(recovered.snapshot.configuration);
    if (!configuration) return base::Error{"the configuration in the snapshot is malformed"};
    stored.snapshot = SnapshotPoint{recovered.snapshot.index, recovered.snapshot.term,
                                    recovered.snapshot.configuration_index, *configuration};
  }
  stored.entries.reserve(log.last_index() + 1 - log.first_index());
  for (Index index = log.first_index(); index <= log.last_index(); ++index) {
    SentEntry entry{log.term_at(index), log.type_at(index), {}};
    if (entry.type == EntryType::change) {
      const base::Result<Entry> read = log.read(index);
      if (!read) return read.error();
      const base::Bytes payload = read.value().payload;
      if (!decode_configuration(payload)) {
        return base::Error{fmt::format("the configuration in entry {} is malformed", index)};
      }
      payloads.emplace_back(payload.begin(), payload.end());
      entry.payload = payloads.back();
    }
    stored.entries.push_back(entry);
  }
  return stored;
}

}  // namespace okiagari::journal

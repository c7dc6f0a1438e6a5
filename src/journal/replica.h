// One replica of the log: the consensus core, its log on disk and its peers, behind an interface
// that knows nothing of the library. Single-threaded and without a clock of its own: the owner
// feeds it frames, link changes and the time, and ends each turn of its loop with end_turn(), in
// which everything is written, synced once, sent, acknowledged and applied. The same code runs on
// real sockets and disks and in the simulator.
//
// Order of work inside a turn, from the consensus library's contract: the ballot is durable before
// anything else of its update; messages leave before the entries of the same update are synced (a
// leader's own copy counts only after its sync, a follower's acknowledgement is produced by it);
// committed entries are applied after the sync.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/types.h"
#include "journal/disk.h"
#include "journal/format_levels.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "journal/membership.h"
#include "journal/timeouts.h"

namespace okiagari::journal {

// The work-arounds for faults of the consensus library (docs/replication.md), switched off. For
// tests only: the simulator shows for each that it is needed.
struct WorkAroundsOff {
  bool re_anchor = false;          // 1
  bool split_changes = false;      // 2
  bool raise_pre_vote = false;     // 3
  bool no_capacity_check = false;  // 4: the library's own check of free space is switched on
  bool storage_identity = false;   // 5
  bool loss_check = false;         // 5, when a peer has less than it acknowledged
  bool joins_carefully = false;    // 7
  // 6 is in what carries the frames: one live link from each peer.
};

struct ReplicaOptions {
  ClusterId cluster = 1;
  NodeId node = 1;
  std::vector<NodeId> voters;     // of a new cluster; a formatted log carries its own configuration
  std::uint64_t random_seed = 1;  // different per node
  Timeouts timeouts;
  LogOptions log;
  std::uint32_t max_entries_in_flight = 4;    // own batches submitted and not yet committed
  std::uint64_t min_free_bytes = 256u << 20;  // below: refuse submits, hand over leadership
  // Of log since the last one. The first of a start waits longer, by the number of the node.
  std::uint64_t snapshot_after_bytes = 1u << 30;
  std::uint64_t keep_log_bytes = 512u << 20;        // kept behind a snapshot for lagging peers
  std::uint32_t snapshot_chunk_bytes = 256u << 10;  // what a peer is sent of one at a time
  // Where this server listens, in the owner's words: told to servers that may not know it.
  std::string address;
  // The servers of the cluster as the log has them: at the start and whenever they change.
  std::function<void(const Configuration& servers)> on_servers;
  // A server that is not in the log here, or not yet, has said where it listens.
  std::function<void(NodeId node, std::string_view address)> on_server_address;
  // What this server understands now: told to its peers, and snapshots go only to those that read
  // them. Without it nothing is told, and every peer gets them.
  std::function<FormatLevels()> levels;
  // A peer has told what it understands.
  std::function<void(NodeId node, const FormatLevels& levels)> on_levels;
  // Gets a line for a person when something notable happens (a storage refused, a leader deposed).
  std::function<void(const std::string& line)> on_notable;
  WorkAroundsOff work_arounds_off;
};

// The owner's side: what the log is for. Called inside end_turn() only.
class StateMachine {
 public:
  virtual ~StateMachine() = default;
  // In order, each index once; also at start-up for what is in the log behind the snapshot. Only
  // command entries come here. `own` says that this replica submitted it in the present term. An
  // error is final: the batch cannot be applied here, and nothing of it was.
  [[nodiscard]] virtual base::Status apply(Index index, Term term, base::Bytes batch,
                                           const base::Digest& chain, bool own) = 0;
  // This replica leads and has applied an entry of its own term: it may serve clients.
  virtual void leadership_open(Term term) = 0;
  virtual void leadership_lost() = 0;
  // The whole state up to the last applied entry. May run in a forked child: no sockets, no
  // threads.
  virtual void write_snapshot(base::ByteWriter& into) = 0;
  virtual base::Status load_snapshot(base::Bytes snapshot, Index index) = 0;
  // Just before a snapshot of the present state is taken: derived stores make durable what they
  // have, because entries up to here will not be applied again after a restart.
  virtual void before_snapshot() {}
};

// Runs the writing of a snapshot beside the market: a forked child in a node, in place in the
// simulator.
class SnapshotWorker {
 public:
  enum class State : std::uint8_t { idle, running, done, failed };
  virtual ~SnapshotWorker() = default;
  // Runs job() with the state frozen as of now; job returns success.
  virtual void start(std::unique_ptr<class SnapshotJob> job) = 0;
  virtual State poll() = 0;  // done and failed are told once, then idle
};
class SnapshotJob {
 public:
  virtual ~SnapshotJob() = default;
  virtual base::Status run() = 0;
};

// The peers. Frames that send() takes for one peer arrive in order, once, or not at all together
// with all later ones of the same link.
class Links {
 public:
  virtual ~Links() = default;
  // False when there is no link to that peer or its queue is full; the frame is then dropped.
  virtual bool send(NodeId to, base::Bytes frame) = 0;
  // A piece of a snapshot, which must not stand in front of what send() takes. Such frames have a
  // lane of their own: they are lost without the others and the others without them, they overtake
  // and are overtaken, and one may arrive long after it was sent. False: nothing was taken.
  virtual bool send_bulk(NodeId to, base::Bytes frame) = 0;
  // What send_bulk() took has not all come to that peer's host yet, nor been lost, as far as this
  // end can tell: to send it again would put it behind itself.
  [[nodiscard]] virtual bool is_bulk_on_its_way(NodeId to) const = 0;
  // What was sent goes on its way now: called before each sync, and at the end of a turn.
  virtual void flush() {}
};

enum class Role : std::uint8_t { follower = 1, candidate = 2, leader = 3, standby = 4 };

// How often what happened, since start.
struct ReplicaCounters {
  std::uint64_t elections_by_timer = 0;
  std::uint64_t elections_by_reset = 0;
  std::uint64_t elections_by_silence = 0;
  std::uint64_t elections_by_no_progress = 0;
  std::uint64_t elections_by_transfer = 0;
  std::uint64_t leaderships_won = 0;
  std::uint64_t leaderships_lost = 0;
  std::uint64_t transfers_given_up = 0;
  std::uint64_t truncations = 0;
  std::uint64_t snapshots_taken = 0;
  std::uint64_t snapshots_failed = 0;
  std::uint64_t snapshots_sent = 0;
  std::uint64_t snapshots_installed = 0;
  std::uint64_t submits_refused_disk_low = 0;
  std::uint64_t entries_refused_disk_low = 0;
  std::uint64_t commit_notices = 0;
  // Frames dropped.
  std::uint64_t frames_malformed = 0;
  std::uint64_t frames_of_wrong_storage = 0;
  std::uint64_t losses_suspected = 0;  // a peer seemed to have less than it had acknowledged
  std::uint64_t losses_found = 0;      // this storage had less than it had acknowledged
  // What the start found at the end of the log, 0 or 1.
  std::uint64_t torn_tails_cut = 0;
  std::uint64_t logs_below_watermark = 0;
  // Work-arounds that had something to do.
  std::uint64_t re_anchored = 0;
  std::uint64_t changes_split = 0;
  std::uint64_t pre_votes_raised = 0;
  std::uint64_t joins_held_back = 0;
};

struct ReplicaView {
  NodeId node = 0;
  StorageId storage = 0;
  Role role = Role::follower;
  Term term = 0;
  NodeId leader = 0;  // 0: unknown
  bool open = false;  // leads and may serve
  Index last_index = 0;
  Index synced_index = 0;
  Index commit_index = 0;
  Index applied_index = 0;
  Index snapshot_index = 0;
  Index first_index = 0;
  bool barred_from_voting = false;
  bool removed = false;  // this storage is no server of the cluster any more: end the process
  std::uint16_t voters = 0;
  bool disk_low = false;
  std::uint64_t log_bytes = 0;
  std::uint64_t elections_started = 0;
  std::uint64_t depositions = 0;                      // by reset, silence or no progress
  std::vector<std::pair<NodeId, Index>> peers_match;  // on the leader
  struct SnapshotProgress {
    NodeId to = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<SnapshotProgress> snapshots_under_way;  // likewise
  std::vector<NodeId> snapshots_kept_back;            // likewise: who cannot read it
  ReplicaCounters counters;
};

enum class SubmitResult : std::uint8_t { accepted, not_leader, busy, disk_low, too_large };

enum class ChangeOutcome : std::uint8_t {
  logged,        // it holds when it is committed
  unchanged,     // it is so already
  handing_over,  // the leader itself is to go: ask the next one
};

class Replica {
 public:
  // Opens what is on `disk` (formatted before), loads the snapshot, replays what is known to be
  // committed later as it commits. Errors: damage, wrong cluster or node, with remedy. All
  // references are borrowed.
  static base::Result<std::unique_ptr<Replica>> start(const ReplicaOptions& options, Disk& disk,
                                                      Links& links, SnapshotWorker& snapshots,
                                                      StateMachine& machine, std::uint64_t now_ms);
  virtual ~Replica() = default;

  // A whole frame of a peer, exactly as its Links::send got it. A malformed one is counted and
  // dropped.
  virtual void receive(NodeId from, base::Bytes frame) = 0;
  // The incoming link of that peer was accepted / ended by reset or end of file.
  virtual void link_up(NodeId peer) = 0;
  virtual void link_lost(NodeId peer) = 0;

  // One batch for the log. Accepted means only: it is on its way; what counts is apply().
  virtual SubmitResult submit(base::Bytes batch) = 0;
  // Whether submit() would be accepted now.
  [[nodiscard]] virtual bool can_submit() const = 0;

  // Hands leadership to `target` (0: the peer furthest along): submits are refused as busy until it
  // is over.
  virtual base::Status transfer(NodeId target) = 0;

  // Asks for a change of the servers, by one logged change at a time. Errors: this replica does not
  // lead, another change is under way, or the change is refused for what it would leave behind.
  virtual base::Result<ChangeOutcome> change_servers(const ServerChange& change) = 0;
  // The newest in the log, committed or not.
  [[nodiscard]] virtual const Configuration& servers() const = 0;

  // Ends the turn at `now_ms` (monotonic milliseconds, never backwards). An error is final: end the
  // process.
  virtual base::Status end_turn(std::uint64_t now_ms) = 0;
  // When end_turn() must be called again at the latest, if nothing else happens.
  [[nodiscard]] virtual std::uint64_t next_deadline_ms() const = 0;

  [[nodiscard]] virtual ReplicaView view() const = 0;
};

}  // namespace okiagari::journal

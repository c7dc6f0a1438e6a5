// The consensus library (libraft's I/O-free core) in our own words. The only file that includes the
// library is raft_core.cc. Each call is one step of the core; what the step asks for is left in
// update() and must be carried out before the next step, in the order that Update lists it.
//
// The core keeps terms of entries, never payloads, and does no input or output. Single-threaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "journal/configuration.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "journal/peer_message.h"

namespace okiagari::journal {

struct CoreOptions {
  NodeId node = 0;
  std::uint64_t random_seed = 0;  // another one for each node
  std::uint32_t election_ms = 0;
  std::uint32_t heartbeat_ms = 0;
  std::uint32_t install_snapshot_ms = 0;
  std::uint32_t max_entries_in_flight = 0;  // to one follower, not acknowledged
  // 0: the core does not look at disk capacity (work-around 4). Same unit as set_capacity().
  std::uint16_t capacity_threshold = 0;
};

// What a snapshot is of, as the core wants to know it.
struct SnapshotPoint {
  Index index = 0;
  Term term = 0;
  Index configuration_index = 0;
  Configuration configuration;
};

// Messages that the core asks for without having their content.
struct AppendOrder {  // an AppendEntries with `entry_count` entries from prev_index + 1 on
  Term term = 0;
  Index prev_index = 0;
  Term prev_term = 0;
  Index leader_commit = 0;
  std::uint32_t entry_count = 0;
};
struct SnapshotOrder {  // the snapshot of exactly that index
  Term term = 0;
  Index index = 0;
  Term index_term = 0;
};

// A snapshot that has come in whole.
struct InstallSnapshot {
  Term term = 0;  // of the leader
  SnapshotPoint point;
};

class RaftCore {
 public:
  enum class State : std::uint8_t { follower, candidate, leader };

  struct Outgoing {
    NodeId to = 0;
    std::variant<RequestVote, RequestVoteResult, AppendOrder, AppendEntriesResult, TimeoutNow,
                 SnapshotOrder>
        message;
  };

  struct Update {
    // Durable before anything below is done.
    bool ballot_changed = false;
    // From first_index on; entries there and behind it are to be truncated before. Payloads are
    // borrowed from what the step was given, or from the core until the next step.
    Index first_index = 0;
    std::span<const SentEntry> entries;
    // The core has dropped its log for this snapshot; snapshot_is_stored() when it is durable.
    const SnapshotPoint* snapshot = nullptr;
    std::span<const Outgoing> messages;
    bool state_changed = false;
  };

  // What was found on disk. `entries` are all of the log from first_index on; only those of a
  // change need their payload.
  struct Stored {
    Ballot ballot;
    std::optional<SnapshotPoint> snapshot;
    Index first_index = 1;
    std::vector<SentEntry> entries;
  };

  explicit RaftCore(const CoreOptions& options);
  ~RaftCore();
  RaftCore(const RaftCore&) = delete;
  RaftCore& operator=(const RaftCore&) = delete;

  // An error of any step but submit() and transfer() is final.
  base::Status start(std::uint64_t now_ms, const Stored& stored);
  using Incoming = std::variant<RequestVote, RequestVoteResult, AppendEntries, AppendEntriesResult,
                                TimeoutNow, InstallSnapshot>;
  base::Status receive(std::uint64_t now_ms, NodeId from, const Incoming& message);
  // Everything up to `index` is durable. It must be above stored_index().
  base::Status entries_are_stored(std::uint64_t now_ms, Index index);
  base::Status snapshot_is_stored(std::uint64_t now_ms, const SnapshotPoint& point);
  // An entry with a configuration was applied.
  base::Status configuration_is_applied(std::uint64_t now_ms, Index index,
                                        const Configuration& configuration);
  // A snapshot of applied state was stored; `trailing` entries before it stay known.
  base::Status snapshot_is_taken(std::uint64_t now_ms, const SnapshotPoint& point,
                                 std::uint32_t trailing);
  base::Status time_out(std::uint64_t now_ms);

  // Refused (false) when this replica does not lead, hands leadership over, or has a change
  // already.
  bool submit(std::uint64_t now_ms, EntryType type, base::Bytes payload);
  bool transfer(std::uint64_t now_ms, NodeId target);

  [[nodiscard]] const Update& update() const;

  [[nodiscard]] State state() const;
  [[nodiscard]] Ballot ballot() const;
  [[nodiscard]] Term term() const;
  // Whom it takes for the leader, itself included; 0: nobody. A follower whose term was raised
  // keeps the old one until the new one speaks.
  [[nodiscard]] NodeId leader() const;
  [[nodiscard]] NodeId transferee() const;
  [[nodiscard]] Index last_index() const;
  [[nodiscard]] Term last_term() const;
  [[nodiscard]] Index stored_index() const;
  [[nodiscard]] Index commit_index() const;
  [[nodiscard]] Index snapshot_index() const;
  [[nodiscard]] Term snapshot_term() const;
  // Of an entry that the core knows, else 0.
  [[nodiscard]] Term term_of(Index index) const;
  // As the leader knows it; 0 when it does not.
  [[nodiscard]] Index match_index(NodeId peer) const;
  // The newest in the log, committed or not.
  [[nodiscard]] const Configuration& configuration() const;
  // Grows with each change of it.
  [[nodiscard]] std::uint64_t configuration_version() const;
  [[nodiscard]] Index committed_configuration_index() const;
  [[nodiscard]] bool can_change_configuration() const;
  // May lie in the past.
  [[nodiscard]] std::uint64_t timeout_ms() const;
  void set_election_ms(std::uint32_t election_ms);
  // As CoreOptions::max_entries_in_flight.
  void set_max_entries_in_flight(std::uint32_t entries);
  void set_capacity(std::uint16_t capacity);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace okiagari::journal

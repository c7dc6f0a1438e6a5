// The one implementation of Replica: drives the consensus core, carries out what it asks for in the
// order it must be done (docs/replication.md), and applies what is committed.
//
// replica_driver.cc has the turn, replica_receive.cc what peers say, replica_lead.cc what a leader
// does, replica_members.cc who is a server, replica_levels.cc what servers understand.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/fail_over.h"
#include "journal/hand_over.h"
#include "journal/message_sender.h"
#include "journal/peer_message.h"
#include "journal/raft_core.h"
#include "journal/replica.h"
#include "journal/replica_start.h"
#include "journal/snapshot_taker.h"
#include "journal/snapshot_transfer.h"

namespace okiagari::journal {

class ReplicaDriver final : public Replica {
 public:
  ReplicaDriver(const ReplicaOptions& options, Disk& disk, Links& links, SnapshotWorker& worker,
                StateMachine& machine, Recovered recovered, std::uint64_t now_ms);

  // The core takes up what was recovered, and the state machine the snapshot.
  base::Status begin(const RaftCore::Stored& stored, std::vector<std::byte> state);

  void receive(NodeId from, base::Bytes frame) override;
  void link_up(NodeId peer) override;
  void link_lost(NodeId peer) override;
  SubmitResult submit(base::Bytes batch) override;
  [[nodiscard]] bool can_submit() const override;
  base::Status transfer(NodeId target) override;
  base::Result<ChangeOutcome> change_servers(const ServerChange& change) override;
  [[nodiscard]] const Configuration& servers() const override;
  base::Status end_turn(std::uint64_t now_ms) override;
  [[nodiscard]] std::uint64_t next_deadline_ms() const override;
  [[nodiscard]] ReplicaView view() const override;

 private:
  // What is known of a peer from its frames and its link.
  struct Peer {
    // A snapshot that it is to get and cannot read, by what it has told.
    struct KeptBack {
      SnapshotOrder order;
      std::uint64_t since_ms = 0;
      bool was_noted = false;
    };
    FormatLevels levels;
    std::optional<KeptBack> kept_back;
    bool is_linked = false;
    bool is_barred = false;
    bool is_disk_low = false;
    bool was_refused = false;  // and somebody was told so
    std::uint64_t heard_at_ms = 0;
    Term progress_lost_in = 0;  // as a leader of this term, what the core knows of it is of no use
  };

  // A storage that was a server here, by the configuration before that index.
  struct RemovedServer {
    NodeId node = 0;
    StorageId storage = 0;
    Index configuration_index = 0;
    std::uint64_t told_at_ms = 0;
  };

  // A step of the core was made: what it asks for is done. False when the replica has failed.
  bool carry_out(const base::Status& step);
  bool carry_out_update();
  bool store_ballot();
  void count_election();
  bool append_entries(Index first, std::span<const SentEntry> entries);
  void send(const RaftCore::Outgoing& outgoing);
  void state_changed();
  bool install(const SnapshotPoint& point);
  void fail(const base::Error& error);
  void notable(const std::string& line) const;

  // The turn.
  void measure_lateness(std::uint64_t now_ms);
  void sync_log();
  void run_core_timer();
  void watch_leader();
  void set_entries_in_flight(bool has_standby);
  void depose(FailOver::Cause cause);
  void end_hurry();
  void apply_committed();
  void apply_entry(const Entry& entry);
  void apply_change(const Entry& entry);
  void keep_snapshots();
  void snapshot_is_durable(const SnapshotInfo& info);
  void install_received();
  void check_disk();
  void raise_watermark();
  void introduce_itself();
  [[nodiscard]] bool core_timer_counts() const;
  [[nodiscard]] std::uint64_t watermark_due_ms() const;

  // From peers.
  bool admit(const PeerFrame& frame);
  void handle(NodeId from, RequestVote& message);
  void handle(NodeId from, RequestVoteResult& message);
  void handle(NodeId from, AppendEntries& message);
  void handle(NodeId from, AppendEntriesResult& message);
  void handle(NodeId from, TimeoutNow& message);
  void handle(NodeId from, SnapshotChunk& message);
  void handle(NodeId from, SnapshotReceived& message);
  void handle(NodeId from, SuspectQuery& message);
  void handle(NodeId from, SuspectAnswer& message);
  void handle(NodeId from, LossFound& message);
  void handle(NodeId from, Introduction& message);
  void handle(NodeId from, Removed& message);
  void handle(NodeId from, ServerAddress& message);
  void handle(NodeId from, FormatLevels& message);
  bool check_chain(NodeId from, const AppendEntries& message);
  void filter(AppendEntries& message);
  void feed(NodeId from, AppendEntries& message);
  void leader_was_heard(NodeId from, Term term);

  // Who is a server.
  [[nodiscard]] bool may_vote() const;
  [[nodiscard]] Standing standing_of(NodeId node) const;
  [[nodiscard]] bool is_leaders_word(const PeerMessage& message) const;
  base::Result<PeerRegister::Verdict> storage_verdict(const Sender& sender);
  [[nodiscard]] PeerRegister::Verdict verdict_on_successor(const Sender& sender) const;
  bool tell_if_removed(const Sender& sender);
  void servers_are_applied(base::Bytes before);
  void note_removed(NodeId node, StorageId storage);
  [[nodiscard]] bool tells_address() const;
  void tell_address();
  void tell_servers();

  // Who understands what: replica_levels.cc.
  [[nodiscard]] bool reads_snapshots(NodeId node) const;
  void send_snapshot(NodeId to, const SnapshotOrder& order);
  void send_snapshots_kept_back();
  void forget_snapshots_kept_back();
  void tell_levels();

  // As the leader.
  [[nodiscard]] bool leads() const { return core_.state() == RaftCore::State::leader; }
  [[nodiscard]] bool is_open() const { return leads() && open_term_ == core_.term(); }
  void begin_leadership();
  void submit_barrier();
  void hand_over();
  void leave();
  [[nodiscard]] bool has_lost_progress() const;
  void leave_lost_progress(NodeId peer);
  void tell_commits();
  [[nodiscard]] NodeId best_target() const;
  [[nodiscard]] bool is_possible_target(NodeId node) const;

  ReplicaOptions options_;
  Disk& disk_;
  Links& links_;
  StateMachine& machine_;
  Identity identity_;
  BallotFile ballot_;
  PeerRegister register_;
  std::unique_ptr<Log> log_;
  MessageSender sender_;
  RaftCore core_;
  FailOver fail_over_;
  HandOver hand_over_;
  SnapshotTaker taker_;
  SnapshotSender snapshot_sender_;
  SnapshotReceiver snapshot_receiver_;
  std::map<NodeId, Peer> peers_;
  PeerFrame frame_;
  ReplicaCounters counters_;
  std::optional<base::Error> failure_;

  std::uint64_t now_ms_;
  std::uint64_t expected_by_ms_;  // when the next turn was due
  std::uint64_t core_timer_at_ms_ = 0;

  // Seen since the last turn; what they mean depends on its time.
  bool is_turn_due_ = false;
  bool was_leader_heard_ = false;
  std::vector<NodeId> lost_links_;

  // Leadership as this replica has seen it.
  bool was_leading_ = false;
  NodeId heard_leader_ = 0;  // who spoke as the leader of heard_term_
  Term heard_term_ = 0;
  std::uint64_t leader_heard_at_ms_ = 0;
  Term open_term_ = 0;
  bool must_tell_loss_ = false;
  bool must_submit_barrier_ = false;
  std::optional<FailOver::Cause> deposing_;
  bool is_told_to_stand_ = false;

  bool is_answer_unwanted_ = false;
  bool is_applying_ = false;
  Index commit_ = 0;
  Index applied_ = 0;
  Index verified_chain_ = 0;       // the leader has the same log up to here
  Index configuration_index_ = 0;  // of the last that was applied
  std::vector<std::byte> configuration_;
  std::optional<SnapshotReceiver::Complete> installing_;

  std::deque<RemovedServer> removed_;
  bool is_removed_ = false;  // this server itself
  std::uint64_t servers_told_ = 0;
  std::uint64_t introduced_to_ = 0;  // version of the configuration
  std::uint64_t address_due_ms_ = 0;
  std::uint64_t levels_due_ms_ = 0;

  bool is_disk_low_ = false;
  bool is_disk_critical_ = false;
  std::uint64_t disk_checked_at_ms_ = 0;
  std::uint64_t hand_over_not_before_ms_ = 0;
  std::uint64_t sync_begun_at_ms_ = 0;
  Index synced_seen_ = 0;
  std::uint64_t synced_moved_at_ms_ = 0;
  std::uint64_t watermark_raised_at_ms_ = 0;
  std::uint64_t introduction_due_ms_ = 0;
};

}  // namespace okiagari::journal

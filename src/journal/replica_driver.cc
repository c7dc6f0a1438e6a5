#include "journal/replica_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "journal/planted_batch.h"
#include "journal/receive_filter.h"

namespace okiagari::journal {
namespace {

// What is applied in one turn, roughly. More would keep a leader's heartbeats waiting.
constexpr std::uint64_t kAppliedBytesPerTurn = 2U << 20;
// To one follower, beyond what it has acknowledged: what one that lags gets at once.
constexpr std::uint32_t kEntriesInFlightToFollower = 64;
// With a server that has no vote, which may be far away: a line of 20 ms each way answers after 45,
// and a leader makes up to two entries a millisecond. The library knows one number for all.
constexpr std::uint32_t kEntriesInFlightToStandby = 256;
constexpr std::uint64_t kDiskCheckMs = 500;
constexpr std::uint64_t kWatermarkMs = 1000;
constexpr std::uint64_t kWatermarkIdleMs = 200;
constexpr std::uint64_t kSnapshotPollMs = 10;
constexpr std::uint64_t kIntroductionMs = 100;
constexpr std::uint64_t kIntroductionIdleMs = 5'000;  // a change of servers may bring new ones
constexpr std::size_t kSnapshotsKept = 2;
constexpr std::uint64_t kNever = UINT64_MAX;

CoreOptions core_options(const ReplicaOptions& options) {
  CoreOptions core;
  core.node = options.node;
  core.random_seed = options.random_seed;
  core.election_ms = options.timeouts.election_ms;
  core.heartbeat_ms = options.timeouts.heartbeat_ms;
  core.install_snapshot_ms = options.timeouts.install_snapshot_ms;
  core.max_entries_in_flight = std::max(kEntriesInFlightToFollower, options.max_entries_in_flight);
  if (options.work_arounds_off.no_capacity_check) {
    core.capacity_threshold = static_cast<std::uint16_t>(
        std::min<std::uint64_t>(options.min_free_bytes >> 10, UINT16_MAX));
  }
  return core;
}

SnapshotPoint point_of(const SnapshotInfo& info) {
  const auto configuration = decode_configuration(info.configuration);
  ASSERT(configuration.has_value(), "the configuration at entry {}", info.configuration_index);
  return {info.index, info.term, info.configuration_index, *configuration};
}

std::uint64_t logged_bytes(std::size_t payload_bytes) { return payload_bytes + 64; }

}  // namespace

ReplicaDriver::ReplicaDriver(const ReplicaOptions& options, Disk& disk, Links& links,
                             SnapshotWorker& worker, StateMachine& machine, Recovered recovered,
                             std::uint64_t now_ms)
    : options_(options),
      disk_(disk),
      links_(links),
      machine_(machine),
      identity_(recovered.identity),
      ballot_(std::move(recovered.ballot)),
      register_(std::move(recovered.peers)),
      log_(std::move(recovered.log)),
      sender_({identity_.cluster, identity_.node, identity_.storage, identity_.barred_from_voting,
               false, identity_.joins},
              links, *log_),
      core_(core_options(options)),
      fail_over_(options.node, options.timeouts, now_ms),
      hand_over_(options.timeouts.transfer_ms),
      taker_(options, disk, worker, machine, *log_),
      snapshot_sender_(disk, sender_, options.snapshot_chunk_bytes),
      now_ms_(now_ms),
      expected_by_ms_(now_ms),
      commit_(recovered.snapshot.index),
      applied_(recovered.snapshot.index),
      verified_chain_(recovered.snapshot.index),
      configuration_index_(recovered.snapshot.configuration_index),
      configuration_(std::move(recovered.snapshot.configuration)) {
  counters_.torn_tails_cut = recovered.findings.torn_tail ? 1 : 0;
  counters_.logs_below_watermark = recovered.findings.below_watermark ? 1 : 0;
}

base::Status ReplicaDriver::begin(const RaftCore::Stored& stored, std::vector<std::byte> state) {
  if (applied_ > 0) {
    const base::Status loaded = machine_.load_snapshot(state, applied_);
    if (!loaded) return loaded;
  }
  check_disk();
  const base::Status started = core_.start(now_ms_, stored);
  if (started && leads() && identity_.barred_from_voting) {
    return base::Error{fmt::format(
        "{}: this storage lost what it had acknowledged, and it is the only voter: nobody else has "
        "the missing entries. Restore a backup",
        disk_.where())};
  }
  if (!carry_out(started)) return *failure_;
  tell_servers();
  synced_seen_ = log_->synced_index();
  return {};
}

void ReplicaDriver::fail(const base::Error& error) {
  if (!failure_) failure_ = error;
}

void ReplicaDriver::notable(const std::string& line) const {
  if (options_.on_notable) options_.on_notable(line);
}

bool ReplicaDriver::carry_out(const base::Status& step) {
  if (failure_) return false;
  if (!step) {
    fail(step.error());
    return false;
  }
  return carry_out_update();
}

bool ReplicaDriver::carry_out_update() {
  const RaftCore::Update& update = core_.update();
  // Nothing may leave before the vote is durable.
  if (update.ballot_changed && !store_ballot()) return false;
  if (!update.entries.empty() && !append_entries(update.first_index, update.entries)) return false;
  for (const RaftCore::Outgoing& outgoing : update.messages) send(outgoing);
  if (failure_) return false;
  if (update.snapshot != nullptr) return install(SnapshotPoint(*update.snapshot));
  if (update.state_changed) state_changed();
  if (must_submit_barrier_) submit_barrier();
  return !failure_;
}

bool ReplicaDriver::store_ballot() {
  const Ballot ballot = core_.ballot();
  if (ballot.voted_for == options_.node && ballot.term > ballot_.current().term) count_election();
  const base::Status stored = ballot_.store(ballot);
  if (!stored) fail(stored.error());
  return !failure_;
}

void ReplicaDriver::count_election() {
  if (is_told_to_stand_) {
    ++counters_.elections_by_transfer;
  } else if (deposing_ == FailOver::Cause::reset) {
    ++counters_.elections_by_reset;
  } else if (deposing_ == FailOver::Cause::silence) {
    ++counters_.elections_by_silence;
  } else if (deposing_ == FailOver::Cause::no_progress) {
    ++counters_.elections_by_no_progress;
  } else {
    ++counters_.elections_by_timer;
  }
}

bool ReplicaDriver::append_entries(Index first, std::span<const SentEntry> entries) {
  if (first <= log_->last_index()) {
    ASSERT(first > applied_, "entry {} is applied and to be truncated from {}", applied_, first);
    ++counters_.truncations;
    verified_chain_ = std::min(verified_chain_, first - 1);
  }
  Index index = first;
  for (const SentEntry& entry : entries) {
    log_->append(index, entry.term, entry.type, entry.payload);
    taker_.extent().appended(index, logged_bytes(entry.payload.size()));
    ++index;
  }
  return true;
}

void ReplicaDriver::send(const RaftCore::Outgoing& outgoing) {
  const NodeId to = outgoing.to;
  if (const auto* order = std::get_if<AppendOrder>(&outgoing.message)) {
    const base::Status sent = sender_.send_entries(to, *order);
    if (!sent) fail(sent.error());
  } else if (const auto* snapshot = std::get_if<SnapshotOrder>(&outgoing.message)) {
    send_snapshot(to, *snapshot);
  } else if (const auto* vote = std::get_if<RequestVoteResult>(&outgoing.message)) {
    RequestVoteResult result = *vote;
    if (!options_.work_arounds_off.raise_pre_vote && raise_denied_pre_vote(result, core_.term())) {
      ++counters_.pre_votes_raised;
    }
    sender_.send(to, result);
  } else if (const auto* result = std::get_if<AppendEntriesResult>(&outgoing.message)) {
    const bool is_news = !is_answer_unwanted_ || result->rejected != 0;
    if (is_news) sender_.send(to, *result);
  } else if (const auto* request = std::get_if<RequestVote>(&outgoing.message)) {
    sender_.send(to, *request);
  } else if (const auto* timeout_now = std::get_if<TimeoutNow>(&outgoing.message)) {
    sender_.send(to, *timeout_now);
  }
}

void ReplicaDriver::state_changed() {
  if (leads()) {
    begin_leadership();
    return;
  }
  hand_over_.end();
  snapshot_sender_.stop();
  forget_snapshots_kept_back();
  if (was_leading_) ++counters_.leaderships_lost;
  was_leading_ = false;
  if (open_term_ != 0) must_tell_loss_ = true;
  open_term_ = 0;
}

void ReplicaDriver::link_up(NodeId peer) {
  peers_[peer].is_linked = true;
  levels_due_ms_ = 0;
  fail_over_.link_up(peer);
}

void ReplicaDriver::link_lost(NodeId peer) {
  peers_[peer].is_linked = false;
  lost_links_.push_back(peer);
  is_turn_due_ = true;
}

base::Status ReplicaDriver::end_turn(std::uint64_t now_ms) {
  measure_lateness(now_ms);
  now_ms_ = std::max(now_ms_, now_ms);
  is_turn_due_ = false;
  if (leads()) run_core_timer();
  install_received();
  hand_over();
  links_.flush();
  sync_log();
  if (!leads()) run_core_timer();
  watch_leader();
  links_.flush();
  apply_committed();
  tell_commits();
  keep_snapshots();
  check_disk();
  raise_watermark();
  introduce_itself();
  tell_address();
  tell_servers();
  tell_levels();
  links_.flush();
  expected_by_ms_ = next_deadline_ms();
  if (failure_) return *failure_;
  return {};
}

void ReplicaDriver::measure_lateness(std::uint64_t now_ms) {
  if (now_ms > expected_by_ms_ && now_ms - expected_by_ms_ >= options_.timeouts.own_lateness_ms) {
    fail_over_.was_late(now_ms);
  }
}

// The loop goes on during a sync, so that a leader takes up its followers' answers and the next
// commands meanwhile. A disk that takes longer than a heartbeat is waited for: then heartbeats end
// with it, as they should.
void ReplicaDriver::sync_log() {
  if (failure_) return;
  const bool is_slow = now_ms_ >= sync_begun_at_ms_ + options_.timeouts.heartbeat_ms;
  base::Status status = log_->end_sync(is_slow);
  if (status && log_->dirty() && !log_->is_syncing()) {
    sync_begun_at_ms_ = now_ms_;
    status = log_->begin_sync();
    if (status) status = log_->end_sync(false);
  }
  if (!status) return fail(status.error());
  if (log_->synced_index() > core_.stored_index()) {
    carry_out(core_.entries_are_stored(now_ms_, log_->synced_index()));
  }
}

// A follower that may not vote may not stand either: its timer means nothing.
bool ReplicaDriver::core_timer_counts() const {
  return leads() || (may_vote() && is_voter(core_.configuration(), options_.node));
}

void ReplicaDriver::run_core_timer() {
  if (failure_ || !core_timer_counts()) return;
  if (now_ms_ < std::max(core_.timeout_ms(), core_timer_at_ms_)) return;
  // It may lie in the past and stay there.
  core_timer_at_ms_ = now_ms_ + 1;
  carry_out(core_.time_out(now_ms_));
}

void ReplicaDriver::watch_leader() {
  if (failure_) return;
  if (was_leader_heard_) fail_over_.leader_heard(heard_leader_, heard_term_, now_ms_);
  was_leader_heard_ = false;
  for (const NodeId peer : lost_links_) fail_over_.link_lost(peer, now_ms_);
  lost_links_.clear();

  FailOver::Position position;
  position.term = core_.term();
  if (leads()) {
    position.leader = options_.node;
  } else if (heard_term_ == core_.term()) {
    position.leader = heard_leader_;
  }
  const Configuration& configuration = core_.configuration();
  position.may_stand = core_.state() == RaftCore::State::follower && core_.leader() != 0 &&
                       may_vote() && is_voter(configuration, options_.node) &&
                       core_.stored_index() == core_.last_index();
  position.last_index = core_.last_index();
  position.commit_index = std::max(commit_, core_.commit_index());
  for (const Server& server : configuration) {
    if (server.role == ServerRole::voter) position.voters.push_back(server.node);
  }
  set_entries_in_flight(position.voters.size() < configuration.size());
  const FailOver::Decision decision = fail_over_.end_turn(position, now_ms_);
  if (decision.depose) depose(*decision.depose);
  if (decision.ask_others) {
    const SuspectQuery query{core_.term(), core_.leader(), *decision.ask_others};
    for (const NodeId voter : position.voters) {
      if (voter != options_.node && voter != query.leader) sender_.send(voter, query);
    }
  }
  end_hurry();
}

void ReplicaDriver::set_entries_in_flight(bool has_standby) {
  const std::uint32_t entries =
      has_standby ? kEntriesInFlightToStandby : kEntriesInFlightToFollower;
  core_.set_max_entries_in_flight(std::max(entries, options_.max_entries_in_flight));
}

// As if the leader itself had handed over to us: the other voters then do not hold on to it.
void ReplicaDriver::depose(FailOver::Cause cause) {
  const NodeId leader = core_.leader();
  core_.set_election_ms(options_.timeouts.quick_election_ms);
  deposing_ = cause;
  carry_out(core_.receive(now_ms_, leader,
                          TimeoutNow{core_.term(), core_.last_index(), core_.last_term()}));
  deposing_.reset();
  if (core_.state() == RaftCore::State::follower) {
    core_.set_election_ms(options_.timeouts.election_ms);
    fail_over_.was_late(now_ms_);
    return;
  }
  fail_over_.stands(now_ms_);
  constexpr const char* kReasons[] = {"its connection ended", "it is silent", "it commits nothing"};
  notable(fmt::format("node {} is no longer taken for the leader, because {}; standing in term {}",
                      leader, kReasons[static_cast<std::size_t>(cause)], core_.term()));
}

// A candidate that deposes goes on raising its term and unseating whoever leads by now. After a
// while without success it becomes a follower, who asks before it stands.
void ReplicaDriver::end_hurry() {
  if (!fail_over_.gives_up(now_ms_)) return;
  core_.set_election_ms(options_.timeouts.election_ms);
  if (core_.state() != RaftCore::State::candidate) return;
  for (const Server& server : Configuration(core_.configuration())) {
    if (server.node == options_.node || server.role != ServerRole::voter) continue;
    // A refusal with a higher term, as from somebody who knows one.
    carry_out(core_.receive(now_ms_, server.node,
                            RequestVoteResult{core_.term() + 1, false, false, 0, 0}));
    return;
  }
}

void ReplicaDriver::apply_committed() {
  if (failure_) return;
  if (must_tell_loss_) machine_.leadership_lost();
  must_tell_loss_ = false;
  commit_ = std::max(commit_, core_.commit_index());
  const Index end = std::min(commit_, log_->synced_index());
  std::uint64_t bytes = 0;
  while (applied_ < end && bytes < kAppliedBytesPerTurn && !failure_) {
    const base::Result<Entry> entry = log_->read(applied_ + 1);
    if (!entry) return fail(entry.error());
    bytes += logged_bytes(entry.value().payload.size());
    apply_entry(entry.value());
  }
}

void ReplicaDriver::apply_entry(const Entry& entry) {
  const bool is_own_term = leads() && entry.term == core_.term();
  const Term term = entry.term;
  applied_ = entry.index;
  if (entry.type == EntryType::command) {
    is_applying_ = true;
    const PlantedBatch batch(base::PlantPlace::journal, entry.payload);
    const base::Status applied =
        machine_.apply(entry.index, entry.term, batch.bytes(), entry.chain, is_own_term);
    is_applying_ = false;
    if (!applied) return fail(applied.error());
  } else if (entry.type == EntryType::change) {
    apply_change(entry);
  }
  if (!is_own_term || !leads() || open_term_ == term) return;
  open_term_ = term;
  machine_.leadership_open(term);
}

void ReplicaDriver::apply_change(const Entry& entry) {
  const auto configuration = decode_configuration(entry.payload);
  ASSERT(configuration.has_value(), "the configuration in entry {}", entry.index);
  configuration_index_ = entry.index;
  const std::vector<std::byte> before = std::exchange(
      configuration_, std::vector<std::byte>(entry.payload.begin(), entry.payload.end()));
  if (!carry_out(core_.configuration_is_applied(now_ms_, entry.index, *configuration))) return;
  servers_are_applied(before);
}

void ReplicaDriver::keep_snapshots() {
  if (failure_) return;
  send_snapshots_kept_back();
  const base::Status sent = snapshot_sender_.end_turn(now_ms_);
  if (!sent) return fail(sent.error());
  if (const auto finished = taker_.poll()) snapshot_is_durable(*finished);
  if (failure_ || !taker_.is_due(applied_, core_.snapshot_index(), now_ms_)) return;
  SnapshotInfo info;
  info.index = applied_;
  info.term = log_->term_at(applied_);
  info.chain = log_->chain_at(applied_);
  info.configuration_index = configuration_index_;
  info.configuration = configuration_;
  taker_.start(std::move(info), now_ms_);
}

void ReplicaDriver::snapshot_is_durable(const SnapshotInfo& info) {
  // One from a peer may have come in between.
  if (info.index <= core_.snapshot_index() || core_.term_of(info.index) != info.term) return;
  const Index drop = taker_.droppable(info.index);
  const auto trailing = static_cast<std::uint32_t>(
      std::min<Index>(info.index - drop, std::numeric_limits<std::uint32_t>::max()));
  if (!carry_out(core_.snapshot_is_taken(now_ms_, point_of(info), trailing))) return;
  // The core must never know more of the log than there is of it.
  base::Status status = log_->drop_up_to(info.index - trailing);
  if (status) status = drop_old_snapshots(disk_, kSnapshotsKept, snapshot_sender_.read());
  if (!status) return fail(status.error());
  taker_.extent().dropped_up_to(info.index - trailing);
  ++counters_.snapshots_taken;
}

void ReplicaDriver::install_received() {
  if (failure_) return;
  installing_ = snapshot_receiver_.complete();
  if (!installing_) return;
  // Of an old leader, while we lead ourselves: of no use.
  const bool is_stale = leads() && installing_->term <= core_.term();
  if (!is_stale) {
    carry_out(core_.receive(now_ms_, installing_->from,
                            InstallSnapshot{installing_->term, point_of(installing_->info)}));
  }
  installing_.reset();
}

bool ReplicaDriver::install(const SnapshotPoint& point) {
  ASSERT(installing_ && installing_->info.index == point.index, "snapshot of {}", point.index);
  const SnapshotInfo& info = installing_->info;
  base::Status status = store_snapshot(disk_, info, installing_->state);
  if (status) status = log_->restart_after(info.index, info.term, info.chain);
  if (status) status = machine_.load_snapshot(installing_->state, info.index);
  if (status) status = drop_old_snapshots(disk_, kSnapshotsKept, snapshot_sender_.read());
  if (!status) {
    fail(status.error());
    return false;
  }
  taker_.restart_log(info.index);
  applied_ = info.index;
  commit_ = info.index;
  verified_chain_ = info.index;
  configuration_index_ = info.configuration_index;
  const std::vector<std::byte> before = std::exchange(configuration_, info.configuration);
  ++counters_.snapshots_installed;
  if (!carry_out(core_.snapshot_is_stored(now_ms_, point))) return false;
  servers_are_applied(before);
  return !failure_;
}

void ReplicaDriver::check_disk() {
  if (failure_ || (disk_checked_at_ms_ != 0 && now_ms_ < disk_checked_at_ms_ + kDiskCheckMs))
    return;
  disk_checked_at_ms_ = now_ms_;
  const base::Result<std::uint64_t> free = disk_.free_bytes();
  if (!free) return fail(free.error());
  if (options_.work_arounds_off.no_capacity_check) {
    core_.set_capacity(
        static_cast<std::uint16_t>(std::min<std::uint64_t>(free.value() >> 10, UINT16_MAX)));
    return;
  }
  const bool was_low = is_disk_low_;
  is_disk_low_ = free.value() < options_.min_free_bytes;
  is_disk_critical_ = free.value() < options_.min_free_bytes / 2;
  sender_.self().is_disk_low = is_disk_low_;
  if (is_disk_low_ != was_low) {
    notable(fmt::format("{}: {} bytes are free, {} the {} that are wanted", disk_.where(),
                        free.value(), is_disk_low_ ? "below" : "again above",
                        options_.min_free_bytes));
  }
}

// At intervals while there is load, and once more when it ends: what is above the watermark cannot
// be told from a torn write when it is damaged.
void ReplicaDriver::raise_watermark() {
  if (failure_) return;
  if (log_->synced_index() != synced_seen_) {
    synced_seen_ = log_->synced_index();
    synced_moved_at_ms_ = now_ms_;
  }
  if (now_ms_ < watermark_due_ms()) return;
  watermark_raised_at_ms_ = now_ms_;
  const base::Status raised = log_->raise_watermark(log_->synced_index());
  if (!raised) fail(raised.error());
}

std::uint64_t ReplicaDriver::watermark_due_ms() const {
  if (log_->watermark() == log_->synced_index()) return kNever;
  return std::min(watermark_raised_at_ms_ + kWatermarkMs, synced_moved_at_ms_ + kWatermarkIdleMs);
}

// Two followers may have nothing to say to each other for as long as their leader lives. If one of
// them lost its disk before they had met, the other would take the new storage for the old server.
void ReplicaDriver::introduce_itself() {
  const bool is_told = introduced_to_ == core_.configuration_version();
  if (is_told && now_ms_ < introduction_due_ms_) return;
  introduced_to_ = core_.configuration_version();
  introduction_due_ms_ = now_ms_ + kIntroductionIdleMs;
  for (const Server& server : core_.configuration()) {
    if (server.node == options_.node || register_.storage_of(server.node)) continue;
    sender_.send(server.node, Introduction{});
    introduction_due_ms_ = now_ms_ + kIntroductionMs;
  }
}

std::uint64_t ReplicaDriver::next_deadline_ms() const {
  const Index end = std::min(std::max(commit_, core_.commit_index()), log_->synced_index());
  const bool can_sync = log_->dirty() && !log_->is_syncing();
  const bool is_due = failure_ || is_turn_due_ || can_sync || applied_ < end || must_tell_loss_ ||
                      snapshot_receiver_.has_complete();
  if (is_due) return now_ms_;
  std::uint64_t deadline_ms = std::min(fail_over_.next_deadline_ms(), watermark_due_ms());
  if (log_->is_syncing()) {
    deadline_ms = std::min(deadline_ms, sync_begun_at_ms_ + options_.timeouts.heartbeat_ms);
  }
  if (core_timer_counts()) {
    deadline_ms = std::min(deadline_ms, std::max(core_.timeout_ms(), core_timer_at_ms_));
  }
  deadline_ms = std::min(deadline_ms, hand_over_.next_deadline_ms());
  deadline_ms = std::min(deadline_ms, snapshot_sender_.next_deadline_ms());
  deadline_ms = std::min(deadline_ms, introduction_due_ms_);
  if (tells_address()) deadline_ms = std::min(deadline_ms, address_due_ms_);
  if (options_.levels) deadline_ms = std::min(deadline_ms, levels_due_ms_);
  if (taker_.is_running()) deadline_ms = std::min(deadline_ms, now_ms_ + kSnapshotPollMs);
  return std::max(now_ms_, std::min(deadline_ms, disk_checked_at_ms_ + kDiskCheckMs));
}

ReplicaView ReplicaDriver::view() const {
  ReplicaView view;
  view.node = options_.node;
  view.storage = identity_.storage;
  const Configuration& configuration = core_.configuration();
  if (leads()) {
    view.role = Role::leader;
  } else if (!may_vote() || !is_voter(configuration, options_.node)) {
    view.role = Role::standby;
  } else {
    view.role = core_.state() == RaftCore::State::candidate ? Role::candidate : Role::follower;
  }
  view.term = core_.term();
  if (leads()) {
    view.leader = options_.node;
  } else if (heard_term_ == core_.term() && core_.leader() == heard_leader_) {
    view.leader = heard_leader_;
  }
  view.open = is_open();
  view.last_index = log_->last_index();
  view.synced_index = log_->synced_index();
  view.commit_index = std::max(commit_, core_.commit_index());
  view.applied_index = applied_;
  view.snapshot_index = core_.snapshot_index();
  view.first_index = log_->first_index();
  view.barred_from_voting = identity_.barred_from_voting;
  view.removed = is_removed_;
  view.voters = static_cast<std::uint16_t>(voters_in(configuration));
  view.disk_low = is_disk_low_;
  view.log_bytes = log_->bytes_on_disk();
  view.elections_started = counters_.elections_by_timer + counters_.elections_by_reset +
                           counters_.elections_by_silence + counters_.elections_by_no_progress +
                           counters_.elections_by_transfer;
  view.depositions = counters_.elections_by_reset + counters_.elections_by_silence +
                     counters_.elections_by_no_progress;
  if (leads()) {
    for (const Server& server : configuration) {
      if (server.node != options_.node) {
        view.peers_match.emplace_back(server.node, core_.match_index(server.node));
      }
    }
    view.snapshots_under_way = snapshot_sender_.under_way();
  }
  for (const auto& [node, peer] : peers_) {
    if (peer.kept_back) view.snapshots_kept_back.push_back(node);
  }
  view.counters = counters_;
  view.counters.snapshots_failed = taker_.failures();
  view.counters.snapshots_sent = snapshot_sender_.count();
  return view;
}

}  // namespace okiagari::journal

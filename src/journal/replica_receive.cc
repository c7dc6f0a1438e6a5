// What peers say, on its way to the core.
#include <fmt/format.h>

#include <utility>

#include "journal/receive_filter.h"
#include "journal/replica_driver.h"

namespace okiagari::journal {

namespace {

// It comes over a lane of its own, and the link may have told newer things of its sender.
bool may_be_late(const PeerFrame& frame) {
  return std::holds_alternative<SnapshotChunk>(frame.message);
}

}  // namespace

void ReplicaDriver::receive(NodeId from, base::Bytes frame) {
  if (failure_) return;
  const FrameFault fault = decode(frame, frame_);
  if (fault != FrameFault::none || frame_.sender.node != from || from == options_.node) {
    ++counters_.frames_malformed;
    return;
  }
  if (!admit(frame_)) return;
  if (!may_be_late(frame_)) peers_[from].heard_at_ms = now_ms_;
  std::visit([&](auto& message) { handle(from, message); }, frame_.message);
}

bool ReplicaDriver::admit(const PeerFrame& frame) {
  const Sender& sender = frame.sender;
  Peer& peer = peers_[sender.node];
  if (!may_be_late(frame)) {
    peer.is_barred = sender.is_barred_from_voting;
    peer.is_disk_low = sender.is_disk_low;
  }
  const bool is_of_cluster = sender.cluster == identity_.cluster;
  if (is_of_cluster && options_.work_arounds_off.storage_identity) return true;
  auto verdict = PeerRegister::Verdict::refused;
  if (is_of_cluster) {
    const base::Result<PeerRegister::Verdict> checked = storage_verdict(sender);
    if (!checked) {
      fail(checked.error());
      return false;
    }
    verdict = checked.value();
    // Whoever leads was elected by a majority, and those who vote refuse a storage that is not the
    // one they know. The one that this log names may have been added by a change that was never
    // committed, and its number have gone to another one.
    const bool is_from_leader =
        verdict == PeerRegister::Verdict::refused && is_leaders_word(frame.message);
    if (is_from_leader) return true;
  }
  if (verdict == PeerRegister::Verdict::replaced) {
    notable(fmt::format("node {} has come back with another storage; it gives no votes any more",
                        sender.node));
    if (leads()) leave_lost_progress(sender.node);
  }
  if (verdict != PeerRegister::Verdict::refused) return true;
  ++counters_.frames_of_wrong_storage;
  if (!peer.was_refused) {
    notable(fmt::format(
        "node {} is refused: it speaks for cluster {:016x} with storage {:016x}, not for cluster "
        "{:016x} with the storage it had. If its folder was lost, let it rejoin under a storage "
        "that never votes",
        sender.node, sender.cluster, sender.storage, identity_.cluster));
  }
  peer.was_refused = true;
  return false;
}

// A storage that lost votes or entries has no say in elections, on either side.
void ReplicaDriver::handle(NodeId from, RequestVote& message) {
  if (!may_vote() || peers_[from].is_barred) return;
  // One that has no vote by its own log has no timer either that would tell it of a dead leader.
  const bool was_leader_lost = now_ms_ >= leader_heard_at_ms_ + options_.timeouts.election_ms;
  if (was_leader_lost && !is_voter(core_.configuration(), options_.node)) {
    message.disrupts_leader = true;
  }
  carry_out(core_.receive(now_ms_, from, message));
}

void ReplicaDriver::handle(NodeId from, RequestVoteResult& message) {
  if (message.is_granted && peers_[from].is_barred) return;
  carry_out(core_.receive(now_ms_, from, message));
}

void ReplicaDriver::handle(NodeId from, TimeoutNow& message) {
  if (!may_vote()) return;
  is_told_to_stand_ = true;
  carry_out(core_.receive(now_ms_, from, message));
  is_told_to_stand_ = false;
}

void ReplicaDriver::handle(NodeId from, AppendEntries& message) {
  // Two leaders of one term cannot be; the core would stop at it.
  if (leads() && message.term == core_.term()) {
    ++counters_.frames_malformed;
    return;
  }
  if (message.term >= core_.term()) {
    if (!check_chain(from, message)) return;
    filter(message);
  }
  const Term term = message.term;
  is_answer_unwanted_ = message.is_notice;
  feed(from, message);
  is_answer_unwanted_ = false;
  leader_was_heard(from, term);
}

// Same index and term must mean same content all the way back.
bool ReplicaDriver::check_chain(NodeId from, const AppendEntries& message) {
  const Index prev = message.prev_index;
  const bool is_known = prev + 1 >= log_->first_index() && prev <= log_->last_index();
  if (message.is_notice || prev <= verified_chain_ || !is_known) return true;
  if (log_->term_at(prev) != message.prev_term) return true;
  if (log_->chain_at(prev) == message.prev_chain) {
    verified_chain_ = prev;
    return true;
  }
  fail(
      {fmt::format("{}: this log and that of the leader, node {}, differ at or before entry {} of "
                   "term {}, which "
                   "both have: one of them was damaged or altered. Stop both servers, compare "
                   "their folders with "
                   "`okiagari verify`, and rebuild the wrong one from the others",
                   disk_.where(), from, prev, message.prev_term)});
  return false;
}

void ReplicaDriver::filter(AppendEntries& message) {
  if (!options_.work_arounds_off.re_anchor &&
      re_anchor(message, core_.term(), core_.snapshot_index(), core_.snapshot_term())) {
    ++counters_.re_anchored;
  }
  const bool has_no_servers = identity_.joins && configuration_index_ == 0;
  if (has_no_servers && !options_.work_arounds_off.joins_carefully &&
      keep_only_committed(message)) {
    ++counters_.joins_held_back;
  }
  // As if the entries had been lost on the way: the leader keeps them for us, and its heartbeats
  // count.
  if (is_disk_critical_ && !message.entries.empty()) {
    message.entries.clear();
    ++counters_.entries_refused_disk_low;
  }
  keep_commit_index(message, core_.commit_index());
}

void ReplicaDriver::feed(NodeId from, AppendEntries& message) {
  if (options_.work_arounds_off.split_changes || part_size(message, 0) == message.entries.size()) {
    carry_out(core_.receive(now_ms_, from, std::move(message)));
    return;
  }
  ++counters_.changes_split;
  AppendEntries part = message;
  std::size_t begin = 0;
  while (begin < message.entries.size()) {
    const auto first = message.entries.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t size = part_size(message, begin);
    part.entries.assign(first, first + static_cast<std::ptrdiff_t>(size));
    if (!carry_out(core_.receive(now_ms_, from, part))) return;
    begin += size;
    part.prev_index = message.prev_index + begin;
    part.prev_term = part.entries.back().term;
    // A part that was refused leaves nothing for the next one to follow.
    if (core_.term_of(part.prev_index) != part.prev_term) return;
  }
}

void ReplicaDriver::leader_was_heard(NodeId from, Term term) {
  if (core_.state() != RaftCore::State::follower || core_.leader() != from) return;
  if (core_.term() != term) return;
  heard_leader_ = from;
  heard_term_ = term;
  leader_heard_at_ms_ = now_ms_;
  was_leader_heard_ = true;
  std::erase(lost_links_, from);
  if (!fail_over_.is_in_a_hurry()) return;
  fail_over_.leader_is_known();
  core_.set_election_ms(options_.timeouts.election_ms);
}

void ReplicaDriver::handle(NodeId from, AppendEntriesResult& message) {
  const bool is_of_this_leadership = leads() && message.term == core_.term();
  if (is_of_this_leadership && !options_.work_arounds_off.storage_identity) {
    Peer& peer = peers_[from];
    if (peer.progress_lost_in == message.term) return;
    const bool has_less = message.rejected > 0 && message.last_index < core_.match_index(from);
    if (has_less && !options_.work_arounds_off.loss_check) {
      ++counters_.losses_suspected;
      // The core would stop at it. If it is so, the follower comes back as one that never votes.
      sender_.send(from, LossFound{message.term, core_.match_index(from)});
      return;
    }
  }
  carry_out(core_.receive(now_ms_, from, message));
}

void ReplicaDriver::handle(NodeId from, Introduction& message) {
  if (!message.is_answer) sender_.send(from, Introduction{true});
}

// Acknowledged in this very term, and gone: whatever else this storage forgot, it may not vote.
void ReplicaDriver::handle(NodeId from, LossFound& message) {
  const bool is_from_leader = heard_leader_ == from && heard_term_ == core_.term();
  if (!is_from_leader || message.term != core_.term() || identity_.barred_from_voting) return;
  if (core_.last_index() >= message.acknowledged) return;
  const base::Status barred =
      bar_from_voting(disk_, identity_, options_.random_seed ^ now_ms_ ^ message.acknowledged);
  if (!barred) return fail(barred.error());
  ++counters_.losses_found;
  sender_.self().storage = identity_.storage;
  sender_.self().is_barred_from_voting = true;
  notable(fmt::format(
      "{}: this storage lost entries up to {} that it had acknowledged. It goes on as a standby "
      "that never votes; replace the disk",
      disk_.where(), message.acknowledged));
}

void ReplicaDriver::handle(NodeId from, SnapshotChunk& message) {
  if (message.term < core_.term() || (leads() && message.term == core_.term())) return;
  if (is_disk_critical_) return;
  sender_.send(from, snapshot_receiver_.take(from, message));
}

void ReplicaDriver::handle(NodeId from, SnapshotReceived& message) {
  if (!leads()) return;
  const base::Status sent = snapshot_sender_.received(from, message, now_ms_);
  if (!sent) fail(sent.error());
}

void ReplicaDriver::handle(NodeId from, SuspectQuery& message) {
  sender_.send(from, fail_over_.answer(message, now_ms_));
}

void ReplicaDriver::handle(NodeId from, SuspectAnswer& message) {
  if (peers_[from].is_barred || !is_voter(core_.configuration(), from)) return;
  fail_over_.answered(message, now_ms_);
}

}  // namespace okiagari::journal

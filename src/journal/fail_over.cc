#include "journal/fail_over.h"

#include <algorithm>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kMinuteMs = 60'000;
constexpr std::uint64_t kNever = UINT64_MAX;

}  // namespace

FailOver::FailOver(NodeId self, const Timeouts& timeouts, std::uint64_t now_ms)
    : self_(self), timeouts_(timeouts), silent_since_ms_(now_ms), stuck_since_ms_(now_ms) {}

void FailOver::link_lost(NodeId peer, std::uint64_t now_ms) {
  links_.erase(peer);
  if (peer == leader_ && !lost_at_ms_) lost_at_ms_ = now_ms;
}

void FailOver::leader_heard(NodeId leader, Term term, std::uint64_t now_ms) {
  if (leader != leader_ || term != term_) return;  // observe() begins anew with it
  silent_since_ms_ = now_ms;
  lost_at_ms_.reset();
  if (asked_ == Suspicion::silence) {
    asked_.reset();
    confirmed_at_ms_.reset();
  }
}

void FailOver::was_late(std::uint64_t now_ms) {
  silent_since_ms_ = now_ms;
  stuck_since_ms_ = now_ms;
}

void FailOver::answered(const SuspectAnswer& answer, std::uint64_t now_ms) {
  if (!answer.agrees || answer.term != term_ || answer.leader != leader_) return;
  if (asked_ == answer.suspicion && !confirmed_at_ms_) confirmed_at_ms_ = now_ms;
}

// The two do not hear the same heartbeat last, and the answer is wanted as soon as either is sure:
// so a little less than what makes one ask is enough to agree.
SuspectAnswer FailOver::answer(const SuspectQuery& query, std::uint64_t now_ms) const {
  SuspectAnswer answer{query.term, query.leader, query.suspicion, false};
  if (query.leader == self_ || query.term != term_) return answer;
  if (leader_ != 0 && leader_ != query.leader) return answer;
  if (query.suspicion == Suspicion::silence) {
    const std::uint64_t slack_ms = 2ULL * timeouts_.heartbeat_ms;
    answer.agrees = lost_at_ms_ || now_ms - silent_since_ms_ + slack_ms >= timeouts_.silence_ms;
  } else {
    answer.agrees =
        is_waiting_for_commit_ && now_ms - stuck_since_ms_ >= timeouts_.no_progress_ms / 2;
  }
  return answer;
}

void FailOver::observe(const Position& position, std::uint64_t now_ms) {
  const bool is_new_leadership =
      position.leader != 0 && (position.leader != leader_ || position.term != leader_term_);
  if (is_new_leadership) {
    leader_ = position.leader;
    leader_term_ = position.term;
    silent_since_ms_ = now_ms;
    stuck_since_ms_ = now_ms;
    lost_at_ms_.reset();
    asked_.reset();
    confirmed_at_ms_.reset();
  }
  // Another one stands for election. Until it is heard as the leader, the suspicion against the old
  // one stays: the other's log may be too short, and then it is for us to stand.
  term_ = position.term;
  const bool is_waiting = position.last_index > position.commit_index;
  if (!is_waiting || !is_waiting_for_commit_ || position.commit_index > commit_index_) {
    stuck_since_ms_ = now_ms;
    if (asked_ == Suspicion::no_progress) {
      asked_.reset();
      confirmed_at_ms_.reset();
    }
  }
  is_waiting_for_commit_ = is_waiting;
  commit_index_ = position.commit_index;
  may_stand_ = position.may_stand && leader_ != 0 && leader_ != self_;
  stagger_ms_ = stagger_ms(position);
}

// Those whose links are up are taken to survive; the leader is not counted.
std::uint64_t FailOver::stagger_ms(const Position& position) const {
  const auto before = std::count_if(
      position.voters.begin(), position.voters.end(),
      [this](NodeId voter) { return voter < self_ && voter != leader_ && links_.contains(voter); });
  return static_cast<std::uint64_t>(before) * timeouts_.take_over_stagger_ms;
}

std::optional<Suspicion> FailOver::suspicion(std::uint64_t now_ms) const {
  if (lost_at_ms_ || now_ms - silent_since_ms_ >= timeouts_.silence_ms) return Suspicion::silence;
  if (is_waiting_for_commit_ && now_ms - stuck_since_ms_ >= timeouts_.no_progress_ms) {
    return Suspicion::no_progress;
  }
  return {};
}

void FailOver::forget_old_depositions(std::uint64_t now_ms) {
  while (!depositions_.empty() && now_ms - depositions_.front().at_ms >= kMinuteMs) {
    depositions_.pop_front();
  }
}

bool FailOver::is_own_word_enough() const {
  const auto on_own_word =
      std::count_if(depositions_.begin(), depositions_.end(),
                    [](const Deposition& deposition) { return !deposition.was_confirmed; });
  return on_own_word < timeouts_.max_depositions_per_minute;
}

FailOver::Decision FailOver::end_turn(const Position& position, std::uint64_t now_ms) {
  observe(position, now_ms);
  Decision decision;
  forget_old_depositions(now_ms);
  is_capped_ = may_stand_ && depositions_.size() >= timeouts_.max_confirmed_depositions_per_minute;
  if (!may_stand_ || is_capped_) return decision;
  if (lost_at_ms_ && is_own_word_enough()) {
    if (now_ms >= *lost_at_ms_ + stagger_ms_) decision.depose = Cause::reset;
    return decision;
  }
  const std::optional<Suspicion> suspected = suspicion(now_ms);
  if (!suspected) return decision;
  if (asked_ != suspected) confirmed_at_ms_.reset();
  if (confirmed_at_ms_) {
    if (now_ms < *confirmed_at_ms_ + stagger_ms_) return decision;
    if (lost_at_ms_) {
      decision.depose = Cause::reset;
    } else {
      decision.depose = *suspected == Suspicion::silence ? Cause::silence : Cause::no_progress;
    }
    return decision;
  }
  if (asked_ != suspected || now_ms >= asked_at_ms_ + timeouts_.heartbeat_ms) {
    decision.ask_others = suspected;
    asked_ = suspected;
    asked_at_ms_ = now_ms;
  }
  return decision;
}

void FailOver::stands(std::uint64_t now_ms) {
  depositions_.push_back({now_ms, confirmed_at_ms_.has_value()});
  hurry_until_ms_ = now_ms + timeouts_.quick_election_for_ms;
}

bool FailOver::gives_up(std::uint64_t now_ms) {
  if (hurry_until_ms_ == 0 || now_ms < hurry_until_ms_) return false;
  hurry_until_ms_ = 0;
  return true;
}

std::uint64_t FailOver::next_deadline_ms() const {
  std::uint64_t deadline_ms = hurry_until_ms_ == 0 ? kNever : hurry_until_ms_;
  if (!may_stand_) return deadline_ms;
  if (is_capped_) return std::min(deadline_ms, depositions_.front().at_ms + kMinuteMs);
  if (lost_at_ms_ && is_own_word_enough()) {
    return std::min(deadline_ms, *lost_at_ms_ + stagger_ms_);
  }
  if (confirmed_at_ms_) return std::min(deadline_ms, *confirmed_at_ms_ + stagger_ms_);
  if (asked_) return std::min(deadline_ms, asked_at_ms_ + timeouts_.heartbeat_ms);
  deadline_ms = std::min(deadline_ms, silent_since_ms_ + timeouts_.silence_ms);
  if (is_waiting_for_commit_) {
    deadline_ms = std::min(deadline_ms, stuck_since_ms_ + timeouts_.no_progress_ms);
  }
  return deadline_ms;
}

}  // namespace okiagari::journal

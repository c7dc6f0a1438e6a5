// When a follower gives its leader up, long before Raft's own timer would: because the connection
// with it ended (its process is dead), because nothing comes from it (its process or host is
// frozen, or the cable is cut), or because it commits nothing (it is sick). The last two need the
// word of another follower, and so does the first when it comes too often: a link that flaps does
// so between two servers, a leader that dies is lost to all. Voting rules are untouched: a wrong
// suspicion costs one election, and a cap bounds how many there can be. Pure logic: told what
// happens, asked at the end of each turn.
//
// Among those who survive, the one with the lowest number stands first and each other one a little
// later, so that they do not split the vote.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "base/types.h"
#include "journal/log.h"
#include "journal/peer_message.h"
#include "journal/timeouts.h"

namespace okiagari::journal {

class FailOver {
 public:
  enum class Cause : std::uint8_t { reset, silence, no_progress };

  // Where this replica stands at the end of a turn.
  struct Position {
    Term term = 0;
    NodeId leader = 0;       // of this term; 0: none was heard
    bool may_stand = false;  // a follower that votes, and whose log is durable
    Index last_index = 0;
    Index commit_index = 0;
    std::vector<NodeId> voters;
  };

  struct Decision {
    std::optional<Cause> depose;          // stand for election now, against the leader
    std::optional<Suspicion> ask_others;  // send a SuspectQuery to the other voters
  };

  FailOver(NodeId self, const Timeouts& timeouts, std::uint64_t now_ms);

  void link_up(NodeId peer) { links_.insert(peer); }
  void link_lost(NodeId peer, std::uint64_t now_ms);
  // It said something as the leader of `term`.
  void leader_heard(NodeId leader, Term term, std::uint64_t now_ms);
  void answered(const SuspectAnswer& answer, std::uint64_t now_ms);
  [[nodiscard]] SuspectAnswer answer(const SuspectQuery& query, std::uint64_t now_ms) const;
  // This process was late itself: what it did not hear in that time means nothing.
  void was_late(std::uint64_t now_ms);

  [[nodiscard]] Decision end_turn(const Position& position, std::uint64_t now_ms);
  // The decision to depose was carried out: this replica stands for election.
  void stands(std::uint64_t now_ms);

  // While it stands: a short election timer, so that a split vote is soon repeated. It ends when a
  // leader is known, or after a while, when hurry has not helped.
  [[nodiscard]] bool is_in_a_hurry() const { return hurry_until_ms_ != 0; }
  // True once, when the hurry has ended without a leader.
  bool gives_up(std::uint64_t now_ms);
  void leader_is_known() { hurry_until_ms_ = 0; }

  // When end_turn() may decide something although nothing else happens; UINT64_MAX: never.
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

 private:
  void observe(const Position& position, std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t stagger_ms(const Position& position) const;
  [[nodiscard]] std::optional<Suspicion> suspicion(std::uint64_t now_ms) const;
  void forget_old_depositions(std::uint64_t now_ms);
  [[nodiscard]] bool is_own_word_enough() const;

  NodeId self_;
  Timeouts timeouts_;
  std::set<NodeId> links_;  // that come in
  // The leadership that is watched, and since when it gives no sign. `term_` is the present one;
  // the leader was heard in its own, and another term of the same leader is another leadership.
  Term term_ = 0;
  NodeId leader_ = 0;
  Term leader_term_ = 0;
  bool may_stand_ = false;
  bool is_capped_ = false;
  std::uint64_t silent_since_ms_;
  std::uint64_t stuck_since_ms_;
  Index commit_index_ = 0;
  bool is_waiting_for_commit_ = false;
  std::optional<std::uint64_t> lost_at_ms_;  // its link
  // What others said about it.
  std::optional<Suspicion> asked_;
  std::uint64_t asked_at_ms_ = 0;
  std::optional<std::uint64_t> confirmed_at_ms_;
  std::uint64_t stagger_ms_ = 0;
  std::uint64_t hurry_until_ms_ = 0;
  struct Deposition {
    std::uint64_t at_ms;
    bool was_confirmed;
  };
  std::deque<Deposition> depositions_;  // within the last minute
};

}  // namespace okiagari::journal

// What happens to a consensus message between the link and the core, because of the library's
// faults (docs/replication.md, work-arounds 1 to 3). Pure functions.
#pragma once

#include <cstddef>

#include "journal/log.h"
#include "journal/peer_message.h"

namespace okiagari::journal {

// Work-around 1. A message that was sent again may begin below what this follower's snapshot
// replaced. The core rejects it, the leader then takes back what it knows to be matching, and ends
// itself. What a snapshot holds is committed, so a leader of our term or a later one has it: the
// message is made to begin at the snapshot. True when it was changed.
bool re_anchor(AppendEntries& message, Term own_term, Index snapshot_index, Term snapshot_term);

// Work-around 2. The core takes the index of the first new entry of a message for that of a change
// in it. Returns how many entries from `from` on make a message in which a change can only be
// first.
[[nodiscard]] std::size_t part_size(const AppendEntries& message, std::size_t from);

// The core lowers its commit index when a message ends below it. Such a message is left without
// anything to say about commits.
void keep_commit_index(AppendEntries& message, Index own_commit);

// Work-around 7. A server that joins has no committed configuration until it has applied its first;
// should one that it was sent be truncated before, the core has none to go back to and ends itself.
// Until then it takes only what is committed. True when something was left out.
bool keep_only_committed(AppendEntries& message);

// Work-around 3, on the sender's side. An answer to a pre-vote repeats the term of the question, so
// a candidate that is refused never learns that its term is too low, and with logs and terms in
// opposite order nobody is elected for ever. True when it was changed.
bool raise_denied_pre_vote(RequestVoteResult& message, Term own_term);

}  // namespace okiagari::journal

#include "journal/receive_filter.h"

#include <algorithm>

namespace okiagari::journal {

bool re_anchor(AppendEntries& message, Term own_term, Index snapshot_index, Term snapshot_term) {
  // The core answers a message of an old term without looking at the rest.
  if (message.term < own_term || message.prev_index >= snapshot_index) return false;
  const std::size_t covered =
      std::min<std::size_t>(snapshot_index - message.prev_index, message.entries.size());
  message.entries.erase(message.entries.begin(),
                        message.entries.begin() + static_cast<std::ptrdiff_t>(covered));
  message.prev_index = snapshot_index;
  message.prev_term = snapshot_term;
  return true;
}

std::size_t part_size(const AppendEntries& message, std::size_t from) {
  std::size_t end = std::min(from + 1, message.entries.size());
  while (end < message.entries.size() && message.entries[end].type != EntryType::change) ++end;
  return end - from;
}

void keep_commit_index(AppendEntries& message, Index own_commit) {
  const Index last = message.prev_index + message.entries.size();
  if (last < own_commit) message.leader_commit = std::min(message.leader_commit, own_commit);
}

bool keep_only_committed(AppendEntries& message) {
  const Index end = std::max(message.leader_commit, message.prev_index);
  const std::size_t kept = std::min<Index>(message.entries.size(), end - message.prev_index);
  const bool leaves_out = kept < message.entries.size();
  message.entries.resize(kept);
  return leaves_out;
}

bool raise_denied_pre_vote(RequestVoteResult& message, Term own_term) {
  if (!message.is_pre_vote || message.is_granted || message.term >= own_term) return false;
  message.term = own_term;
  return true;
}

}  // namespace okiagari::journal

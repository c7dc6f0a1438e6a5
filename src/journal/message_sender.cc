#include "journal/message_sender.h"

#include <algorithm>
#include <utility>

namespace okiagari::journal {
namespace {

bool are_alike(const AppendOrder& a, const AppendOrder& b) {
  return a.term == b.term && a.prev_index == b.prev_index && a.prev_term == b.prev_term &&
         a.leader_commit == b.leader_commit && a.entry_count == b.entry_count;
}

}  // namespace

bool MessageSender::send(NodeId to, const PeerMessage& message) {
  encode(self_, message, message_frame_);
  return links_.send(to, message_frame_.view());
}

bool MessageSender::send_bulk(NodeId to, const SnapshotChunk& chunk) {
  encode(self_, chunk, message_frame_);
  return links_.send_bulk(to, message_frame_.view());
}

base::Status MessageSender::send_entries(NodeId to, const AppendOrder& order) {
  AppendOrder rest = order;
  do {
    // Compared as a whole: a shorter order may have to be cut elsewhere.
    const bool is_encoded = encoded_.term != 0 && are_alike(encoded_, rest);
    if (!is_encoded) {
      const base::Result<std::uint32_t> count = encode_part(rest);
      if (!count) return count.error();
      encoded_ = rest;
      encoded_count_ = count.value();
    }
    deliver_part(to, rest, encoded_count_);
    if (encoded_count_ == rest.entry_count) return {};
    rest.prev_index += encoded_count_;
    rest.prev_term = log_.term_at(rest.prev_index);
    rest.entry_count -= encoded_count_;
  } while (true);
}

base::Result<std::uint32_t> MessageSender::encode_part(const AppendOrder& order) {
  AppendEntries message;
  message.term = order.term;
  message.prev_index = order.prev_index;
  message.prev_term = order.prev_term;
  message.leader_commit = order.leader_commit;
  message.prev_chain = log_.chain_at(order.prev_index);
  // A payload from the log is valid until the next is read.
  payloads_.clear();
  std::vector<std::size_t> sizes;
  while (sizes.size() < std::min<std::size_t>(order.entry_count, kEntriesInFrameMax)) {
    const base::Result<Entry> entry = log_.read(order.prev_index + 1 + sizes.size());
    if (!entry) return entry.error();
    const std::size_t size = entry.value().payload.size();
    if (!sizes.empty() && payloads_.size() + size > kAppendBytesTarget) break;
    payloads_.bytes(entry.value().payload);
    sizes.push_back(size);
    message.entries.push_back({entry.value().term, entry.value().type, {}});
  }
  std::size_t offset = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    message.entries[i].payload = payloads_.view().subspan(offset, sizes[i]);
    offset += sizes[i];
  }
  encode(self_, std::move(message), frame_);
  return static_cast<std::uint32_t>(sizes.size());
}

void MessageSender::deliver_part(NodeId to, const AppendOrder& order, std::uint32_t entry_count) {
  if (!links_.send(to, frame_.view())) return;
  Index& told = told_commit_[to];
  told = std::max(told, std::min(order.leader_commit, order.prev_index + entry_count));
}

void MessageSender::tell_commit(NodeId to, Term term, Index commit) {
  AppendEntries notice;
  notice.term = term;
  notice.prev_index = commit;
  notice.prev_term = log_.term_at(commit);
  notice.leader_commit = commit;
  notice.is_notice = true;
  if (send(to, notice)) told_commit_[to] = commit;
}

Index MessageSender::told_commit(NodeId to) const {
  const auto told = told_commit_.find(to);
  return told == told_commit_.end() ? 0 : told->second;
}

}  // namespace okiagari::journal

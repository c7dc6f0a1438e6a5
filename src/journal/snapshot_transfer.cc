#include "journal/snapshot_transfer.h"

#include <algorithm>
#include <utility>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kChunksUnderWayMax = 4;
constexpr std::uint64_t kSendAgainMs = 200;
// On a slow line a piece may take longer than kSendAgainMs; beyond this one it is lost.
constexpr std::uint64_t kOnItsWayMaxMs = 10'000;
// The core orders the snapshot again when the peer is back.
constexpr std::uint64_t kTriesMax = 25;

}  // namespace

base::Status SnapshotSender::begin(NodeId to, const SnapshotOrder& order, std::uint64_t now_ms) {
  const auto present = transfers_.find(to);
  if (present != transfers_.end()) {
    const Transfer& running = present->second;
    if (running.snapshot.info().index == order.index && running.term == order.term) return {};
    transfers_.erase(present);
  }
  base::Result<SnapshotReader> snapshot = SnapshotReader::open(disk_, order.index);
  if (!snapshot) return snapshot.error();
  ++count_;
  const auto added = transfers_.emplace(
      to, Transfer{std::move(snapshot.value()), order.term, 0, 0, now_ms, now_ms, 0});
  return send_more(to, added.first->second);
}

base::Status SnapshotSender::send_more(NodeId to, Transfer& transfer) {
  SnapshotReader& snapshot = transfer.snapshot;
  SnapshotChunk chunk;
  chunk.term = transfer.term;
  chunk.index = snapshot.info().index;
  chunk.index_term = snapshot.info().term;
  chunk.chain = snapshot.info().chain;
  chunk.configuration_index = snapshot.info().configuration_index;
  chunk.configuration = snapshot.info().configuration;
  chunk.state_bytes = snapshot.state_bytes();
  chunk.content = snapshot.content();
  // An empty state is one chunk, too.
  do {
    if (transfer.sent >= transfer.answered + kChunksUnderWayMax * chunk_bytes_) return {};
    piece_.resize(std::min<std::uint64_t>(chunk.state_bytes - transfer.sent, chunk_bytes_));
    const base::Status read = snapshot.read(transfer.sent, piece_);
    if (!read) return read;
    chunk.offset = transfer.sent;
    chunk.bytes = piece_;
    if (!sender_.send_bulk(to, chunk)) return {};
    transfer.sent += piece_.size();
  } while (transfer.sent < chunk.state_bytes);
  return {};
}

base::Status SnapshotSender::received(NodeId from, const SnapshotReceived& answer,
                                      std::uint64_t now_ms) {
  const auto found = transfers_.find(from);
  if (found == transfers_.end()) return {};
  Transfer& transfer = found->second;
  const std::uint64_t state_bytes = transfer.snapshot.state_bytes();
  const bool is_of_this = answer.index == transfer.snapshot.info().index &&
                          answer.term == transfer.term && answer.offset <= state_bytes;
  if (!is_of_this) return {};
  if (answer.is_damaged) {
    const base::Status sound = check(answer.index);
    if (!sound) return sound;
  }
  if (answer.offset == state_bytes) {
    transfers_.erase(found);
    return {};
  }
  if (answer.offset == transfer.answered) return {};
  // Less than before: the receiver has started anew, and with it the transfer.
  const bool is_back = answer.offset < transfer.answered;
  transfer.answered = answer.offset;
  transfer.sent = is_back ? answer.offset : std::max(transfer.sent, answer.offset);
  transfer.sent_at_ms = now_ms;
  transfer.moved_at_ms = now_ms;
  transfer.tries = 0;
  return send_more(from, transfer);
}

base::Status SnapshotSender::check(Index index) {
  SnapshotInfo info;
  std::vector<std::byte> state;
  return load_snapshot(disk_, index, info, state);
}

base::Status SnapshotSender::end_turn(std::uint64_t now_ms) {
  for (auto at = transfers_.begin(); at != transfers_.end();) {
    Transfer& transfer = at->second;
    if (now_ms < transfer.moved_at_ms + kSendAgainMs) {
      ++at;
      continue;
    }
    const bool is_on_its_way =
        now_ms < transfer.sent_at_ms + kOnItsWayMaxMs && sender_.is_bulk_on_its_way(at->first);
    if (is_on_its_way) {
      transfer.moved_at_ms = now_ms;
      ++at;
      continue;
    }
    if (transfer.tries == kTriesMax) {
      at = transfers_.erase(at);
      continue;
    }
    transfer.sent = transfer.answered;
    transfer.sent_at_ms = now_ms;
    transfer.moved_at_ms = now_ms;
    ++transfer.tries;
    const base::Status sent = send_more(at->first, transfer);
    if (!sent) return sent;
    ++at;
  }
  return {};
}

void SnapshotSender::stop() { transfers_.clear(); }

std::uint64_t SnapshotSender::next_deadline_ms() const {
  std::uint64_t deadline_ms = UINT64_MAX;
  for (const auto& [to, transfer] : transfers_) {
    deadline_ms = std::min(deadline_ms, transfer.moved_at_ms + kSendAgainMs);
  }
  return deadline_ms;
}

std::vector<Index> SnapshotSender::read() const {
  std::vector<Index> indexes;
  for (const auto& [to, transfer] : transfers_) indexes.push_back(transfer.snapshot.info().index);
  return indexes;
}

std::vector<ReplicaView::SnapshotProgress> SnapshotSender::under_way() const {
  std::vector<ReplicaView::SnapshotProgress> progress;
  for (const auto& [to, transfer] : transfers_) {
    progress.push_back({to, transfer.answered, transfer.snapshot.state_bytes()});
  }
  return progress;
}

SnapshotReceived SnapshotReceiver::take(NodeId from, const SnapshotChunk& chunk) {
  const bool is_same = is_coming_ && coming_.info.index == chunk.index &&
                       content_ == chunk.content && state_bytes_ == chunk.state_bytes;
  if (!is_same && is_late(chunk)) return {chunk.term, chunk.index, 0, false};
  if (!is_same && chunk.offset == 0) {
    coming_ = {};
    coming_.info = {chunk.index,
                    chunk.index_term,
                    chunk.chain,
                    chunk.configuration_index,
                    {chunk.configuration.begin(), chunk.configuration.end()}};
    state_bytes_ = chunk.state_bytes;
    content_ = chunk.content;
    is_coming_ = true;
    is_complete_ = false;
  } else if (!is_same) {
    const bool is_taken = chunk.index == taken_index_ && chunk.content == taken_content_;
    return {chunk.term, chunk.index, is_taken ? chunk.state_bytes : 0, false};
  }
  if (chunk.term >= coming_.term) {
    coming_.from = from;
    coming_.term = chunk.term;
  }
  if (chunk.offset == coming_.state.size()) {
    coming_.state.insert(coming_.state.end(), chunk.bytes.begin(), chunk.bytes.end());
  }
  if (coming_.state.size() < state_bytes_ || is_complete_) {
    return {chunk.term, chunk.index, coming_.state.size(), false};
  }
  is_complete_ = snapshot_digest(coming_.info.configuration, coming_.state) == content_;
  if (!is_complete_) coming_.state.clear();
  return {chunk.term, chunk.index, coming_.state.size(), !is_complete_};
}

bool SnapshotReceiver::is_late(const SnapshotChunk& chunk) const {
  if (!is_coming_) return false;
  if (chunk.term != coming_.term) return chunk.term < coming_.term;
  return chunk.index < coming_.info.index;
}

std::optional<SnapshotReceiver::Complete> SnapshotReceiver::complete() {
  if (!is_complete_) return {};
  is_complete_ = false;
  is_coming_ = false;
  taken_index_ = coming_.info.index;
  taken_content_ = content_;
  return std::move(coming_);
}

}  // namespace okiagari::journal

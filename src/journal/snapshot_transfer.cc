#include "journal/snapshot_transfer.h"

#include <algorithm>
#include <utility>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kChunksUnderWayMax = 4;
constexpr std::uint64_t kSendAgainMs = 200;
// The core orders the snapshot again when the peer is back.
constexpr std::uint64_t kTriesMax = 25;

}  // namespace

base::Result<std::shared_ptr<const SnapshotSender::Loaded>> SnapshotSender::load(Index index) {
  if (auto loaded = loaded_.lock(); loaded != nullptr && loaded->info.index == index) return loaded;
  auto loaded = std::make_shared<Loaded>();
  const base::Status read = load_snapshot(disk_, index, loaded->info, loaded->state);
  if (!read) return read.error();
  loaded_ = loaded;
  return std::shared_ptr<const Loaded>(std::move(loaded));
}

base::Status SnapshotSender::begin(NodeId to, const SnapshotOrder& order, std::uint64_t now_ms) {
  const auto present = transfers_.find(to);
  if (present != transfers_.end() && present->second.snapshot->info.index == order.index &&
      present->second.term == order.term) {
    return {};
  }
  base::Result<std::shared_ptr<const Loaded>> loaded = load(order.index);
  if (!loaded) return loaded.error();
  Transfer& transfer = transfers_[to];
  transfer = {std::move(loaded.value()), order.term, 0, 0, now_ms, 0};
  ++count_;
  send_more(to, transfer);
  return {};
}

void SnapshotSender::send_more(NodeId to, Transfer& transfer) {
  const Loaded& snapshot = *transfer.snapshot;
  SnapshotChunk chunk;
  chunk.term = transfer.term;
  chunk.index = snapshot.info.index;
  chunk.index_term = snapshot.info.term;
  chunk.chain = snapshot.info.chain;
  chunk.configuration_index = snapshot.info.configuration_index;
  chunk.configuration = snapshot.info.configuration;
  chunk.state_bytes = snapshot.state.size();
  // An empty state is one chunk, too.
  do {
    if (transfer.sent >= transfer.answered + kChunksUnderWayMax * kSnapshotChunkBytes) return;
    const std::uint64_t left = chunk.state_bytes - transfer.sent;
    const auto size = std::min<std::uint64_t>(left, kSnapshotChunkBytes);
    chunk.offset = transfer.sent;
    chunk.bytes = base::Bytes(snapshot.state).subspan(transfer.sent, size);
    if (!sender_.send(to, chunk)) return;
    transfer.sent += size;
  } while (transfer.sent < chunk.state_bytes);
}

void SnapshotSender::received(NodeId from, const SnapshotReceived& answer, std::uint64_t now_ms) {
  const auto found = transfers_.find(from);
  if (found == transfers_.end()) return;
  Transfer& transfer = found->second;
  const Loaded& snapshot = *transfer.snapshot;
  if (answer.index != snapshot.info.index || answer.term != transfer.term) return;
  if (answer.offset > snapshot.state.size()) return;
  if (answer.offset == snapshot.state.size()) {
    transfers_.erase(found);
    return;
  }
  if (answer.offset == transfer.answered) return;
  // Less than before: the receiver has started anew, and with it the transfer.
  const bool is_back = answer.offset < transfer.answered;
  transfer.answered = answer.offset;
  transfer.sent = is_back ? answer.offset : std::max(transfer.sent, answer.offset);
  transfer.moved_at_ms = now_ms;
  transfer.tries = 0;
  send_more(from, transfer);
}

void SnapshotSender::end_turn(std::uint64_t now_ms) {
  for (auto at = transfers_.begin(); at != transfers_.end();) {
    Transfer& transfer = at->second;
    if (now_ms < transfer.moved_at_ms + kSendAgainMs) {
      ++at;
      continue;
    }
    if (transfer.tries == kTriesMax) {
      at = transfers_.erase(at);
      continue;
    }
    transfer.sent = transfer.answered;
    transfer.moved_at_ms = now_ms;
    send_more(at->first, transfer);
    ++transfer.tries;
    ++at;
  }
}

void SnapshotSender::stop() { transfers_.clear(); }

std::uint64_t SnapshotSender::next_deadline_ms() const {
  std::uint64_t deadline_ms = UINT64_MAX;
  for (const auto& [to, transfer] : transfers_) {
    deadline_ms = std::min(deadline_ms, transfer.moved_at_ms + kSendAgainMs);
  }
  return deadline_ms;
}

SnapshotReceived SnapshotReceiver::take(NodeId from, const SnapshotChunk& chunk) {
  const bool is_same = is_coming_ && coming_.info.index == chunk.index &&
                       coming_.info.chain == chunk.chain && state_bytes_ == chunk.state_bytes;
  if (!is_same && chunk.offset == 0) {
    coming_ = {};
    coming_.info = {chunk.index,
                    chunk.index_term,
                    chunk.chain,
                    chunk.configuration_index,
                    {chunk.configuration.begin(), chunk.configuration.end()}};
    state_bytes_ = chunk.state_bytes;
    is_coming_ = true;
    is_complete_ = false;
  } else if (!is_same) {
    const bool is_taken = chunk.index == taken_index_ && chunk.chain == taken_chain_;
    return {chunk.term, chunk.index, is_taken ? chunk.state_bytes : 0};
  }
  coming_.from = from;
  coming_.term = chunk.term;
  if (chunk.offset == coming_.state.size()) {
    coming_.state.insert(coming_.state.end(), chunk.bytes.begin(), chunk.bytes.end());
  }
  const std::uint64_t received = coming_.state.size();
  if (received == state_bytes_) is_complete_ = true;
  return {chunk.term, chunk.index, received};
}

std::optional<SnapshotReceiver::Complete> SnapshotReceiver::complete() {
  if (!is_complete_) return {};
  is_complete_ = false;
  is_coming_ = false;
  taken_index_ = coming_.info.index;
  taken_chain_ = coming_.info.chain;
  return std::move(coming_);
}

}  // namespace okiagari::journal

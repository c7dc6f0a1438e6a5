#include "node/history.h"

#include <algorithm>
#include <cstring>

namespace okiagari::node {

base::Result<std::unique_ptr<History>> History::open(const std::string& folder) {
  auto files = HistoryFiles::open(folder);
  if (!files) return files.error();
  return std::unique_ptr<History>(new History(std::move(files.value())));
}

void History::read(StreamId stream, std::uint64_t first, base::ByteWriter& into) {
  HistoryBuilder::OpenChunk chunk;
  if (const ChunkPlace* place = builder_.find(stream, first)) {
    if (!files_->read_chunk(*place, chunk_)) return;
    ChunkHeader header;
    std::memcpy(&header, chunk_.data(), sizeof header);
    if (header.stream != stream || header.first_number != place->first_number) return;
    chunk = {header.first_number, header.count, base::Bytes(chunk_).subspan(sizeof header)};
  } else {
    chunk = builder_.open_chunk(stream);
  }
  if (first < chunk.first_number || first >= chunk.first_number + chunk.count) return;
  EventCoding coding;
  base::ByteReader coded(chunk.payload);
  base::ByteWriter skipped;
  for (std::uint64_t number = chunk.first_number; number < first; ++number) {
    skipped.clear();
    if (!coding.decode(coded, skipped)) return;
  }
  while (coded.remaining() > 0 && coding.decode(coded, into)) {
  }
}

base::Status History::write_state(base::ByteWriter& into) const {
  if (base::Status status = files_->make_durable(); !status) return status;
  builder_.write_state(into);
  return {};
}

bool History::holds_last_chunk() const {
  const ChunkPlace* last = builder_.last_chunk();
  if (last == nullptr) return true;
  if (!files_->read_chunk(*last, chunk_)) return false;
  ChunkHeader header;
  std::memcpy(&header, chunk_.data(), sizeof header);
  return header.chain == builder_.chain();
}

base::Status History::load_state(base::ByteReader& from) {
  if (base::Status status = builder_.load_state(from); !status) return status;
  if (base::Status status = files_->cut_back(builder_.end_position()); !status) return status;
  return find_missing();
}

base::Status History::clear() {
  builder_.clear();
  missing_.clear();
  if (base::Status status = files_->cut_back(0); !status) return status;
  return files_->is_marked_incomplete() ? files_->mark_incomplete(false) : base::Status();
}

// The chain of the last chunk vouches for all before it, unless it was known that some are not
// there.
base::Status History::find_missing() {
  missing_.clear();
  if (!files_->is_marked_incomplete() && holds_last_chunk()) return {};
  std::optional<base::Digest> previous_chain = base::Digest{};
  for (const ChunkPlace& place : builder_.all_chunks()) {
    if (files_->read_chunk(place, chunk_)) {
      ChunkHeader header;
      std::memcpy(&header, chunk_.data(), sizeof header);
      previous_chain = header.chain;
    } else {
      missing_.push_back({place, previous_chain});
      previous_chain.reset();
    }
  }
  std::reverse(missing_.begin(), missing_.end());
  return files_->mark_incomplete(!missing_.empty());
}

History::Range History::next_missing(std::uint32_t bytes_max) const {
  Range range;
  for (auto next = missing_.rbegin(); next != missing_.rend(); ++next) {
    const ChunkPlace& place = next->place;
    if (range.size_bytes == 0) range.position = place.position;
    if (place.position != range.position + range.size_bytes ||
        range.size_bytes + place.size_bytes > bytes_max) {
      break;
    }
    range.size_bytes += place.size_bytes;
  }
  return range;
}

base::Result<bool> History::fill(base::Bytes bytes) {
  while (!bytes.empty()) {
    if (missing_.empty() || bytes.size() < missing_.back().place.size_bytes) return false;
    const base::Bytes chunk = bytes.first(missing_.back().place.size_bytes);
    auto filled = fill_chunk(chunk);
    if (!filled || !filled.value()) return filled;
    bytes = bytes.subspan(chunk.size());
  }
  if (!missing_.empty()) return true;
  base::Status status = files_->mark_incomplete(false);
  if (!status) return status.error();
  return true;
}

base::Result<bool> History::fill_chunk(base::Bytes bytes) {
  const Missing& next = missing_.back();
  ChunkHeader header;
  if (!check_chunk(bytes, next.place.position, header)) return false;
  const base::Digest& previous = next.previous_chain ? *next.previous_chain : filled_chain_;
  if (chunk_chain(header, bytes.subspan(sizeof header), previous) != header.chain) return false;
  const base::Status status = files_->fill(next.place.position, bytes);
  if (!status) return status.error();
  filled_chain_ = header.chain;
  missing_.pop_back();
  return true;
}

bool History::read_bytes(const Range& range, std::vector<std::byte>& into) const {
  return range.position + range.size_bytes <= builder_.end_position() &&
         files_->read_bytes(range.position, range.size_bytes, into);
}

}  // namespace okiagari::node

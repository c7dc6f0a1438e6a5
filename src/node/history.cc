#include "node/history.h"

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
  missing_below_ = holds_last_chunk() ? 0 : builder_.end_position();
  return {};
}

base::Status History::clear() {
  builder_.clear();
  missing_below_ = 0;
  return files_->cut_back(0);
}

}  // namespace okiagari::node

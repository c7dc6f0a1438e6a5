#include "node/history_builder.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace okiagari::node {

namespace {

constexpr std::size_t chunk_bytes(StreamId id) {
  return id == kFeedStream ? kFeedChunkBytes : kSessionChunkBytes;
}

struct [[gnu::packed]] HistoryHead {
  std::uint32_t version = kHistoryVersion;
  std::uint32_t streams = 0;
  std::uint64_t end_position = 0;
  base::Digest chain{};
  ChunkPlace last_chunk{};
};
struct [[gnu::packed]] StreamHead {
  StreamId id = 0;
  std::uint16_t reserved = 0;
  std::uint32_t open_count = 0;
  std::uint32_t open_bytes = 0;
  std::uint32_t chunks = 0;
  std::uint64_t next_number = 0;
};

// Whether a chunk can lie there in a row of bytes that ends at `end_position`.
bool is_possible(const ChunkPlace& place, std::uint64_t end_position) {
  return place.size_bytes >= sizeof(ChunkHeader) && place.size_bytes <= kChunkBytesMax &&
         place.position < end_position && place.size_bytes <= end_position - place.position;
}

}  // namespace

HistoryBuilder::Stream& HistoryBuilder::stream(StreamId id) {
  if (id >= streams_.size()) streams_.resize(id + 1u);
  if (!streams_[id]) streams_[id] = std::make_unique<Stream>();
  return *streams_[id];
}

void HistoryBuilder::grow(Stream& stream) {
  if (!stream.coding) stream.coding = std::make_unique<EventCoding>();
  stream.open.resize(std::max<std::size_t>(2 * stream.open.size(), 1024));
}

void HistoryBuilder::append(StreamId id, std::uint64_t number, const venue::EventHeader& event) {
  Stream& to = id < streams_.size() && streams_[id] ? *streams_[id] : stream(id);
  ASSERT(number == to.next_number, "event {} of stream {} after {}", number, id,
         to.next_number - 1);
  if (to.open.size() - to.open_bytes < kCodingBytesMax) [[unlikely]]
    grow(to);
  std::byte* const end = to.coding->encode(event, to.open.data() + to.open_bytes);
  to.open_bytes = static_cast<std::uint32_t>(end - to.open.data());
  ++to.open_count;
  ++to.next_number;
  if (to.open_bytes >= chunk_bytes(id)) [[unlikely]]
    close_chunk(id, to);
}

void HistoryBuilder::close_chunk(StreamId id, Stream& stream) {
  const base::Bytes payload{stream.open.data(), stream.open_bytes};
  ChunkHeader header;
  header.position = place_chunk(end_position_, sizeof header + payload.size());
  header.first_number = stream.next_number - stream.open_count;
  header.count = stream.open_count;
  header.payload_bytes = stream.open_bytes;
  header.stream = id;
  seal_chunk(header, payload, chain_);
  last_chunk_ = {header.first_number, header.position,
                 static_cast<std::uint32_t>(sizeof header + payload.size())};
  stream.closed.push_back(last_chunk_);
  end_position_ = header.position + last_chunk_.size_bytes;
  chain_ = header.chain;
  sink_.take_chunk(header.position, base::object_bytes(header), payload);
  stream.open_bytes = 0;
  stream.open_count = 0;
  stream.coding->reset();
}

std::uint64_t HistoryBuilder::next_number(StreamId id) const {
  return id < streams_.size() && streams_[id] ? streams_[id]->next_number : 1;
}

const ChunkPlace* HistoryBuilder::find(StreamId id, std::uint64_t number) const {
  if (id >= streams_.size() || !streams_[id]) return nullptr;
  const Stream& in = *streams_[id];
  if (number == 0 || number >= in.next_number - in.open_count) return nullptr;
  const auto after = std::upper_bound(
      in.closed.begin(), in.closed.end(), number,
      [](std::uint64_t n, const ChunkPlace& chunk) { return n < chunk.first_number; });
  return after == in.closed.begin() ? nullptr : &*std::prev(after);
}

HistoryBuilder::OpenChunk HistoryBuilder::open_chunk(StreamId id) const {
  if (id >= streams_.size() || !streams_[id]) return {};
  const Stream& in = *streams_[id];
  return {in.next_number - in.open_count, in.open_count, {in.open.data(), in.open_bytes}};
}

const ChunkPlace* HistoryBuilder::last_chunk() const {
  return last_chunk_.size_bytes == 0 ? nullptr : &last_chunk_;
}

std::vector<ChunkPlace> HistoryBuilder::all_chunks() const {
  std::vector<ChunkPlace> all;
  for (const auto& stream : streams_) {
    if (stream) all.insert(all.end(), stream->closed.begin(), stream->closed.end());
  }
  std::sort(all.begin(), all.end(),
            [](const ChunkPlace& a, const ChunkPlace& b) { return a.position < b.position; });
  return all;
}

void HistoryBuilder::clear() {
  streams_.clear();
  end_position_ = 0;
  chain_ = {};
  last_chunk_ = {};
}

void HistoryBuilder::write_state(base::ByteWriter& into) const {
  HistoryHead head;
  head.streams = static_cast<std::uint32_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const auto& s) { return s != nullptr; }));
  head.end_position = end_position_;
  head.chain = chain_;
  head.last_chunk = last_chunk_;
  into.object(head);
  for (std::size_t id = 0; id < streams_.size(); ++id) {
    if (!streams_[id]) continue;
    const Stream& stream = *streams_[id];
    StreamHead stream_head;
    stream_head.id = static_cast<StreamId>(id);
    stream_head.open_count = stream.open_count;
    stream_head.open_bytes = stream.open_bytes;
    stream_head.chunks = static_cast<std::uint32_t>(stream.closed.size());
    stream_head.next_number = stream.next_number;
    into.object(stream_head);
    into.bytes({stream.open.data(), stream.open_bytes});
    into.bytes(std::as_bytes(std::span(stream.closed)));
  }
}

bool HistoryBuilder::load_stream(base::ByteReader& from, std::uint64_t end_position, StreamId& id,
                                 Stream& into) {
  StreamHead head;
  if (!from.object(head)) return false;
  id = head.id;
  const base::Bytes open = from.bytes(head.open_bytes);
  const base::Bytes closed = from.bytes(std::size_t{head.chunks} * sizeof(ChunkPlace));
  if (!from.ok() || head.open_bytes > kChunkBytesMax || head.open_count >= head.next_number) {
    return false;
  }
  into.next_number = head.next_number;
  into.open_count = head.open_count;
  into.open_bytes = head.open_bytes;
  into.open.resize(open.size() + kCodingBytesMax);
  std::memcpy(into.open.data(), open.data(), open.size());
  into.closed.resize(head.chunks);
  if (head.chunks > 0) std::memcpy(into.closed.data(), closed.data(), closed.size());
  for (const ChunkPlace& place : into.closed) {
    if (!is_possible(place, end_position)) return false;
  }
  // What the next event of each type will be compared with is what decoding leaves behind.
  into.coding = std::make_unique<EventCoding>();
  base::ByteReader coded(open);
  base::ByteWriter decoded;
  for (std::uint32_t i = 0; i < head.open_count; ++i) {
    if (!into.coding->decode(coded, decoded)) return false;
  }
  return coded.at_end();
}

base::Status HistoryBuilder::load_state(base::ByteReader& from) {
  const std::size_t offset = from.offset();
  const auto wrong = [&] {
    return base::Error{fmt::format(
        "the snapshot's part about the history, at its byte {}, is not of version {} or damaged",
        offset, kHistoryVersion)};
  };
  HistoryHead head;
  if (!from.object(head) || head.version != kHistoryVersion) return wrong();
  const bool has_chunk = head.last_chunk.size_bytes > 0;
  if (has_chunk && !is_possible(head.last_chunk, head.end_position)) return wrong();
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::uint32_t i = 0; i < head.streams; ++i) {
    StreamId id = 0;
    auto stream = std::make_unique<Stream>();
    if (!load_stream(from, head.end_position, id, *stream)) return wrong();
    if (id >= streams.size()) streams.resize(id + 1u);
    if (streams[id]) return wrong();
    streams[id] = std::move(stream);
  }
  streams_ = std::move(streams);
  end_position_ = head.end_position;
  chain_ = head.chain;
  last_chunk_ = head.last_chunk;
  return {};
}

}  // namespace okiagari::node

// Rooms: node
// A chunk of a stream's history, once as it is and once with position, length and checksum made
// right. What is found whole is decoded to whole events; each of them, coded again, comes back.
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/assert.h"
#include "node/event_coding.h"
#include "node/history_chunk.h"

namespace {

using namespace okiagari;

void read_events(base::Bytes payload) {
  node::EventCoding coding;
  node::EventCoding again;
  node::EventCoding third;
  base::ByteReader from(payload);
  base::ByteWriter event;
  while (from.remaining() > 0) {
    event.clear();
    if (!coding.decode(from, event)) return;
    const auto* header = reinterpret_cast<const venue::EventHeader*>(event.view().data());
    ASSERT(event.size() == header->size_bytes);
    std::byte coded[node::kCodingBytesMax];
    const std::byte* end = again.encode(*header, coded);
    base::ByteReader recoded({coded, end});
    base::ByteWriter same;
    ASSERT(third.decode(recoded, same) && recoded.at_end());
    ASSERT(base::as_text(same.view()) == base::as_text(event.view()));
  }
}

void check(base::Bytes chunk, std::uint64_t position) {
  node::ChunkHeader header;
  if (!node::check_chunk(chunk, position, header)) return;
  read_events(chunk.subspan(sizeof header));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> chunk(size);
  if (size > 0) std::memcpy(chunk.data(), data, size);
  check(chunk, sizeof(node::HistoryFileHeader));
  node::ChunkHeader header;
  if (size < sizeof header) return 0;
  std::memcpy(&header, chunk.data(), sizeof header);
  header.magic = node::kChunkMagic;
  header.payload_bytes = static_cast<std::uint32_t>(size - sizeof header);
  node::seal_chunk(header, base::Bytes(chunk).subspan(sizeof header), {});
  std::memcpy(chunk.data(), &header, sizeof header);
  check(chunk, header.position);
  return 0;
}

// Rooms: node
// What a snapshot, also a peer's, says about the history. What is loaded is written as the same
// bytes again, and no chunk in it is larger or lies further on than a chunk can.
#include <cstdint>

#include "base/assert.h"
#include "node/history_builder.h"

namespace {

using namespace okiagari;

class NoSink final : public node::ChunkSink {
 public:
  void take_chunk(std::uint64_t, base::Bytes, base::Bytes) override {}
};

void check_place(const node::ChunkPlace& place, const node::HistoryBuilder& builder) {
  ASSERT(place.size_bytes >= sizeof(node::ChunkHeader) && place.size_bytes <= node::kChunkBytesMax);
  ASSERT(place.position < builder.end_position());
  ASSERT(place.size_bytes <= builder.end_position() - place.position);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes state(reinterpret_cast<const std::byte*>(data), size);
  NoSink sink;
  node::HistoryBuilder builder(sink);
  base::ByteReader from(state);
  if (!builder.load_state(from)) return 0;
  for (const node::ChunkPlace& place : builder.all_chunks()) check_place(place, builder);
  if (builder.last_chunk() != nullptr) check_place(*builder.last_chunk(), builder);
  base::ByteWriter again;
  builder.write_state(again);
  ASSERT(again.size() == from.offset(), "{} bytes of {}", again.size(), from.offset());
  return 0;
}

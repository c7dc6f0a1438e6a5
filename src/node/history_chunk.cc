#include "node/history_chunk.h"

#include <cstring>

namespace okiagari::node {

namespace {

base::Bytes chained_part(const ChunkHeader& header) {
  return base::object_bytes(header).subspan(offsetof(ChunkHeader, position));
}

std::uint32_t chunk_crc(const ChunkHeader& header, base::Bytes payload) {
  const std::uint32_t of_header =
      base::crc32c(base::object_bytes(header).subspan(offsetof(ChunkHeader, chain)));
  return base::crc32c(payload, of_header);
}

}  // namespace

base::Digest chunk_chain(const ChunkHeader& header, base::Bytes payload,
                         const base::Digest& previous_chain) {
  std::array<std::byte,
             sizeof(base::Digest) + sizeof(ChunkHeader) - offsetof(ChunkHeader, position)>
      head;
  std::memcpy(head.data(), previous_chain.data(), previous_chain.size());
  const base::Bytes part = chained_part(header);
  std::memcpy(head.data() + previous_chain.size(), part.data(), part.size());
  return base::digest(head, payload);
}

void seal_chunk(ChunkHeader& header, base::Bytes payload, const base::Digest& previous_chain) {
  header.chain = chunk_chain(header, payload, previous_chain);
  header.crc = chunk_crc(header, payload);
}

bool check_chunk(base::Bytes bytes, std::uint64_t position, ChunkHeader& header) {
  if (bytes.size() < sizeof header) return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  const base::Bytes payload = bytes.subspan(sizeof header);
  return header.magic == kChunkMagic && header.position == position &&
         header.payload_bytes == payload.size() && header.crc == chunk_crc(header, payload);
}

}  // namespace okiagari::node

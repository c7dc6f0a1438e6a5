// The bytes of the history on disk, version 1, as docs/formats/history.md describes them. Little
// endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/types.h"

namespace okiagari::node {

// A stream of the history: a session's messages, or the feed.
using StreamId = SessionId;
inline constexpr StreamId kFeedStream = 0;

inline constexpr std::uint32_t kHistoryVersion = 1;
// A chunk is closed when its coded events reach this size: small for sessions, of which there are
// many with an open chunk each, large for the feed. Part of the format: where chunks end is a
// function of the log, and so the chunks of all replicas are the same, byte for byte.
inline constexpr std::size_t kSessionChunkBytes = 8u << 10;
inline constexpr std::size_t kFeedChunkBytes = 64u << 10;

// The history is one row of bytes, cut into files of this size. A chunk lies in one file.
inline constexpr std::uint64_t kHistoryFileBytes = 256u << 20;
inline constexpr std::array<char, 8> kHistoryMagic = {'O', 'K', 'I', 'A', 'H', 'I', 'S', 'T'};
inline constexpr std::uint32_t kChunkMagic = 0x4b48434f;  // "OCHK"

struct [[gnu::packed]] HistoryFileHeader {
  std::array<char, 8> magic = kHistoryMagic;
  std::uint32_t version = kHistoryVersion;
  std::uint32_t reserved = 0;
  std::uint64_t number = 0;  // of the file, from 0
  std::uint64_t file_bytes = kHistoryFileBytes;
  std::array<std::uint8_t, 32> reserved2{};
};
static_assert(sizeof(HistoryFileHeader) == 64);

// The coded events follow.
struct [[gnu::packed]] ChunkHeader {
  std::uint32_t magic = kChunkMagic;
  std::uint32_t crc = 0;           // CRC-32C of all behind it, header and events
  base::Digest chain{};            // BLAKE2b-256 of the chain of the chunk before and all behind it
  std::uint64_t position = 0;      // of this header in the row of bytes
  std::uint64_t first_number = 0;  // of its first event in its stream
  std::uint32_t count = 0;         // of events
  std::uint32_t payload_bytes = 0;
  StreamId stream = 0;
  std::array<std::uint8_t, 6> reserved{};
};
static_assert(sizeof(ChunkHeader) == 72 && offsetof(ChunkHeader, chain) == 8 &&
              offsetof(ChunkHeader, position) == 40);

inline constexpr std::size_t kChunkBytesMax = sizeof(ChunkHeader) + kFeedChunkBytes + 256;

// Where a chunk of that size goes when the row of bytes ends at `position`.
[[nodiscard]] constexpr std::uint64_t place_chunk(std::uint64_t position, std::size_t size_bytes) {
  const std::uint64_t offset = position % kHistoryFileBytes;
  if (offset == 0) return position + sizeof(HistoryFileHeader);
  if (offset + size_bytes <= kHistoryFileBytes) return position;
  return position - offset + kHistoryFileBytes + sizeof(HistoryFileHeader);
}

// Sets chain and CRC; the events' bytes follow the header in memory.
void seal_chunk(ChunkHeader& header, base::Bytes payload, const base::Digest& previous_chain);
// Whether `bytes` are one whole undamaged chunk that belongs at `position`; not its chain.
[[nodiscard]] bool check_chunk(base::Bytes bytes, std::uint64_t position, ChunkHeader& header);
// The chain that the chunk must carry.
[[nodiscard]] base::Digest chunk_chain(const ChunkHeader& header, base::Bytes payload,
                                       const base::Digest& previous_chain);

}  // namespace okiagari::node

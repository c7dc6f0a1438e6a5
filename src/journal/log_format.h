// The bytes of the log's segment files, version 1, exactly as docs/formats/log.md describes them.
// All integers are little endian. Nothing here decides anything: see log_scan.h for what a broken
// group means and log.cc for writing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"

namespace okiagari::journal {

// A write of one sector happens whole or not at all; everything that must not tear others starts on
// one.
inline constexpr std::size_t kSectorBytes = 512;
inline constexpr std::uint32_t kLogVersion = 1;

inline constexpr std::array<char, 8> kSegmentMagic = {'O', 'K', 'I', 'A', 'L', 'O', 'G', '\0'};
inline constexpr std::array<char, 8> kGroupMagic = {'O', 'K', 'I', 'G', 'R', 'O', 'U', 'P'};

// The log starts anew with this segment: what is before it was replaced by a snapshot.
inline constexpr std::uint32_t kSegmentRestarts = 1;

// First sector of a segment; the rest of the sector is zero.
struct SegmentHeader {
  std::array<char, 8> magic = kSegmentMagic;
  std::uint32_t version = kLogVersion;
  std::uint32_t flags = 0;
  std::uint64_t log_id = 0;
  std::uint64_t number = 0;  // of the segment, as in its name
  std::uint64_t segment_bytes = 0;
  std::uint64_t first_group = 0;  // number of the first group in it
  std::uint64_t base_index = 0;   // last entry of the log before this segment
  std::uint64_t base_term = 0;
  base::Digest base_chain{};
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};

// What one sync made durable. Starts on a sector; zeros fill it up to the next one.
struct GroupHeader {
  std::array<char, 8> magic = kGroupMagic;
  std::uint32_t version = kLogVersion;
  std::uint32_t record_count = 0;
  std::uint64_t log_id = 0;
  std::uint64_t number = 0;          // from 1, without gaps
  std::uint64_t previous_index = 0;  // last entry of the log that was durable before this group
  std::uint64_t first_index = 0;     // of its first record
  std::uint64_t last_index = 0;      // of its last record
  std::uint32_t content_bytes = 0;  // records behind this header, without the padding to the sector
  std::uint32_t content_crc = 0;
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};

// One entry. The payload follows, zeros fill up to a multiple of 8.
struct RecordHeader {
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::uint32_t payload_bytes = 0;
  std::uint8_t type = 0;
  std::array<std::uint8_t, 3> reserved{};
  base::Digest chain{};  // BLAKE2b-256 of the chain before it, its first 24 bytes and the payload
  std::uint32_t reserved_too = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it and of the payload
};

static_assert(sizeof(SegmentHeader) == 104 && offsetof(SegmentHeader, log_id) == 16 &&
              offsetof(SegmentHeader, first_group) == 40 &&
              offsetof(SegmentHeader, base_chain) == 64 && offsetof(SegmentHeader, crc) == 100);
static_assert(sizeof(GroupHeader) == 72 && offsetof(GroupHeader, log_id) == 16 &&
              offsetof(GroupHeader, previous_index) == 32 &&
              offsetof(GroupHeader, content_bytes) == 56 && offsetof(GroupHeader, crc) == 68);
static_assert(sizeof(RecordHeader) == 64 && offsetof(RecordHeader, payload_bytes) == 16 &&
              offsetof(RecordHeader, type) == 20 && offsetof(RecordHeader, chain) == 24 &&
              offsetof(RecordHeader, crc) == 60);

inline constexpr std::size_t kRecordChainedBytes = offsetof(RecordHeader, chain);

// CRC of a header that ends with its `crc`.
template <typename Header>
[[nodiscard]] std::uint32_t header_crc(const Header& header) {
  return base::crc32c(base::object_bytes(header).first(offsetof(Header, crc)));
}

[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}
[[nodiscard]] constexpr std::uint64_t record_bytes(std::uint64_t payload_bytes) {
  return sizeof(RecordHeader) + round_up(payload_bytes, 8);
}
// The room a group takes in its segment.
[[nodiscard]] constexpr std::uint64_t group_bytes(std::uint64_t content_bytes) {
  return round_up(sizeof(GroupHeader) + content_bytes, kSectorBytes);
}

}  // namespace okiagari::journal

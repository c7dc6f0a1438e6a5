// The pieces of a segment file as bytes: names, headers, groups, records. See log_format.h for the
// layout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "journal/log_format.h"

namespace okiagari::journal {

// log-0000000000000001
[[nodiscard]] std::string segment_name(std::uint64_t number);
[[nodiscard]] std::optional<std::uint64_t> segment_number(const std::string& name);

// Behind the name of a segment that was dropped: its file waits to be a new one.
inline constexpr std::string_view kUsedSuffix = ".used";

[[nodiscard]] bool is_zero(base::Bytes bytes);

// What the start of a sector holds.
enum class Piece : std::uint8_t {
  valid,
  zero,   // the whole sector: never written, or its write did not reach the disk
  other,  // neither
};
[[nodiscard]] Piece parse(base::Bytes sector, SegmentHeader& header);
[[nodiscard]] Piece parse(base::Bytes sector, GroupHeader& header);

// Sets the checksum and writes the header to the beginning of `into`.
void seal(SegmentHeader header, base::MutableBytes into);
// Also computes the checksum of the content, which follows the header in `into`.
void seal(GroupHeader header, base::MutableBytes into);

[[nodiscard]] base::Digest chain_after(const base::Digest& before, const RecordHeader& header,
                                       base::Bytes payload);
[[nodiscard]] std::uint32_t record_crc(const RecordHeader& header, base::Bytes payload);

struct Record {
  RecordHeader header;
  base::Bytes payload;
};
// The record at the beginning of `bytes`, its checksum checked; nothing when it is broken.
[[nodiscard]] std::optional<Record> parse_record(base::Bytes bytes);

}  // namespace okiagari::journal

#include "journal/segment_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kReadAheadBytes = 256U << 10;
// Padding to the sector and the next group's header lie between records read in order.
constexpr std::uint64_t kGapBytesMax = kSectorBytes + sizeof(GroupHeader);

}  // namespace

base::Status SegmentReader::use_segment(std::uint64_t segment) {
  if (segment == segment_) return {};
  forget();
  const base::Result<Disk::FileId> file = disk_.open(segment_name(segment), false);
  if (!file) return file.error();
  file_ = file.value();
  segment_ = segment;
  return {};
}

void SegmentReader::forget() {
  if (segment_ != 0) disk_.close(file_);
  segment_ = 0;
  buffer_.clear();
  buffer_offset_ = 0;
  expected_offset_ = 0;
}

base::Result<Record> SegmentReader::read(std::uint64_t segment, std::uint64_t offset,
                                         std::uint64_t payload_bytes, std::uint64_t written_to) {
  base::Status status = use_segment(segment);
  if (!status) return status.error();
  const std::uint64_t size = record_bytes(payload_bytes);
  if (offset < buffer_offset_ || offset + size > buffer_offset_ + buffer_.size()) {
    const bool is_in_order =
        offset >= expected_offset_ && offset <= expected_offset_ + kGapBytesMax;
    const std::uint64_t ahead = is_in_order ? std::max(size, kReadAheadBytes) : size;
    buffer_.resize(std::min(ahead, written_to - offset));
    buffer_offset_ = offset;
    status = disk_.read(file_, offset, buffer_);
    if (!status) {
      forget();
      return status.error();
    }
  }
  expected_offset_ = offset + size;
  const std::optional<Record> record =
      parse_record(base::Bytes(buffer_).subspan(offset - buffer_offset_, size));
  if (!record || record->header.payload_bytes != payload_bytes) {
    return base::Error{fmt::format(
        "{}/{}: damaged: the record at offset {} fails its checksum, though it was whole at the "
        "start. Stop this server, keep the folder for examination, and let it rejoin with an "
        "empty folder under a new storage identity: its peers hold the entries",
        disk_.where(), segment_name(segment), offset)};
  }
  return *record;
}

}  // namespace okiagari::journal

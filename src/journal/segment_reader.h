// Reads single records back from segment files, for peers that lag behind the cache, and checks
// each checksum again. Records read in order are read ahead.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/disk.h"
#include "journal/log_format.h"
#include "journal/segment.h"

namespace okiagari::journal {

class SegmentReader {
 public:
  explicit SegmentReader(Disk& disk) : disk_(disk) {}
  ~SegmentReader() { forget(); }
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  // The record at that place; bytes from `written_to` on are not read. Valid until the next call.
  base::Result<Record> read(std::uint64_t segment, std::uint64_t offset,
                            std::uint64_t payload_bytes, std::uint64_t written_to);
  // Closes the file: it may be removed now.
  void forget();

 private:
  base::Status use_segment(std::uint64_t segment);

  Disk& disk_;
  std::uint64_t segment_ = 0;  // 0: none
  Disk::FileId file_ = -1;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::uint64_t expected_offset_ = 0;  // where reading in order would go on
};

}  // namespace okiagari::journal

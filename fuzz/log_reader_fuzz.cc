// Rooms: journal
// Two segment files of a log. Whatever is in them, reading and opening end with entries in order or
// with an error; and a log that was opened once opens again, with the same entries and nothing
// torn.
#include <cstdint>
#include <cstring>

#include "base/assert.h"
#include "fuzz/memory_disk.h"
#include "fuzz/segments.h"
#include "journal/log.h"
#include "journal/log_watermark.h"
#include "journal/segment.h"

namespace {

using namespace okiagari;

constexpr journal::LogOptions kOptions{
    .segment_bytes = fuzz::kSegmentBytes, .cache_bytes = 0, .spare_segments = 0};

void read_cold(fuzz::MemoryDisk& disk) {
  const auto reader = journal::LogReader::open(disk);
  if (!reader) return;
  journal::Index last = reader.value()->start().index;
  journal::Entry entry;
  while (true) {
    const base::Result<bool> more = reader.value()->next(entry);
    if (!more || !more.value()) return;
    ASSERT(entry.index == last + 1, "{} behind {}", entry.index, last);
    last = entry.index;
  }
}

void open_twice(fuzz::MemoryDisk& disk, std::uint64_t log_id) {
  const auto made = journal::WatermarkFile::create(disk, {.log_id = log_id, .first_segment = 1});
  ASSERT(made.ok());
  journal::LogFindings findings;
  auto log = journal::Log::open(disk, kOptions, findings);
  if (!log) return;
  const journal::Index last = log.value()->last_index();
  for (journal::Index index = log.value()->first_index(); index <= last; ++index) {
    ASSERT(log.value()->read(index).ok());
  }
  log = journal::Log::open(disk, kOptions, findings);
  ASSERT(log.ok(), "{}", log.error().message);
  ASSERT(log.value()->last_index() == last && !findings.torn_tail);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::MemoryDisk disk;
  const auto segments = fuzz::segments_from(data, size);
  for (const fuzz::SegmentFile& file : segments) disk.files[file.name] = file.content;
  read_cold(disk);
  journal::SegmentHeader first;
  std::memcpy(&first, segments.front().content.data(), sizeof first);
  open_twice(disk, first.log_id);
  return 0;
}

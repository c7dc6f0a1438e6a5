// Rooms: journal
// Two segment files of a log. Whatever is in them, reading and opening end with entries in order or
// with an error; and a log that was opened once opens again, with the same entries and nothing
// torn.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "journal/log.h"
#include "journal/log_watermark.h"
#include "journal/segment.h"

namespace {

using namespace okiagari;

constexpr std::size_t kSegmentBytes = 2048;
constexpr journal::LogOptions kOptions{
    .segment_bytes = kSegmentBytes, .cache_bytes = 0, .spare_segments = 0};

class MemoryDisk final : public journal::Disk {
 public:
  std::map<std::string, std::vector<std::byte>> files;

  base::Result<FileId> open(const std::string& name, bool create) override {
    if (!create && !files.contains(name)) return base::Error{name};
    handles_.push_back(&files[name]);
    return static_cast<FileId>(handles_.size() - 1);
  }
  void close(FileId) override {}
  base::Result<std::uint64_t> size(FileId file) override { return bytes(file).size(); }
  base::Status write(FileId file, std::uint64_t offset, base::Bytes from) override {
    if (offset + from.size() > bytes(file).size()) bytes(file).resize(offset + from.size());
    std::copy(from.begin(), from.end(), bytes(file).begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }
  base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) override {
    if (offset + into.size() > bytes(file).size()) return base::Error{"too short"};
    std::copy_n(bytes(file).begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                into.begin());
    return {};
  }
  base::Status sync(FileId) override { return {}; }
  base::Status allocate(FileId file, std::uint64_t to) override { return truncate(file, to); }
  base::Status truncate(FileId file, std::uint64_t to) override {
    bytes(file).resize(to);
    return {};
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    files[to] = files[from];
    return {};
  }
  base::Status remove(const std::string& name) override {
    files[name].clear();
    files.erase(name);
    return {};
  }
  base::Status sync_directory() override { return {}; }
  base::Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, content] : files) names.push_back(name);
    return names;
  }
  base::Result<std::uint64_t> free_bytes() override { return UINT64_MAX; }
  [[nodiscard]] std::string where() const override { return "memory"; }

 private:
  std::vector<std::byte>& bytes(FileId file) { return *handles_[static_cast<std::size_t>(file)]; }

  std::vector<std::vector<std::byte>*> handles_;
};

// With checksums that are wrong nothing behind them is ever reached.
void mend_records(base::MutableBytes content) {
  while (content.size() >= sizeof(journal::RecordHeader)) {
    journal::RecordHeader header;
    std::memcpy(&header, content.data(), sizeof header);
    const std::uint64_t size = journal::record_bytes(header.payload_bytes);
    if (size > content.size()) return;
    header.crc = journal::record_crc(header, content.subspan(sizeof header, header.payload_bytes));
    std::memcpy(content.data(), &header, sizeof header);
    content = content.subspan(size);
  }
}

void mend(std::vector<std::byte>& segment) {
  journal::SegmentHeader first;
  std::memcpy(&first, segment.data(), sizeof first);
  journal::seal(first, segment);
  for (std::size_t at = journal::kSectorBytes; at < segment.size(); at += journal::kSectorBytes) {
    const base::MutableBytes rest = base::MutableBytes(segment).subspan(at);
    journal::GroupHeader header;
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.magic != journal::kGroupMagic) continue;
    if (header.content_bytes > rest.size() - sizeof header) continue;
    mend_records(rest.subspan(sizeof header, header.content_bytes));
    journal::seal(header, rest);
  }
}

void read_cold(MemoryDisk& disk) {
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

void open_twice(MemoryDisk& disk, std::uint64_t log_id) {
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

// The first byte says whether checksums are mended, then come the segments.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool mends = (data[0] & 1) != 0;
  base::Bytes rest(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  MemoryDisk disk;
  for (std::uint64_t number = 1; number <= 2; ++number) {
    const base::Bytes piece = rest.first(std::min(rest.size(), kSegmentBytes));
    rest = rest.subspan(piece.size());
    std::vector<std::byte> segment(kSegmentBytes);
    std::copy(piece.begin(), piece.end(), segment.begin());
    if (mends) mend(segment);
    disk.files[journal::segment_name(number)] = segment;
  }
  read_cold(disk);
  journal::SegmentHeader first;
  std::memcpy(&first, disk.files[journal::segment_name(1)].data(), sizeof first);
  open_twice(disk, first.log_id);
  return 0;
}

// Walks over all records of a log in order and decides what its end is: clean, torn, or damaged.
// Shared by Log::open() and LogReader; changes nothing on disk. The reasons are in
// docs/formats/log.md, "What start-up concludes".
//
// The argument in short: a group is written only after the sync of the group before it has
// returned. So whatever of group n+1 is on disk proves that group n was durable; if n is broken
// then, that is damage. With nothing of a later group on disk, a broken n is a write that a crash
// cut short.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "journal/disk.h"
#include "journal/log_format.h"
#include "journal/log_watermark.h"
#include "journal/segment.h"

namespace okiagari::journal {

// A segment file of the log that is in use.
struct SegmentInfo {
  std::uint64_t number = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t base_index = 0;  // last entry before it
  std::uint64_t base_term = 0;
  base::Digest base_chain{};
};

struct ScannedRecord {
  Record record;
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
};

// Where the next group belongs, and what was found there.
struct ScanEnd {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t last_group = 0;
  std::uint64_t last_index = 0;
  bool is_torn = false;
  // What is broken cannot be a torn write, although no later group proves that it was durable.
  bool is_ambiguous = false;
  std::uint64_t dirty_bytes = 0;  // not zero, from here on
};

// Reads a segment file through a moving window.
class SegmentWindow {
 public:
  explicit SegmentWindow(Disk& disk) : disk_(disk) {}
  ~SegmentWindow() { close(); }
  SegmentWindow(const SegmentWindow&) = delete;
  SegmentWindow& operator=(const SegmentWindow&) = delete;

  base::Status open(std::uint64_t segment);
  void close();
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  // Those bytes of the file, which must exist. Valid until the next call.
  base::Result<base::Bytes> view(std::uint64_t offset, std::uint64_t size);

 private:
  Disk& disk_;
  bool is_open_ = false;
  Disk::FileId file_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::uint64_t buffer_bytes_ = 0;
};

class LogScan {
 public:
  // Without a watermark (copies of segments alone) the log begins with the lowest segment there is.
  static base::Result<std::unique_ptr<LogScan>> open(Disk& disk,
                                                     const std::optional<Watermark>& watermark);

  // The next record, its checksums right. False at the end, which end() then describes.
  base::Result<bool> next(ScannedRecord& record);
  [[nodiscard]] const ScanEnd& end() const { return end_; }
  // In use so far, from the one that the log begins with.
  [[nodiscard]] const std::vector<SegmentInfo>& segments() const { return used_; }
  [[nodiscard]] std::uint64_t log_id() const { return log_id_; }
  // All segment files on disk, in order.
  [[nodiscard]] const std::vector<std::uint64_t>& files() const { return files_; }

 private:
  LogScan(Disk& disk, std::vector<std::uint64_t> files)
      : disk_(disk), files_(std::move(files)), window_(disk) {}

  base::Status find_start(const std::optional<Watermark>& watermark);
  base::Result<SegmentHeader> read_header(std::uint64_t segment, Piece& piece);
  base::Status enter(const SegmentHeader& header);
  base::Result<bool> next_group();
  // Whether a whole group with the expected number is at the present place; takes it.
  base::Result<bool> take_group();
  base::Result<bool> enter_next_segment();
  base::Status check_group(const GroupHeader& header) const;
  base::Status check_record(const RecordHeader& header);

  base::Status conclude();
  base::Status judge_tail_of(std::uint64_t segment, std::uint64_t from);
  base::Status judge_sector(std::uint64_t segment, std::uint64_t offset, base::Bytes sector);
  base::Status judge_later(std::uint64_t segment, std::uint64_t offset, base::Bytes sector) const;
  [[nodiscard]] bool is_in_broken_group(std::uint64_t segment, std::uint64_t offset) const;

  [[nodiscard]] base::Error damaged(std::uint64_t segment, std::uint64_t offset,
                                    const std::string& what) const;

  Disk& disk_;
  std::vector<std::uint64_t> files_;
  std::vector<SegmentInfo> used_;
  SegmentWindow window_;
  std::uint64_t log_id_ = 0;
  std::uint64_t offset_ = 0;  // of the next group in the last used segment
  std::uint64_t last_group_ = 0;
  std::uint64_t last_index_ = 0;
  base::Bytes content_;  // of the present group, behind the records already given
  std::uint64_t content_offset_ = 0;
  std::uint64_t broken_until_ = 0;  // end of a broken group whose header is whole
  ScanEnd end_;
};

}  // namespace okiagari::journal

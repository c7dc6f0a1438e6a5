#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journal/log.h"
#include "journal/log_scan.h"
#include "journal/log_watermark.h"
#include "journal/segment.h"

namespace okiagari::journal {
namespace {

// A record with an index at or below one written before it.
struct Truncation {
  std::uint64_t ordinal = 0;  // of the record among all of the log
  Index index = 0;            // lowest one of this and all later truncations
};

// Records are on disk in the order of writing, which after a truncation is not that of the log. A
// first pass finds the truncations, which are few; the second gives what survived them.
class SegmentLogReader final : public LogReader {
 public:
  SegmentLogReader(Disk& disk, std::unique_ptr<LogScan> scan, std::optional<Watermark> watermark,
                   std::vector<Truncation> truncations)
      : disk_(disk),
        scan_(std::move(scan)),
        watermark_(watermark),
        truncations_(std::move(truncations)) {
    if (scan_->segments().empty()) return;
    const SegmentInfo& first = scan_->segments().front();
    start_.index = first.base_index;
    start_.term = first.base_term;
    start_.chain = first.base_chain;
    chain_ = first.base_chain;
  }

  base::Result<bool> next(Entry& entry) override;
  [[nodiscard]] Entry start() const override { return start_; }

 private:
  [[nodiscard]] bool survives(const RecordHeader& header);
  base::Result<bool> check_end() const;

  Disk& disk_;
  std::unique_ptr<LogScan> scan_;
  std::optional<Watermark> watermark_;
  std::vector<Truncation> truncations_;
  std::size_t next_truncation_ = 0;
  std::uint64_t ordinal_ = 0;
  Entry start_;
  base::Digest chain_{};
};

base::Result<bool> SegmentLogReader::next(Entry& entry) {
  ScannedRecord scanned;
  while (true) {
    const base::Result<bool> more = scan_->next(scanned);
    if (!more) return more;
    if (!more.value()) return check_end();
    if (survives(scanned.record.header)) break;
  }
  const RecordHeader& header = scanned.record.header;
  if (chain_after(chain_, header, scanned.record.payload) != header.chain) {
    return base::Error{fmt::format(
        "{}/{}: damaged at offset {}: the hash chain breaks at entry {}, although its checksums "
        "are right: it does not continue the entries before it. Compare with the other servers; "
        "keep the folder for examination, and let this server rejoin with an empty one under a "
        "new storage identity",
        disk_.where(), segment_name(scanned.segment), scanned.offset, header.index)};
  }
  chain_ = header.chain;
  entry.index = header.index;
  entry.term = header.term;
  entry.type = static_cast<EntryType>(header.type);
  entry.payload = scanned.record.payload;
  entry.chain = header.chain;
  return true;
}

bool SegmentLogReader::survives(const RecordHeader& header) {
  const std::uint64_t ordinal = ordinal_++;
  while (next_truncation_ < truncations_.size() &&
         truncations_[next_truncation_].ordinal <= ordinal) {
    ++next_truncation_;
  }
  return next_truncation_ == truncations_.size() ||
         header.index < truncations_[next_truncation_].index;
}

base::Result<bool> SegmentLogReader::check_end() const {
  const ScanEnd& end = scan_->end();
  const std::uint64_t marked = watermark_ ? watermark_->group : 0;
  if (!end.is_ambiguous && end.last_group >= marked) return false;
  return base::Error{fmt::format(
      "{}/{}: damaged at offset {}, behind entry {}: the log ends with group {}, {}. Entries are "
      "missing that this server may have acknowledged: compare with the other servers; this one "
      "may rejoin as a standby only",
      disk_.where(), segment_name(end.segment), end.offset, end.last_index, end.last_group,
      end.is_ambiguous ? "and the one behind it is whole in length but wrong"
                       : fmt::format("but it once reached group {}", marked))};
}

base::Result<std::vector<Truncation>> find_truncations(LogScan& scan) {
  std::vector<Truncation> truncations;
  if (scan.segments().empty()) return truncations;
  Index last = scan.segments().front().base_index;
  ScannedRecord scanned;
  for (std::uint64_t ordinal = 0;; ++ordinal) {
    const base::Result<bool> more = scan.next(scanned);
    if (!more) return more.error();
    if (!more.value()) break;
    const Index index = scanned.record.header.index;
    if (index <= last) truncations.push_back({ordinal, index});
    last = index;
  }
  for (std::size_t i = truncations.size(); i > 1; --i) {
    truncations[i - 2].index = std::min(truncations[i - 2].index, truncations[i - 1].index);
  }
  return truncations;
}

}  // namespace

base::Result<std::unique_ptr<LogReader>> LogReader::open(Disk& disk) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  std::optional<Watermark> watermark;
  if (std::find(names.value().begin(), names.value().end(), kWatermarkName) !=
      names.value().end()) {
    const base::Result<Watermark> read = WatermarkFile::read(disk);
    if (!read) return read.error();
    watermark = read.value();
  }
  base::Result<std::unique_ptr<LogScan>> first_pass = LogScan::open(disk, watermark);
  if (!first_pass) return first_pass.error();
  base::Result<std::vector<Truncation>> truncations = find_truncations(*first_pass.value());
  if (!truncations) return truncations.error();
  base::Result<std::unique_ptr<LogScan>> scan = LogScan::open(disk, watermark);
  if (!scan) return scan.error();
  return std::unique_ptr<LogReader>(std::make_unique<SegmentLogReader>(
      disk, std::move(scan.value()), watermark, std::move(truncations.value())));
}

}  // namespace okiagari::journal

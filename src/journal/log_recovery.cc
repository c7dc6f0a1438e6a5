// What happens to a log when it is opened: found, or begun; scanned; freed of the remains of a torn
// write.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "journal/log_file.h"
#include "journal/log_scan.h"
#include "journal/segment.h"

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kWindowBytes = 1U << 20;

base::Status remove_segments(Disk& disk, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!segment_number(name)) continue;
    const base::Status removed = disk.remove(name);
    if (!removed) return removed;
  }
  return disk.sync_directory();
}

// Of an earlier life of the process.
base::Status remove_used_segments(Disk& disk, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!name.ends_with(kUsedSuffix)) continue;
    if (!segment_number(name.substr(0, name.size() - kUsedSuffix.size()))) continue;
    const base::Status removed = disk.remove(name);
    if (!removed) return removed;
  }
  return {};
}

// A log without a watermark file was never begun; then no segment can be there either.
base::Status create_watermark(Disk& disk, const std::vector<std::string>& names) {
  const bool has_segment = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return segment_number(name).has_value();
  });
  if (has_segment) {
    return base::Error{fmt::format(
        "{}/{}: missing, but there are segments of a log. Without it nobody can tell whether the "
        "log is whole. Put the file back, or keep the folder for examination, give the server an "
        "empty one, and let it rejoin under a new storage identity",
        disk.where(), kWatermarkName)};
  }
  Watermark first;
  if (std::find(names.begin(), names.end(), kIdentityName) != names.end()) {
    const base::Result<Identity> identity = load_identity(disk);
    if (!identity) return identity.error();
    first.log_id = identity.value().storage;
  }
  return WatermarkFile::create(disk, first);
}

}  // namespace

base::Result<std::unique_ptr<Log>> Log::open(Disk& disk, const LogOptions& options,
                                             LogFindings& findings) {
  ASSERT(options.segment_bytes % kSectorBytes == 0 && options.segment_bytes <= UINT32_MAX &&
             options.segment_bytes >= 4 * kSectorBytes,
         "segments of {} bytes", options.segment_bytes);
  findings = {};
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  const auto& all = names.value();
  base::Status status = remove_used_segments(disk, all);
  if (!status) return status.error();
  if (std::find(all.begin(), all.end(), kWatermarkName) == all.end()) {
    status = create_watermark(disk, all);
    if (!status) return status.error();
  }
  base::Result<WatermarkFile> watermark = WatermarkFile::open(disk);
  if (!watermark) return watermark.error();
  const bool is_begun = watermark.value().current().first_segment != 0;
  auto log = std::make_unique<LogFile>(disk, options, std::move(watermark.value()));
  if (is_begun) {
    status = log->recover(findings);
  } else {
    // What is there was being made when the process ended, and held nothing yet.
    status = remove_segments(disk, all);
    if (status) status = log->begin();
  }
  if (!status) return status.error();
  return std::unique_ptr<Log>(std::move(log));
}

base::Status LogFile::recover(LogFindings& findings) {
  const base::Result<std::unique_ptr<LogScan>> opened = LogScan::open(disk_, watermark_.current());
  if (!opened) return opened.error();
  LogScan& scan = *opened.value();
  base::Status status = take_up(scan);
  if (status) status = secure_found();
  if (!status) return status;

  const ScanEnd& end = scan.end();
  findings.torn_tail = end.is_torn;
  findings.dropped_bytes = end.dirty_bytes;
  findings.below_watermark = end.is_ambiguous || end.last_group < watermark_.current().group;
  Watermark watermark = watermark_.current();
  watermark.first_segment = segments_.front().number;
  // The cut removes what makes it suspicious; the mark keeps that until the replica has barred
  // itself.
  if (end.is_ambiguous) watermark.group = std::max(watermark.group, end.last_group + 1);
  const Watermark& present = watermark_.current();
  if (watermark.first_segment != present.first_segment || watermark.group != present.group) {
    status = watermark_.store(watermark);
  }
  std::uint32_t spares = 0;
  if (status) status = cut_tail(scan, spares);
  if (!status) return status;
  supply_ = std::make_unique<SegmentSupply>(disk_, options_, segments_.back().number + 1, spares);
  return {};
}

base::Status LogFile::take_up(LogScan& scan) {
  const SegmentInfo& first = scan.segments().front();
  start_ = {first.base_index, first.base_term, first.base_chain};
  written_ = start_;
  vouched_index_ = watermark_.current().index;
  ScannedRecord scanned;
  while (true) {
    const base::Result<bool> more = scan.next(scanned);
    if (!more) return more.error();
    if (!more.value()) break;
    const RecordHeader& header = scanned.record.header;
    if (header.index <= written_.index) {
      // Whether that was before the watermark was raised does not matter: it can be raised again.
      vouched_index_ = std::min(vouched_index_, header.index - 1);
    }
    positions_.resize(header.index - first_index());
    positions_.push_back({header.term, static_cast<std::uint32_t>(scanned.segment),
                          static_cast<std::uint32_t>(scanned.offset), header.payload_bytes,
                          static_cast<EntryType>(header.type)});
    written_ = {header.index, header.term, header.chain};
  }
  segments_.assign(scan.segments().begin(), scan.segments().end());
  last_chain_ = written_.chain;
  synced_index_ = written_.index;
  vouched_index_ = std::min(vouched_index_, synced_index_);
  last_group_ = scan.end().last_group;
  synced_group_ = last_group_;
  offset_ = scan.end().offset;
  return {};
}

// After the death of a process the newest group, or the header that begins the log anew, may be in
// the kernel's cache only, and this replica is going to count on it.
base::Status LogFile::secure_found() {
  const base::Result<Disk::FileId> file = disk_.open(segment_name(segments_.back().number), false);
  if (!file) return file.error();
  file_ = file.value();
  const base::Status synced = disk_.sync(file_);
  return synced ? disk_.sync_directory() : synced;
}

base::Status LogFile::cut_tail(const LogScan& scan, std::uint32_t& spares) {
  base::Status status;
  if (scan.end().is_torn) {
    status = zero_from(file_, offset_);
    if (status) status = disk_.sync(file_);
  }
  if (!status) return status;

  const std::uint64_t last = segments_.back().number;
  for (const std::uint64_t number : scan.files()) {
    if (number >= segments_.front().number && number <= last) continue;
    bool is_spare = false;
    if (number == last + 1 + spares) {
      const base::Result<bool> made = make_spare(number);
      if (!made) return made.error();
      is_spare = made.value();
    }
    if (is_spare) {
      ++spares;
    } else {
      status = disk_.remove(segment_name(number));
      if (!status) return status;
    }
  }
  return disk_.sync_directory();
}

// False when the file is of no use.
base::Result<bool> LogFile::make_spare(std::uint64_t segment) {
  const base::Result<Disk::FileId> file = disk_.open(segment_name(segment), false);
  if (!file) return file.error();
  const base::Result<std::uint64_t> size = disk_.size(file.value());
  base::Status status;
  if (!size) status = size.error();
  const bool is_usable = size.ok() && size.value() == options_.segment_bytes;
  if (is_usable) status = zero_from(file.value(), 0);
  if (status && is_usable) status = disk_.sync(file.value());
  disk_.close(file.value());
  if (!status) return status.error();
  return is_usable;
}

base::Status LogFile::zero_from(Disk::FileId file, std::uint64_t from) {
  const base::Result<std::uint64_t> size = disk_.size(file);
  if (!size) return size.error();
  std::vector<std::byte> window;
  for (std::uint64_t at = from; at < size.value(); at += window.size()) {
    window.resize(std::min(kWindowBytes, size.value() - at));
    const base::Status read = disk_.read(file, at, window);
    if (!read) return read;
    if (is_zero(window)) continue;
    std::fill(window.begin(), window.end(), std::byte{0});
    const base::Status written = disk_.write(file, at, window);
    if (!written) return written;
  }
  return {};
}

}  // namespace okiagari::journal

#include "journal/log_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kWindowBytes = 1U << 20;
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 62;  // that counting will ever reach

}  // namespace

base::Status SegmentWindow::open(std::uint64_t segment) {
  close();
  const base::Result<Disk::FileId> file = disk_.open(segment_name(segment), false);
  if (!file) return file.error();
  file_ = file.value();
  is_open_ = true;
  const base::Result<std::uint64_t> size = disk_.size(file_);
  if (!size) return size.error();
  file_bytes_ = size.value();
  return {};
}

void SegmentWindow::close() {
  if (is_open_) disk_.close(file_);
  is_open_ = false;
  file_bytes_ = 0;
  buffer_bytes_ = 0;
}

base::Result<base::Bytes> SegmentWindow::view(std::uint64_t offset, std::uint64_t size) {
  ASSERT(offset + size <= file_bytes_, "{} + {} of {} bytes", offset, size, file_bytes_);
  if (offset < buffer_offset_ || offset + size > buffer_offset_ + buffer_bytes_) {
    const std::uint64_t ahead = std::min(std::max(size, kWindowBytes), file_bytes_ - offset);
    if (buffer_.size() < ahead) buffer_.resize(ahead);
    buffer_bytes_ = 0;
    const base::Status read = disk_.read(file_, offset, base::MutableBytes(buffer_).first(ahead));
    if (!read) return read.error();
    buffer_offset_ = offset;
    buffer_bytes_ = ahead;
  }
  return base::Bytes(buffer_).subspan(offset - buffer_offset_, size);
}

base::Error LogScan::damaged(std::uint64_t segment, std::uint64_t offset,
                             const std::string& what) const {
  return {fmt::format(
      "{}/{}: damaged at offset {}, behind entry {}: {}. This is no torn write: entries may be "
      "missing that this server has acknowledged. It must not start. Keep the folder for "
      "examination, give the server an empty one, and let it rejoin under a new storage identity: "
      "its peers hold the entries",
      disk_.where(), segment_name(segment), offset, last_index_, what)};
}

base::Result<std::unique_ptr<LogScan>> LogScan::open(Disk& disk,
                                                     const std::optional<Watermark>& watermark) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  std::vector<std::uint64_t> files;
  for (const std::string& name : names.value()) {
    if (const auto number = segment_number(name)) files.push_back(*number);
  }
  std::sort(files.begin(), files.end());
  std::unique_ptr<LogScan> scan(new LogScan(disk, std::move(files)));
  const base::Status found = scan->find_start(watermark);
  if (!found) return found.error();
  return scan;
}

base::Result<SegmentHeader> LogScan::read_header(std::uint64_t segment, Piece& piece) {
  const base::Result<Disk::FileId> file = disk_.open(segment_name(segment), false);
  if (!file) return file.error();
  std::array<std::byte, kSectorBytes> sector{};
  const base::Result<std::uint64_t> size = disk_.size(file.value());
  base::Status read;
  if (!size) read = size.error();
  if (read && size.value() >= kSectorBytes) read = disk_.read(file.value(), 0, sector);
  disk_.close(file.value());
  if (!read) return read.error();
  SegmentHeader header;
  piece = parse(sector, header);
  if (piece == Piece::valid && header.version != kLogVersion) {
    return base::Error{fmt::format(
        "{}/{}: written in version {} of the format; this program knows version {}. Start the "
        "version of the program that wrote it, or a newer one",
        disk_.where(), segment_name(segment), header.version, kLogVersion)};
  }
  return header;
}

base::Status LogScan::find_start(const std::optional<Watermark>& watermark) {
  std::uint64_t first = watermark ? watermark->first_segment : 0;
  if (!watermark && !files_.empty()) first = files_.front();
  if (first == 0) return {};  // the log was not begun
  // The newest restart holds: what is before it was replaced by a snapshot, and only waits to be
  // removed.
  SegmentHeader start;
  Piece piece = Piece::zero;
  bool is_found = false;
  for (const std::uint64_t number : files_) {
    if (number < first) continue;
    Piece at = Piece::zero;
    const base::Result<SegmentHeader> header = read_header(number, at);
    if (!header) return header.error();
    const bool restarts = at == Piece::valid && (header.value().flags & kSegmentRestarts) != 0 &&
                          (!watermark || header.value().log_id == watermark->log_id);
    if (number != first && !restarts) continue;
    start = header.value();
    piece = at;
    first = number;
    is_found = true;
  }
  log_id_ = watermark ? watermark->log_id : start.log_id;
  if (!is_found) return damaged(first, 0, "the file is missing, and the log begins with it");
  if (piece != Piece::valid) return damaged(first, 0, "the header of the first segment is broken");
  if (start.log_id != log_id_ || start.number != first) {
    return damaged(first, 0, "the file belongs to another log");
  }
  if (start.first_group == 0 || start.first_group > kNumberMax || start.base_index > kNumberMax) {
    return damaged(first, 0, "the header holds impossible numbers");
  }
  last_index_ = start.base_index;
  last_group_ = start.first_group - 1;
  return enter(start);
}

base::Status LogScan::enter(const SegmentHeader& header) {
  const base::Status opened = window_.open(header.number);
  if (!opened) return opened;
  const std::uint64_t file_bytes = window_.file_bytes();
  if (file_bytes != header.segment_bytes || file_bytes % kSectorBytes != 0) {
    return damaged(
        header.number, file_bytes,
        fmt::format("the file has {} bytes instead of {}", file_bytes, header.segment_bytes));
  }
  used_.push_back(
      {header.number, file_bytes, header.base_index, header.base_term, header.base_chain});
  offset_ = kSectorBytes;
  return {};
}

base::Result<bool> LogScan::next(ScannedRecord& record) {
  if (content_.empty()) {
    const base::Result<bool> group = next_group();
    if (!group || !group.value()) return group;
  }
  const std::uint64_t segment = used_.back().number;
  const std::optional<Record> parsed = parse_record(content_);
  if (!parsed) return damaged(segment, content_offset_, "a record is malformed");
  const base::Status checked = check_record(parsed->header);
  if (!checked) return checked.error();
  record = {*parsed, segment, content_offset_};
  const std::uint64_t size = record_bytes(parsed->header.payload_bytes);
  content_ = content_.subspan(size);
  content_offset_ += size;
  last_index_ = parsed->header.index;
  return true;
}

base::Status LogScan::check_record(const RecordHeader& header) {
  const bool is_in_order =
      header.index > used_.front().base_index && header.index <= last_index_ + 1;
  if (is_in_order && header.type >= 1 && header.type <= 3) return {};
  return damaged(
      used_.back().number, content_offset_,
      fmt::format("a record for entry {} of type {} cannot follow", header.index, header.type));
}

base::Result<bool> LogScan::next_group() {
  if (used_.empty() || end_.segment != 0) return false;
  while (true) {
    const base::Result<bool> taken = take_group();
    if (!taken || taken.value()) return taken;
    const base::Result<bool> entered = enter_next_segment();
    if (!entered) return entered;
    if (entered.value()) continue;
    const base::Status concluded = conclude();
    if (!concluded) return concluded.error();
    return false;
  }
}

base::Result<bool> LogScan::take_group() {
  broken_until_ = 0;
  const std::uint64_t segment = used_.back().number;
  if (offset_ + kSectorBytes > window_.file_bytes()) return false;
  const base::Result<base::Bytes> sector = window_.view(offset_, kSectorBytes);
  if (!sector) return sector.error();
  GroupHeader header;
  if (parse(sector.value(), header) != Piece::valid || header.log_id != log_id_) return false;
  if (header.number != last_group_ + 1) return false;
  const std::uint64_t size = group_bytes(header.content_bytes);
  if (header.version != kLogVersion || size > window_.file_bytes() - offset_) {
    return damaged(segment, offset_, "a group of an unknown version or an impossible size");
  }
  const base::Result<base::Bytes> group = window_.view(offset_, size);
  if (!group) return group.error();
  const base::Bytes content = group.value().subspan(sizeof header, header.content_bytes);
  if (base::crc32c(content) != header.content_crc) {
    broken_until_ = offset_ + size;
    return false;
  }
  const base::Status checked = check_group(header);
  if (!checked) return checked.error();
  content_ = content;
  content_offset_ = offset_ + sizeof header;
  offset_ += size;
  last_group_ = header.number;
  return true;
}

base::Status LogScan::check_group(const GroupHeader& header) const {
  if (header.content_bytes > 0 && header.previous_index == last_index_) return {};
  return damaged(used_.back().number, offset_,
                 fmt::format("group {} of {} bytes says that it follows entry {}", header.number,
                             header.content_bytes, header.previous_index));
}

base::Result<bool> LogScan::enter_next_segment() {
  const std::uint64_t next = used_.back().number + 1;
  if (!std::binary_search(files_.begin(), files_.end(), next)) return false;
  Piece piece = Piece::zero;
  const base::Result<SegmentHeader> header = read_header(next, piece);
  if (!header) return header.error();
  const bool follows =
      piece == Piece::valid && header.value().log_id == log_id_ && header.value().number == next &&
      header.value().first_group == last_group_ + 1 && header.value().base_index == last_index_;
  if (!follows) return false;
  const base::Status entered = enter(header.value());
  if (!entered) return entered.error();
  return true;
}

// Everything from the present place on, in this and all later files, says what the end is.
base::Status LogScan::conclude() {
  const std::uint64_t segment = used_.back().number;
  end_.segment = segment;
  end_.offset = offset_;
  end_.last_group = last_group_;
  end_.last_index = last_index_;
  // Until a sector is found that did not arrive.
  end_.is_ambiguous = broken_until_ != 0;
  base::Status status = judge_tail_of(segment, offset_);
  for (const std::uint64_t number : files_) {
    if (!status) return status;
    if (number <= segment) continue;
    status = window_.open(number);
    if (status) status = judge_tail_of(number, 0);
  }
  end_.is_torn = end_.dirty_bytes > 0;
  return status;
}

base::Status LogScan::judge_tail_of(std::uint64_t segment, std::uint64_t from) {
  const std::uint64_t whole = window_.file_bytes() / kSectorBytes * kSectorBytes;
  for (std::uint64_t at = from, size = 0; at < whole; at += size) {
    size = std::min(kWindowBytes, whole - at);
    const base::Result<base::Bytes> piece = window_.view(at, size);
    if (!piece) return piece.error();
    if (is_zero(piece.value())) {
      if (is_in_broken_group(segment, at)) end_.is_ambiguous = false;
      continue;
    }
    for (std::uint64_t inside = 0; inside < size; inside += kSectorBytes) {
      const base::Status judged =
          judge_sector(segment, at + inside, piece.value().subspan(inside, kSectorBytes));
      if (!judged) return judged;
    }
  }
  return {};
}

bool LogScan::is_in_broken_group(std::uint64_t segment, std::uint64_t offset) const {
  return segment == end_.segment && offset < broken_until_;
}

base::Status LogScan::judge_sector(std::uint64_t segment, std::uint64_t offset,
                                   base::Bytes sector) {
  const bool is_inside = is_in_broken_group(segment, offset);
  if (is_zero(sector)) {
    // It did not arrive: the group is torn, and its sync never returned.
    if (is_inside) end_.is_ambiguous = false;
    return {};
  }
  end_.dirty_bytes += kSectorBytes;
  const base::Status later = judge_later(segment, offset, sector);
  if (!later) return later;
  if (broken_until_ != 0 && !is_inside) {
    return damaged(end_.segment, end_.offset,
                   fmt::format("group {} is broken, but something was written behind it, in {} at "
                               "offset {}",
                               last_group_ + 1, segment_name(segment), offset));
  }
  // A sector arrives whole or not at all. One that begins a group or a segment and is neither zero
  // nor valid was changed afterwards.
  const bool begins_group = segment == end_.segment && offset == end_.offset;
  const bool begins_segment = segment == end_.segment + 1 && offset == 0;
  SegmentHeader header;
  if ((begins_group && broken_until_ == 0) ||
      (begins_segment && parse(sector, header) != Piece::valid)) {
    end_.is_ambiguous = true;
  }
  return {};
}

base::Status LogScan::judge_later(std::uint64_t segment, std::uint64_t offset,
                                  base::Bytes sector) const {
  GroupHeader group;
  SegmentHeader header;
  std::string what;
  if (parse(sector, group) == Piece::valid && group.log_id == log_id_ &&
      group.number != last_group_ + 1) {
    what =
        fmt::format("group {} is in {} at offset {}", group.number, segment_name(segment), offset);
  } else if (offset == 0 && parse(sector, header) == Piece::valid && header.log_id == log_id_) {
    what = fmt::format("{} begins with group {} behind entry {}", segment_name(segment),
                       header.first_group, header.base_index);
  } else {
    return {};
  }
  const std::uint64_t next = end_.segment + 1;
  const bool has_next = std::binary_search(files_.begin(), files_.end(), next);
  const std::string lost = has_next ? "" : segment_name(next) + " is missing, ";
  return damaged(
      end_.segment, end_.offset,
      fmt::format("{}group {} is broken or missing, but {}", lost, last_group_ + 1, what));
}

}  // namespace okiagari::journal

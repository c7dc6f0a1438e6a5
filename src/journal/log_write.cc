// How the log reaches the disk: groups, segments, the point it begins at, the watermark.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"
#include "journal/log_file.h"
#include "journal/segment.h"

namespace okiagari::journal {

base::Status LogFile::sync() {
  const base::Status ended = end_sync(true);
  if (!ended) return ended;
  if (!dirty()) return {};
  const std::uint64_t segment_before = segments_.back().number;
  const base::Status written = write_groups();
  if (!written) return written;
  clear_pending();
  synced_index_ = last_index();
  shrink_cache();
  // That the last segment is missing shows in the watermark alone: it may not lag behind a whole
  // one.
  if (segments_.back().number != segment_before) return mark(synced_index_, synced_group_);
  return {};
}

// What begins a segment is waited for: it costs more than one sync, and is rare.
base::Status LogFile::begin_sync() {
  ASSERT(dirty() && !is_syncing_, "{} records to sync, while a sync is {}", pending_records_.size(),
         is_syncing_ ? "under way" : "not");
  const std::size_t count = pending_records_.size();
  if (group_bytes(content_bytes(0, count)) > segments_.back().file_bytes - offset_) return sync();
  const base::Status written = write_group(0, count);
  if (!written) return written;
  clear_pending();
  is_syncing_ = true;
  syncing_through_ = last_index();
  disk_.start_sync(file_);
  return {};
}

base::Status LogFile::end_sync(bool wait) {
  if (!is_syncing_) return {};
  const std::optional<base::Status> ended = disk_.finished_sync(wait);
  if (!ended) return {};
  if (!*ended) return *ended;
  is_syncing_ = false;
  synced_group_ = last_group_;
  synced_index_ = syncing_through_;
  shrink_cache();
  return {};
}

void LogFile::clear_pending() {
  pending_.resize(kPendingPrefixBytes);
  pending_records_.clear();
}

std::uint64_t LogFile::content_bytes(std::size_t begin, std::size_t end) const {
  const std::size_t to =
      end < pending_records_.size() ? pending_records_[end].offset : pending_.size();
  return to - pending_records_[begin].offset;
}

// One group, unless what is pending is larger than a segment. A group that does not fit the rest of
// its segment begins the next one; that rest stays zero.
base::Status LogFile::write_groups() {
  const std::size_t count = pending_records_.size();
  for (std::size_t begin = 0; begin < count;) {
    const std::uint64_t room = segments_.back().file_bytes - offset_;
    std::size_t end = count;
    const bool fits = group_bytes(content_bytes(begin, end)) <= room;
    const bool can_split = group_bytes(content_bytes(begin, begin + 1)) <= room;
    if (!fits && (offset_ > kSectorBytes || !can_split)) {
      const base::Status started = start_segment();
      if (!started) return started;
      continue;
    }
    while (group_bytes(content_bytes(begin, end)) > room) --end;
    base::Status status = write_group(begin, end);
    if (status) status = disk_.sync(file_);
    if (!status) return status;
    synced_group_ = last_group_;
    begin = end;
  }
  return {};
}

base::Status LogFile::write_group(std::size_t begin, std::size_t end) {
  const std::uint64_t content = content_bytes(begin, end);
  const std::uint64_t size = group_bytes(content);
  RecordHeader last;
  std::memcpy(&last, pending_.data() + pending_records_[end - 1].offset, sizeof last);
  const bool is_whole = begin == 0 && end == pending_records_.size();
  if (!is_whole) {
    part_.resize(kPendingPrefixBytes + content);
    std::memcpy(part_.data() + kPendingPrefixBytes,
                pending_.data() + pending_records_[begin].offset, content);
  }
  std::vector<std::byte>& buffer = is_whole ? pending_ : part_;
  buffer.resize(kSectorBytes + size);  // the padding is zero: both begin without it

  GroupHeader header;
  header.record_count = static_cast<std::uint32_t>(end - begin);
  header.log_id = watermark_.current().log_id;
  header.number = last_group_ + 1;
  header.previous_index = written_.index;
  header.first_index = pending_records_[begin].index;
  header.last_index = last.index;
  header.content_bytes = static_cast<std::uint32_t>(content);
  seal(header, base::MutableBytes(buffer).subspan(kSectorBytes));

  base::Bytes bytes = base::Bytes(buffer).subspan(kSectorBytes);
  std::uint64_t at = offset_;
  if (header_is_due_) {
    std::fill_n(buffer.begin(), kSectorBytes, std::byte{0});
    seal(segment_header(0), buffer);
    bytes = buffer;
    at = 0;
  }
  const base::Status written = disk_.write(file_, at, bytes);
  if (!written) return written;
  place_records(begin, end, offset_ + sizeof header);
  header_is_due_ = false;
  offset_ += size;
  ++last_group_;
  written_ = {last.index, last.term, last.chain};
  return {};
}

// A record may have been truncated by a later one of the same sync: then its entry has another
// position.
void LogFile::place_records(std::size_t begin, std::size_t end, std::uint64_t content_offset) {
  const std::uint32_t first_offset = pending_records_[begin].offset;
  for (std::size_t i = begin; i < end; ++i) {
    const PendingRecord& record = pending_records_[i];
    if (record.index > last_index()) continue;
    Position& at = positions_[record.index - first_index()];
    if (at.segment != 0 || at.offset != record.offset) continue;
    at.segment = static_cast<std::uint32_t>(segments_.back().number);
    at.offset = static_cast<std::uint32_t>(content_offset + record.offset - first_offset);
  }
}

base::Status LogFile::start_segment() {
  const base::Result<SegmentSupply::Segment> next = supply_->take();
  if (!next) return next.error();
  ASSERT(next.value().number <= UINT32_MAX, "segment {}", next.value().number);
  if (file_ >= 0) disk_.close(file_);
  file_ = next.value().file;
  segments_.push_back(
      {next.value().number, options_.segment_bytes, written_.index, written_.term, written_.chain});
  offset_ = kSectorBytes;
  header_is_due_ = true;
  return {};
}

SegmentHeader LogFile::segment_header(std::uint32_t flags) const {
  SegmentHeader header;
  header.flags = flags;
  header.log_id = watermark_.current().log_id;
  header.number = segments_.back().number;
  header.segment_bytes = segments_.back().file_bytes;
  header.first_group = last_group_ + 1;
  header.base_index = segments_.back().base_index;
  header.base_term = segments_.back().base_term;
  header.base_chain = segments_.back().base_chain;
  return header;
}

// For a segment whose header says something even without a group in it.
base::Status LogFile::write_segment_header(std::uint32_t flags) {
  std::array<std::byte, kSectorBytes> sector{};
  seal(segment_header(flags), sector);
  const base::Status written = disk_.write(file_, 0, sector);
  if (!written) return written;
  header_is_due_ = false;
  return disk_.sync(file_);
}

base::Status LogFile::begin() {
  supply_ = std::make_unique<SegmentSupply>(disk_, options_, 1, 0);
  base::Status status = start_segment();
  if (status) status = write_segment_header(0);
  if (!status) return status;
  Watermark watermark = watermark_.current();
  watermark.first_segment = segments_.back().number;
  return watermark_.store(watermark);
}

// The log can begin with a segment when nothing in it or behind it reaches back over its beginning.
// It does after a truncation: then the entry before the beginning is of the branch that was given
// up.
bool LogFile::begins_cleanly(std::size_t segment) const {
  const SegmentInfo& info = segments_[segment];
  if (info.base_index == start_.index) return true;
  if (info.base_index < start_.index || info.base_index > last_index()) return false;
  const Position& before = position(info.base_index);
  return before.segment != 0 && before.segment < info.number;
}

base::Status LogFile::drop_up_to(Index index) {
  std::size_t first = segments_.size() - 1;
  while (first > 0 && (segments_[first].base_index > index || !begins_cleanly(first))) --first;
  if (first == 0) return {};
  Watermark watermark = watermark_.current();
  watermark.first_segment = segments_[first].number;
  // From here on the older files are leftovers, whichever of them a crash brings back.
  const base::Status stored = watermark_.store(watermark);
  if (!stored) return stored;

  const SegmentInfo& info = segments_[first];
  while (start_.index < info.base_index) {
    if (cache_.size() == positions_.size()) forget_oldest_payload();
    positions_.pop_front();
    ++start_.index;
  }
  start_ = {info.base_index, info.base_term, info.base_chain};
  reader_.forget();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < first; ++i) names.push_back(segment_name(segments_[i].number));
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first));
  supply_->discard(std::move(names));
  return {};
}

// The header of the new segment is one sector: with it on disk the log begins anew, without it the
// old one is still there. Either is right, as the snapshot is durable before.
base::Status LogFile::restart_after(Index index, Term term, const base::Digest& chain) {
  base::Status status = end_sync(true);
  if (!status) return status;
  clear_pending();
  positions_.clear();
  cache_.clear();
  cached_bytes_ = 0;
  reader_.forget();
  start_ = {index, term, chain};
  written_ = start_;
  last_chain_ = chain;
  synced_index_ = index;

  status = start_segment();
  if (status) status = write_segment_header(kSegmentRestarts);
  if (!status) return status;
  Watermark watermark = watermark_.current();
  watermark.first_segment = segments_.back().number;
  watermark.index = index;
  vouched_index_ = index;
  status = watermark_.store(watermark);
  if (!status) return status;
  std::vector<std::string> names;
  for (const SegmentInfo& info : segments_) names.push_back(segment_name(info.number));
  names.pop_back();
  segments_.erase(segments_.begin(), segments_.end() - 1);
  supply_->discard(std::move(names));
  return {};
}

base::Status LogFile::raise_watermark(Index index) {
  index = std::min(index, synced_index_);
  return index <= vouched_index_ ? base::Status() : mark(index, synced_group_);
}

base::Status LogFile::mark(Index index, std::uint64_t group) {
  Watermark watermark = watermark_.current();
  watermark.index = index;
  watermark.group = std::max(watermark.group, group);
  vouched_index_ = index;
  return watermark_.store(watermark);
}

std::uint64_t LogFile::bytes_on_disk() const {
  std::uint64_t bytes = offset_;
  for (const SegmentInfo& info : segments_) bytes += info.file_bytes;
  return bytes - segments_.back().file_bytes;
}

}  // namespace okiagari::journal

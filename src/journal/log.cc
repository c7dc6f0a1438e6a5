#include "journal/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "journal/log_file.h"

namespace okiagari::journal {
namespace {

// What an entry in the cache costs beside its payload.
constexpr std::uint64_t kCachedEntryBytes = 64;

}  // namespace

LogFile::LogFile(Disk& disk, const LogOptions& options, WatermarkFile watermark)
    : disk_(disk), options_(options), watermark_(std::move(watermark)), reader_(disk) {
  pending_.resize(kPendingPrefixBytes);
}

LogFile::~LogFile() {
  if (is_syncing_) static_cast<void>(disk_.finished_sync(true));
  if (file_ >= 0) disk_.close(file_);
}

const LogFile::Position& LogFile::position(Index index) const {
  ASSERT(index > start_.index && index <= last_index(), "entry {} of {} to {}", index,
         first_index(), last_index());
  return positions_[index - first_index()];
}

const LogFile::Cached* LogFile::cached(Index index) const {
  const std::uint64_t from_end = last_index() - index + 1;
  return from_end <= cache_.size() ? &cache_[cache_.size() - from_end] : nullptr;
}

Term LogFile::term_at(Index index) const {
  if (index == start_.index) return start_.term;
  if (index < start_.index || index > last_index()) return 0;
  return position(index).term;
}

EntryType LogFile::type_at(Index index) const { return position(index).type; }

base::Digest LogFile::chain_at(Index index) const {
  if (index == start_.index) return start_.chain;
  if (index == last_index()) return last_chain_;
  if (const Cached* entry = cached(index)) return entry->chain;
  const base::Result<Record> record = read_from_disk(index);
  ASSERT(record.ok(), "{}", record.error().message);
  return record.value().header.chain;
}

base::Result<Record> LogFile::read_from_disk(Index index) const {
  const Position& at = position(index);
  ASSERT(at.segment != 0, "entry {} is neither written nor in memory", index);
  const auto segment = std::find_if(segments_.begin(), segments_.end(),
                                    [&](const auto& info) { return info.number == at.segment; });
  ASSERT(segment != segments_.end(), "entry {} is in segment {}, which is gone", index, at.segment);
  const bool is_last = segment == segments_.end() - 1;
  base::Result<Record> record = reader_.read(at.segment, at.offset, at.payload_bytes,
                                             is_last ? offset_ : segment->file_bytes);
  if (!record) return record;
  const RecordHeader& header = record.value().header;
  ASSERT(header.index == index && header.term == at.term,
         "entry {} of term {} is in the place of entry {} of term {}", header.index, header.term,
         index, at.term);
  return record;
}

base::Result<Entry> LogFile::read(Index index) {
  const Position& at = position(index);
  Entry entry;
  entry.index = index;
  entry.term = at.term;
  entry.type = at.type;
  if (const Cached* found = cached(index)) {
    entry.payload = base::Bytes(found->payload.get(), at.payload_bytes);
    entry.chain = found->chain;
    return entry;
  }
  const base::Result<Record> record = read_from_disk(index);
  if (!record) return record.error();
  entry.payload = record.value().payload;
  entry.chain = record.value().header.chain;
  return entry;
}

void LogFile::append(Index index, Term term, EntryType type, base::Bytes payload) {
  ASSERT(index > start_.index && index <= last_index() + 1, "entry {} cannot follow {} to {}",
         index, first_index(), last_index());
  ASSERT(kSectorBytes + group_bytes(record_bytes(payload.size())) <= options_.segment_bytes,
         "entry {} of {} bytes is too large for a segment of {}", index, payload.size(),
         options_.segment_bytes);
  if (index <= last_index()) truncate_after(index - 1);

  RecordHeader header;
  header.index = index;
  header.term = term;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.type = static_cast<std::uint8_t>(type);
  header.chain = chain_after(last_chain_, header, payload);
  header.crc = record_crc(header, payload);
  last_chain_ = header.chain;

  const std::size_t at = pending_.size();
  ASSERT(at + record_bytes(payload.size()) <= UINT32_MAX, "too much for one sync: {} bytes", at);
  pending_.resize(at + record_bytes(payload.size()));
  std::memcpy(pending_.data() + at, &header, sizeof header);
  Cached entry{std::make_unique_for_overwrite<std::byte[]>(payload.size()), header.chain};
  if (!payload.empty()) {
    std::memcpy(pending_.data() + at + sizeof header, payload.data(), payload.size());
    std::memcpy(entry.payload.get(), payload.data(), payload.size());
  }
  const auto offset = static_cast<std::uint32_t>(at);
  pending_records_.push_back({index, offset});
  positions_.push_back({term, 0, offset, header.payload_bytes, type});
  cache(std::move(entry), payload.size());
}

void LogFile::truncate_after(Index index) {
  last_chain_ = chain_at(index);
  while (last_index() > index) {
    if (!cache_.empty()) {
      cached_bytes_ -= positions_.back().payload_bytes + kCachedEntryBytes;
      cache_.pop_back();
    }
    positions_.pop_back();
  }
  synced_index_ = std::min(synced_index_, index);
  syncing_through_ = std::min(syncing_through_, index);
  vouched_index_ = std::min(vouched_index_, index);
}

void LogFile::cache(Cached entry, std::uint64_t payload_bytes) {
  cache_.push_back(std::move(entry));
  cached_bytes_ += payload_bytes + kCachedEntryBytes;
  shrink_cache();
}

// What is not written yet is always in memory, whatever the limit.
void LogFile::shrink_cache() {
  while (cached_bytes_ > options_.cache_bytes && !cache_.empty()) {
    const Index oldest = last_index() - cache_.size() + 1;
    if (position(oldest).segment == 0) return;
    forget_oldest_payload();
  }
}

void LogFile::forget_oldest_payload() {
  const Index oldest = last_index() - cache_.size() + 1;
  cached_bytes_ -= position(oldest).payload_bytes + kCachedEntryBytes;
  cache_.pop_front();
}

}  // namespace okiagari::journal

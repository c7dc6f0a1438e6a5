// The one implementation of Log; log.h says what it promises, docs/formats/log.md what it writes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "journal/disk.h"
#include "journal/log.h"
#include "journal/log_format.h"
#include "journal/log_scan.h"
#include "journal/log_watermark.h"
#include "journal/segment_reader.h"
#include "journal/segment_supply.h"

namespace okiagari::journal {

class LogFile final : public Log {
 public:
  LogFile(Disk& disk, const LogOptions& options, WatermarkFile watermark);
  ~LogFile() override;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Makes the first segment of a log that has none.
  base::Status begin();
  // Takes up what is on disk, and makes it durable and free of remains of a torn write.
  base::Status recover(LogFindings& findings);

  void append(Index index, Term term, EntryType type, base::Bytes payload) override;
  base::Status sync() override;
  [[nodiscard]] bool dirty() const override { return !pending_records_.empty(); }
  base::Status begin_sync() override;
  [[nodiscard]] bool is_syncing() const override { return is_syncing_; }
  base::Status end_sync(bool wait) override;

  [[nodiscard]] Index first_index() const override { return start_.index + 1; }
  [[nodiscard]] Index last_index() const override { return start_.index + positions_.size(); }
  [[nodiscard]] Index synced_index() const override { return synced_index_; }
  [[nodiscard]] Term term_at(Index index) const override;
  [[nodiscard]] EntryType type_at(Index index) const override;
  [[nodiscard]] base::Digest chain_at(Index index) const override;
  base::Result<Entry> read(Index index) override;

  base::Status drop_up_to(Index index) override;
  base::Status restart_after(Index index, Term term, const base::Digest& chain) override;

  base::Status raise_watermark(Index index) override;
  [[nodiscard]] Index watermark() const override { return vouched_index_; }

  [[nodiscard]] std::uint64_t bytes_on_disk() const override;

 private:
  // In front of the records in pending_, so that all headers leave with them in one write.
  static constexpr std::size_t kPendingPrefixBytes = kSectorBytes + sizeof(GroupHeader);

  struct Start {
    Index index = 0;
    Term term = 0;
    base::Digest chain{};
  };
  // Where an entry is; 24 bytes each, as all entries of the log have one in memory.
  struct Position {
    Term term = 0;
    std::uint32_t segment = 0;  // 0: not written yet
    std::uint32_t offset = 0;   // in the segment, or in pending_
    std::uint32_t payload_bytes = 0;
    EntryType type = EntryType::command;
  };
  struct Cached {
    std::unique_ptr<std::byte[]> payload;
    base::Digest chain{};
  };
  struct PendingRecord {
    Index index = 0;
    std::uint32_t offset = 0;  // in pending_
  };

  [[nodiscard]] const Position& position(Index index) const;
  // Of a payload in memory; null when it is only on disk.
  [[nodiscard]] const Cached* cached(Index index) const;
  base::Result<Record> read_from_disk(Index index) const;
  void truncate_after(Index index);
  void cache(Cached entry, std::uint64_t payload_bytes);
  void shrink_cache();
  void forget_oldest_payload();

  base::Status start_segment();
  base::Status write_groups();
  // Writes the records [begin, end) of pending_ as one group, which is not synced then.
  base::Status write_group(std::size_t begin, std::size_t end);
  [[nodiscard]] std::uint64_t content_bytes(std::size_t begin, std::size_t end) const;
  [[nodiscard]] SegmentHeader segment_header(std::uint32_t flags) const;
  void place_records(std::size_t begin, std::size_t end, std::uint64_t content_offset);
  void clear_pending();
  base::Status write_segment_header(std::uint32_t flags);
  base::Status mark(Index index, std::uint64_t group);
  [[nodiscard]] bool begins_cleanly(std::size_t segment) const;

  base::Status take_up(LogScan& scan);
  base::Status secure_found();
  // Leaves nothing of a torn write behind; `spares` segments are ready for use then.
  base::Status cut_tail(const LogScan& scan, std::uint32_t& spares);
  base::Result<bool> make_spare(std::uint64_t segment);
  base::Status zero_from(Disk::FileId file, std::uint64_t from);

  Disk& disk_;
  const LogOptions options_;
  WatermarkFile watermark_;
  std::unique_ptr<SegmentSupply> supply_;
  mutable SegmentReader reader_;

  Start start_;
  Index synced_index_ = 0;
  std::uint64_t synced_group_ = 0;
  bool is_syncing_ = false;    // the group written last, in the background
  Index syncing_through_ = 0;  // of its entries those that were not truncated since
  Start written_;              // last entry of the log as it is on disk
  base::Digest last_chain_{};
  // Up to here the durable watermark speaks of the entries that are in the log now. Below its index
  // when some were truncated and replaced since.
  Index vouched_index_ = 0;
  std::deque<Position> positions_;  // of first_index() and on
  std::deque<Cached> cache_;        // of the newest entries
  std::uint64_t cached_bytes_ = 0;

  std::deque<SegmentInfo> segments_;  // the last one is written to
  Disk::FileId file_ = -1;            // of the last one
  std::uint64_t offset_ = 0;          // of the next group in it
  bool header_is_due_ = false;        // the segment's header goes out with its first group
  std::uint64_t last_group_ = 0;

  // Room for a segment's header and a group's, then the records appended since the last sync.
  std::vector<std::byte> pending_;
  std::vector<PendingRecord> pending_records_;
  std::vector<std::byte> part_;  // of a group that had to be split
};

}  // namespace okiagari::journal

// The write-ahead log of one replica: entries (index, term, type, payload) in preallocated,
// zero-filled segments. What may exist after a crash, and what start-up concludes from it, is
// docs/formats/log.md.
//
// Entries are collected in memory by append() and become durable together by sync(): one sync
// group, with its own CRC, number, and the index that was durable before it. A bad group with a
// valid later group behind it is damage: open() refuses. A bad group at the end is a torn write and
// is cut off, unless the durable watermark says that the log had been longer: then open() says so
// and the replica may not vote. Truncation is a record with a lower index, never an overwrite.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "journal/disk.h"

namespace okiagari::journal {

using Index = std::uint64_t;  // of an entry of the log, from 1
using Term = std::uint64_t;

enum class EntryType : std::uint8_t { command = 1, barrier = 2, change = 3 };

struct LogOptions {
  std::uint64_t segment_bytes = 64u << 20;
  std::uint64_t cache_bytes = 64u << 20;  // newest payloads kept in memory for the links
  // Segments filled with zeros ahead of time. 0: each when needed, in the caller's thread
  // (simulator).
  std::uint32_t spare_segments = 1;
  // Files of dropped segments that wait to become new ones instead of being removed.
  std::uint32_t reused_segments = 0;
};

// What open() found besides a healthy log.
struct LogFindings {
  bool torn_tail = false;        // something half-written at the end was cut off
  bool below_watermark = false;  // the log is shorter than this server once reported: must not vote
  std::uint64_t dropped_bytes = 0;
};

struct Entry {
  Index index = 0;
  Term term = 0;
  EntryType type = EntryType::command;
  base::Bytes payload;   // valid until the next call that is not const
  base::Digest chain{};  // of everything up to and with this entry
};

class Log {
 public:
  // Opens the log of `disk`, or starts an empty one. An error is damage: file, offset, index,
  // remedy.
  static base::Result<std::unique_ptr<Log>> open(Disk& disk, const LogOptions& options,
                                                 LogFindings& findings);
  virtual ~Log() = default;

  // Adds an entry behind last_index(); an index at or below last_index() first truncates from
  // there. Not durable before sync(). The payload is copied.
  virtual void append(Index index, Term term, EntryType type, base::Bytes payload) = 0;
  // Writes what was appended as one sync group and makes it durable, and with it what is being
  // synced. An error is final for the process.
  virtual base::Status sync() = 0;
  [[nodiscard]] virtual bool dirty() const = 0;
  // The same while the caller goes on: begins to make durable what was appended so far. One at a
  // time: a later group may not reach the disk before an earlier one.
  virtual base::Status begin_sync() = 0;
  [[nodiscard]] virtual bool is_syncing() const = 0;
  // Takes note of its end, if it has ended; with `wait`, when it has.
  virtual base::Status end_sync(bool wait) = 0;

  // first_index() is 1 + what a snapshot replaced; last_index() < first_index() when empty.
  [[nodiscard]] virtual Index first_index() const = 0;
  [[nodiscard]] virtual Index last_index() const = 0;
  [[nodiscard]] virtual Index synced_index() const = 0;
  // Term of an entry from first_index()-1 on; 0 when unknown.
  [[nodiscard]] virtual Term term_at(Index index) const = 0;
  [[nodiscard]] virtual EntryType type_at(Index index) const = 0;
  [[nodiscard]] virtual base::Digest chain_at(Index index) const = 0;
  // From the cache, else from disk with its CRC checked again (a failure is damage).
  virtual base::Result<Entry> read(Index index) = 0;

  // Forgets entries up to `index` (whole segments go from the disk). A snapshot must hold them.
  virtual base::Status drop_up_to(Index index) = 0;
  // Empties the log so that it goes on after a snapshot installed from a peer.
  virtual base::Status restart_after(Index index, Term term, const base::Digest& chain) = 0;

  // Raises the durable watermark: the highest index this server told others it has stored. Written
  // lazily, in a file of its own; call it now and then, not per entry.
  virtual base::Status raise_watermark(Index index) = 0;
  // What the watermark vouches for; lower than it was once raised to when entries were truncated
  // since.
  [[nodiscard]] virtual Index watermark() const = 0;

  [[nodiscard]] virtual std::uint64_t bytes_on_disk() const = 0;
};

// Reads a cold log from the first to the last valid entry, checking every CRC and the chain: for
// verify and recovery. Damage is an error that names file, offset, index and remedy.
class LogReader {
 public:
  static base::Result<std::unique_ptr<LogReader>> open(Disk& disk);
  virtual ~LogReader() = default;
  // False at the end.
  virtual base::Result<bool> next(Entry& entry) = 0;
  // Index, term and chain the log continues from: of the snapshot before its first entry, else
  // zeros.
  [[nodiscard]] virtual Entry start() const = 0;
};

}  // namespace okiagari::journal

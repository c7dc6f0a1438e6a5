// Snapshots of the state machine on disk: one file each, named by the index it replaces, complete
// or not there (written under another name, synced, renamed, folder synced). Format:
// docs/formats/log.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "journal/disk.h"
#include "journal/log.h"

namespace okiagari::journal {

struct SnapshotInfo {
  Index index = 0;  // last entry it contains
  Term term = 0;    // of that entry
  base::Digest chain{};
  Index configuration_index = 0;
  std::vector<std::byte> configuration;  // encoded, as in a change entry
};

// Of the complete ones, ascending.
base::Result<std::vector<Index>> snapshot_indexes(Disk& disk);
// Whether somebody waits for a snapshot that is written, or for others of the disk.
enum class Haste : std::uint8_t { at_once, gently };
// Writes and makes durable. `state` is what the state machine wrote. Gently it takes several times
// as long, so not where an event loop would stand still for it.
base::Status store_snapshot(Disk& disk, const SnapshotInfo& info, base::Bytes state,
                            Haste haste = Haste::at_once);
// The newest complete one; info.index 0 when there is none. A damaged newest one is an error, with
// remedy.
base::Status load_newest_snapshot(Disk& disk, SnapshotInfo& info, std::vector<std::byte>& state);
base::Status load_snapshot(Disk& disk, Index index, SnapshotInfo& info,
                           std::vector<std::byte>& state);
// A snapshot read piece by piece, to be sent: a large one at once would keep the market waiting.
// The content is not checked here; whoever has all of it compares the digest. Stays readable when
// the file is dropped meanwhile.
class SnapshotReader {
 public:
  static base::Result<SnapshotReader> open(Disk& disk, Index index);
  SnapshotReader(SnapshotReader&& other) noexcept;
  SnapshotReader& operator=(SnapshotReader&& other) = delete;
  ~SnapshotReader();

  [[nodiscard]] const SnapshotInfo& info() const { return info_; }
  [[nodiscard]] const base::Digest& content() const { return content_; }
  [[nodiscard]] std::uint64_t state_bytes() const { return state_bytes_; }
  // Of the state, exactly into.size() bytes.
  base::Status read(std::uint64_t offset, base::MutableBytes into);

 private:
  SnapshotReader(Disk& disk, Disk::FileId file) : disk_(&disk), file_(file) {}

  Disk* disk_;  // null after a move
  Disk::FileId file_;
  SnapshotInfo info_;
  base::Digest content_{};
  std::uint64_t state_offset_ = 0;
  std::uint64_t state_bytes_ = 0;
};
// What a snapshot's file and its reader call `content`.
[[nodiscard]] base::Digest snapshot_digest(base::Bytes configuration, base::Bytes state);

// Drops all but the newest `keep`. The newest that is dropped is written over by the next one that
// is stored: freed, a hundred megabytes can keep every sync of that disk waiting for a tenth of a
// second and more. Not one of `read`, which somebody is reading: its file goes when they close it.
base::Status drop_old_snapshots(Disk& disk, std::size_t keep, std::span<const Index> read);

}  // namespace okiagari::journal

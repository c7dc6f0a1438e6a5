// What the journal needs of a disk: one folder of files, reads, writes, syncs. The real one is
// PosixDisk; the simulator's loses any subset of the sectors that were not synced, fills up, and
// damages records. Every error is a value; after a failed write or sync the replica must end (it
// may not try again: the kernel may have dropped the pages).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace okiagari::journal {

class Disk {
 public:
  using FileId = int;

  virtual ~Disk() = default;

  // Opens for reading and writing; with `create` an absent file is made (empty).
  virtual base::Result<FileId> open(const std::string& name, bool create) = 0;
  virtual void close(FileId file) = 0;
  virtual base::Result<std::uint64_t> size(FileId file) = 0;
  virtual base::Status write(FileId file, std::uint64_t offset, base::Bytes bytes) = 0;
  // For much that nobody waits for: writes it and makes it durable piece by piece, and leaves the
  // disk to others for most of the time. A disk without others writes it at once; either way the
  // file is to be synced at the end.
  virtual base::Status write_gently(FileId file, std::uint64_t offset, base::Bytes bytes) {
    return write(file, offset, bytes);
  }
  // Reads exactly into.size() bytes, or fails.
  virtual base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) = 0;
  // Makes the file's data durable (fdatasync). This is the only promise of durability there is.
  virtual base::Status sync(FileId file) = 0;
  // The same while the caller goes on; one at a time, and the file stays open until it is finished.
  // A disk without the means does it at once.
  virtual void start_sync(FileId file) { finished_sync_ = sync(file); }
  // How it ended, once; nothing while it is under way, unless `wait`, which waits for it.
  virtual std::optional<base::Status> finished_sync(bool wait) {
    static_cast<void>(wait);
    return std::exchange(finished_sync_, std::nullopt);
  }
  // Grows the file to `size` with zeros that are really on disk, so that later writes inside need
  // no metadata and cannot find the disk full.
  virtual base::Status allocate(FileId file, std::uint64_t size) = 0;
  virtual base::Status truncate(FileId file, std::uint64_t size) = 0;
  virtual base::Status rename(const std::string& from, const std::string& to) = 0;
  virtual base::Status remove(const std::string& name) = 0;
  // Makes creations, renames and removals durable.
  virtual base::Status sync_directory() = 0;
  virtual base::Result<std::vector<std::string>> list() = 0;
  virtual base::Result<std::uint64_t> free_bytes() = 0;
  // The folder as a person would name it, for messages.
  [[nodiscard]] virtual std::string where() const = 0;

 private:
  std::optional<base::Status> finished_sync_;
};

}  // namespace okiagari::journal

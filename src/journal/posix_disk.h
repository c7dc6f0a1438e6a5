// A folder of the file system as the journal's disk. Safe to use from two threads at once on
// different files: the log's helper thread fills segments ahead while the replica's thread writes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/background_sync.h"
#include "journal/disk.h"
#include "net/metric_histogram.h"

namespace okiagari::journal {

class PosixDisk final : public Disk {
 public:
  // With `create` an absent folder is made, with its parents.
  static base::Result<std::unique_ptr<PosixDisk>> open_folder(const std::string& folder,
                                                              bool create);
  ~PosixDisk() override;
  PosixDisk(const PosixDisk&) = delete;
  PosixDisk& operator=(const PosixDisk&) = delete;

  // Claims the folder for this process until it ends, so that two servers are never started on one
  // folder. Readers of cold files need no claim.
  base::Status claim();

  // Falls back to reading only where the file may not be written: a cold log can be verified by
  // somebody who may not change it.
  base::Result<FileId> open(const std::string& name, bool create) override;
  void close(FileId file) override;
  base::Result<std::uint64_t> size(FileId file) override;
  base::Status write(FileId file, std::uint64_t offset, base::Bytes bytes) override;
  // Blocks for about six times as long as write() and sync() would.
  base::Status write_gently(FileId file, std::uint64_t offset, base::Bytes bytes) override;
  base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) override;
  base::Status sync(FileId file) override;
  void start_sync(FileId file) override;
  std::optional<base::Status> finished_sync(bool wait) override;
  // Can be read when a sync that was started has finished.
  [[nodiscard]] int sync_event_descriptor() const { return background_sync_.event_descriptor(); }
  // Of the syncs that were started and have finished.
  [[nodiscard]] const net::MetricHistogram& sync_times() const { return sync_times_; }
  base::Status allocate(FileId file, std::uint64_t size) override;
  base::Status truncate(FileId file, std::uint64_t size) override;
  base::Status rename(const std::string& from, const std::string& to) override;
  base::Status remove(const std::string& name) override;
  base::Status sync_directory() override;
  base::Result<std::vector<std::string>> list() override;
  base::Result<std::uint64_t> free_bytes() override;
  [[nodiscard]] std::string where() const override { return folder_; }

 private:
  PosixDisk(std::string folder, int folder_handle)
      : folder_(std::move(folder)), folder_handle_(folder_handle) {}

  [[nodiscard]] base::Error failed(FileId file, const std::string& operation, int error_number);
  base::Status write_zeros(FileId file, std::uint64_t from, std::uint64_t to);

  std::string folder_;
  int folder_handle_;
  int claim_handle_ = -1;
  BackgroundSync background_sync_;
  net::MetricHistogram sync_times_ = net::duration_histogram();
  FileId background_file_ = -1;
  std::mutex names_mutex_;
  std::unordered_map<FileId, std::string> names_;  // of open files, for messages
};

}  // namespace okiagari::journal

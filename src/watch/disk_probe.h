// How long a small synced write takes in a folder, measured all the time on a thread of its own: a
// disk that hangs must not hang who watches it. One thread, one write at a time; a write that never
// ends is told as one that goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace okiagari::watch {

class DiskProbe {
 public:
  struct Reading {
    std::uint64_t number = 0;  // of the last write that ended; 0: none has
    double took_ms = 0;        // that one
    std::string error;         // empty: it went well
    double under_way_ms = 0;   // the one that has not ended; 0: none
  };

  // Writes a file of 4 KiB named ".okiagari-disk-probe" in the folder, every interval.
  DiskProbe(std::string folder, std::uint64_t interval_ms);
  // A write that hangs in the kernel is left behind with its thread: nothing can end it.
  ~DiskProbe();
  DiskProbe(const DiskProbe&) = delete;
  DiskProbe& operator=(const DiskProbe&) = delete;

  [[nodiscard]] Reading reading() const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);

  std::string folder_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace okiagari::watch

// Makes the log's segment files: full size, zero-filled, durable, before the log needs them, so
// that starting one costs no metadata and meets no full disk. Filling 64 MiB at once would stall
// the syncs of the same disk; a helper thread does it in small pieces with pauses between. Dropped
// segments are filled with zeros and used again: a disk that is told of freed space may stand still
// for a tenth of a second each time. Without spares there is no thread: everything happens in the
// caller's, as the simulator needs it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "journal/disk.h"
#include "journal/log.h"

namespace okiagari::journal {

class SegmentSupply {
 public:
  struct Segment {
    std::uint64_t number = 0;
    Disk::FileId file = -1;
  };

  // `next_number` is that of the first segment to give; `present` of the files from there on exist
  // already, empty and durable.
  SegmentSupply(Disk& disk, const LogOptions& options, std::uint64_t next_number,
                std::uint32_t present);
  ~SegmentSupply();
  SegmentSupply(const SegmentSupply&) = delete;
  SegmentSupply& operator=(const SegmentSupply&) = delete;

  // The next segment, opened; the file is the caller's to close. Waits when the helper is behind.
  base::Result<Segment> take();
  // Of files that the log no longer counts on: keeps as many as may be for later segments and
  // removes the others, sooner or later; after a crash any may still be there.
  void discard(std::vector<std::string> names);

 private:
  void help();
  // Waits for work. False: the end.
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void pause();
  [[nodiscard]] bool wants_segment() const {
    return !failure_.has_value() && ready_ < options_.spare_segments;
  }
  // Of a used file, when `used` names one.
  base::Status make(std::uint64_t number, const std::string& used, std::uint64_t piece_bytes);
  // Every byte of `name` is zero and durable then. It may be longer, or shorter, before.
  base::Status fill(const std::string& name, std::uint64_t piece_bytes);
  // False: it was removed.
  bool set_aside(const std::string& name, bool may_keep);
  [[nodiscard]] bool may_keep() const { return used_.size() < options_.reused_segments; }
  std::string take_used();  // empty when there is none

  Disk& disk_;
  const LogOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_number_;  // to give
  std::uint32_t ready_;        // files from there on
  bool is_waited_for_ = false;
  bool is_ending_ = false;
  std::optional<base::Error> failure_;  // of the helper; the caller then tries itself
  std::deque<std::string> discarded_;
  std::vector<std::string> used_;  // names of files to be used again
  std::thread helper_;
};

}  // namespace okiagari::journal

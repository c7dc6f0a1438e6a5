#include "journal/segment_supply.h"

#include <algorithm>
#include <chrono>

#include "journal/segment.h"

namespace okiagari::journal {
namespace {

// A piece takes the disk about a millisecond; with the pause a segment of 64 MiB is ready in a
// third of a second, while the log fills one in half a second at its fastest.
constexpr std::uint64_t kPieceBytes = 1U << 20;
constexpr std::chrono::milliseconds kPause{4};

}  // namespace

SegmentSupply::SegmentSupply(Disk& disk, std::uint64_t segment_bytes, std::uint32_t spare_segments,
                             std::uint64_t next_number, std::uint32_t present)
    : disk_(disk),
      segment_bytes_(segment_bytes),
      spare_segments_(spare_segments),
      next_number_(next_number),
      ready_(present) {
  if (spare_segments_ > 0) helper_ = std::thread([this] { help(); });
}

SegmentSupply::~SegmentSupply() {
  if (!helper_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  helper_.join();
}

base::Result<SegmentSupply::Segment> SegmentSupply::take() {
  std::unique_lock lock(mutex_);
  if (helper_.joinable()) {
    is_waited_for_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return ready_ > 0 || failure_.has_value(); });
    is_waited_for_ = false;
  }
  const std::uint64_t number = next_number_;
  if (ready_ == 0) {
    // The helper rests while there is a failure, so the file is ours to make. There may be room by
    // now.
    const base::Status made = make(number, segment_bytes_);
    if (!made) return made.error();
    ready_ = 1;
  }
  const base::Result<Disk::FileId> file = disk_.open(segment_name(number), false);
  if (!file) return file.error();
  ++next_number_;
  --ready_;
  failure_.reset();
  lock.unlock();
  changed_.notify_all();
  return Segment{number, file.value()};
}

void SegmentSupply::discard(std::vector<std::string> names) {
  if (!helper_.joinable()) {
    // A file that cannot be removed now is removed when the log is next opened.
    for (const std::string& name : names) static_cast<void>(disk_.remove(name));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    discarded_.insert(discarded_.end(), names.begin(), names.end());
  }
  changed_.notify_all();
}

void SegmentSupply::help() {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock)) {
    if (wants_segment()) {
      const std::uint64_t number = next_number_ + ready_;
      lock.unlock();
      base::Status made = make(number, kPieceBytes);
      lock.lock();
      if (is_ending_) return;
      if (made) {
        ++ready_;
      } else {
        failure_ = made.error();
      }
      changed_.notify_all();
    } else {
      const std::string name = discarded_.front();
      discarded_.pop_front();
      lock.unlock();
      static_cast<void>(disk_.remove(name));
      lock.lock();
    }
  }
}

bool SegmentSupply::wait_for_work(std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [this] { return is_ending_ || wants_segment() || !discarded_.empty(); });
  return !is_ending_;
}

void SegmentSupply::pause() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return is_ending_ || is_waited_for_; });
}

base::Status SegmentSupply::make(std::uint64_t number, std::uint64_t piece_bytes) {
  const std::string name = segment_name(number);
  base::Status made = fill(name, piece_bytes);
  if (made) made = disk_.sync_directory();
  // What a full disk left half-made would keep the disk full.
  if (!made) static_cast<void>(disk_.remove(name));
  return made;
}

base::Status SegmentSupply::fill(const std::string& name, std::uint64_t piece_bytes) {
  const base::Result<Disk::FileId> file = disk_.open(name, true);
  if (!file) return file.error();
  base::Status filled;
  for (std::uint64_t size = 0; filled && size < segment_bytes_;) {
    size = std::min(size + piece_bytes, segment_bytes_);
    filled = disk_.allocate(file.value(), size);
    if (piece_bytes == segment_bytes_) continue;
    pause();
    const std::lock_guard lock(mutex_);
    if (is_ending_) filled = base::Error{"the process ends"};
  }
  disk_.close(file.value());
  return filled;
}

}  // namespace okiagari::journal

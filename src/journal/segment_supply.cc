#include "journal/segment_supply.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "journal/segment.h"

namespace okiagari::journal {
namespace {

// A piece takes the disk about a millisecond; with the pause a segment of 64 MiB is ready in a
// third of a second, while the log fills one in half a second at its fastest.
constexpr std::uint64_t kPieceBytes = 1U << 20;
constexpr std::chrono::milliseconds kPause{4};

}  // namespace

SegmentSupply::SegmentSupply(Disk& disk, const LogOptions& options, std::uint64_t next_number,
                             std::uint32_t present)
    : disk_(disk), options_(options), next_number_(next_number), ready_(present) {
  if (options_.spare_segments > 0) helper_ = std::thread([this] { help(); });
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
    const base::Status made = make(number, take_used(), options_.segment_bytes);
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
    for (const std::string& name : names) {
      if (set_aside(name, may_keep())) used_.push_back(name + std::string(kUsedSuffix));
    }
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
      const std::string used = take_used();
      lock.unlock();
      base::Status made = make(number, used, kPieceBytes);
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
      const bool is_wanted = may_keep();
      lock.unlock();
      const bool is_kept = set_aside(name, is_wanted);
      lock.lock();
      if (is_kept) used_.push_back(name + std::string(kUsedSuffix));
    }
  }
}

// A file that cannot be renamed or removed now is removed when the log is next opened.
bool SegmentSupply::set_aside(const std::string& name, bool may_keep) {
  if (may_keep && disk_.rename(name, name + std::string(kUsedSuffix))) return true;
  static_cast<void>(disk_.remove(name));
  return false;
}

std::string SegmentSupply::take_used() {
  if (used_.empty()) return {};
  std::string used = std::move(used_.back());
  used_.pop_back();
  return used;
}

bool SegmentSupply::wait_for_work(std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [this] { return is_ending_ || wants_segment() || !discarded_.empty(); });
  return !is_ending_;
}

void SegmentSupply::pause() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return is_ending_ || is_waited_for_; });
}

// A used file gets the name of a segment when all of it is zero. Before, a power cut may bring back
// its old name, with whatever it holds then: of a segment before the log's first, which nobody
// reads.
base::Status SegmentSupply::make(std::uint64_t number, const std::string& used,
                                 std::uint64_t piece_bytes) {
  const std::string name = segment_name(number);
  const std::string& filled = used.empty() ? name : used;
  base::Status made = fill(filled, piece_bytes);
  if (made && !used.empty()) made = disk_.rename(used, name);
  if (made) made = disk_.sync_directory();
  // What a full disk left half-made would keep the disk full.
  if (!made) static_cast<void>(disk_.remove(filled));
  return made;
}

base::Status SegmentSupply::fill(const std::string& name, std::uint64_t piece_bytes) {
  const base::Result<Disk::FileId> file = disk_.open(name, true);
  if (!file) return file.error();
  const base::Result<std::uint64_t> present = disk_.size(file.value());
  if (!present) {
    disk_.close(file.value());
    return present.error();
  }
  base::Status filled;
  const std::uint64_t segment_bytes = options_.segment_bytes;
  const std::uint64_t used_bytes = std::min(present.value(), segment_bytes);
  if (used_bytes < present.value()) filled = disk_.truncate(file.value(), segment_bytes);
  const std::vector<std::byte> zeros(std::min(piece_bytes, used_bytes));
  for (std::uint64_t end = 0; filled && end < segment_bytes;) {
    const std::uint64_t begin = end;
    end = std::min(end + piece_bytes, segment_bytes);
    if (begin < used_bytes) {
      const base::Bytes piece = base::Bytes(zeros).first(std::min(end, used_bytes) - begin);
      filled = disk_.write(file.value(), begin, piece);
    }
    if (filled) filled = disk_.allocate(file.value(), end);
    if (piece_bytes == segment_bytes) continue;
    pause();
    const std::lock_guard lock(mutex_);
    if (is_ending_) filled = base::Error{"the process ends"};
  }
  disk_.close(file.value());
  return filled;
}

}  // namespace okiagari::journal

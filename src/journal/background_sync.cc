#include "journal/background_sync.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/assert.h"
#include "net/loop.h"

namespace okiagari::journal {

BackgroundSync::BackgroundSync() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  ASSERT(event_ >= 0, "no descriptor for an event: errno {}", errno);
}

BackgroundSync::~BackgroundSync() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  ::close(event_);
}

void BackgroundSync::start(int file) {
  {
    const std::lock_guard lock(mutex_);
    ASSERT(!is_running_ && !result_, "a sync is under way, and one of file {} is begun", file);
    file_ = file;
    is_running_ = true;
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

std::optional<int> BackgroundSync::finished(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) changed_.wait(lock, [this] { return !is_running_; });
  if (!result_) return {};
  std::uint64_t count = 0;
  // Nothing else reads it, and it was written before the result was.
  const ssize_t got = ::read(event_, &count, sizeof count);
  ASSERT(got == sizeof count, "the event of a finished sync: errno {}", errno);
  last_duration_ns_ = duration_ns_;
  return std::exchange(result_, std::nullopt);
}

void BackgroundSync::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return file_ >= 0 || is_ending_; });
    if (file_ < 0) return;
    const int file = std::exchange(file_, -1);
    lock.unlock();
    const std::uint64_t begun_ns = net::Loop::now_ns();
    int error = 0;
    while (::fdatasync(file) != 0) {
      error = errno;
      if (error != EINTR) break;
      error = 0;
    }
    const std::uint64_t duration_ns = net::Loop::now_ns() - begun_ns;
    const std::uint64_t one = 1;
    lock.lock();
    const ssize_t written = ::write(event_, &one, sizeof one);
    ASSERT(written == sizeof one, "the event of a finished sync: errno {}", errno);
    result_ = error;
    duration_ns_ = duration_ns;
    is_running_ = false;
    changed_.notify_all();
  }
}

}  // namespace okiagari::journal

#include "watch/disk_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

#include "net/loop.h"

namespace okiagari::watch {

namespace {
constexpr std::size_t kBlockBytes = 4'096;
// How long a write may take at the end before its thread is left behind.
constexpr std::chrono::milliseconds kFarewell(500);

// Empty when it went well.
std::string write_once(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return std::strerror(errno);
  std::array<char, kBlockBytes> block{};
  // Another content each time, so that nothing below can find it unchanged.
  const std::uint64_t now_ns = net::Loop::now_ns();
  std::memcpy(block.data(), &now_ns, sizeof now_ns);
  std::string error;
  if (::pwrite(file, block.data(), block.size(), 0) != static_cast<ssize_t>(block.size()) ||
      ::fdatasync(file) != 0) {
    error = std::strerror(errno);
  }
  ::close(file);
  return error;
}
}  // namespace

// Outlives the probe for as long as its thread is left behind.
struct DiskProbe::Shared {
  std::string path;
  std::chrono::milliseconds interval{0};
  std::mutex mutex;
  std::condition_variable changed;
  bool must_end = false;
  bool has_ended = false;
  std::uint64_t begun_ns = 0;  // 0: no write is under way
  Reading last;
};

DiskProbe::DiskProbe(std::string folder, std::uint64_t interval_ms)
    : folder_(std::move(folder)), shared_(std::make_shared<Shared>()) {
  shared_->path = folder_ + "/.okiagari-disk-probe";
  shared_->interval = std::chrono::milliseconds(interval_ms);
  thread_ = std::thread([shared = shared_] { run(shared); });
}

DiskProbe::~DiskProbe() {
  std::unique_lock lock(shared_->mutex);
  shared_->must_end = true;
  shared_->changed.notify_all();
  const bool ended =
      shared_->changed.wait_for(lock, kFarewell, [this] { return shared_->has_ended; });
  lock.unlock();
  if (!ended) {
    thread_.detach();
    return;
  }
  thread_.join();
  (void)::unlink(shared_->path.c_str());
}

void DiskProbe::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->must_end) {
    const std::uint64_t begun_ns = net::Loop::now_ns();
    shared->begun_ns = begun_ns;
    lock.unlock();
    std::string error = write_once(shared->path);
    lock.lock();
    shared->begun_ns = 0;
    ++shared->last.number;
    shared->last.took_ms = static_cast<double>(net::Loop::now_ns() - begun_ns) / 1e6;
    shared->last.error = std::move(error);
    shared->changed.wait_for(lock, shared->interval, [&] { return shared->must_end; });
  }
  shared->has_ended = true;
  shared->changed.notify_all();
}

DiskProbe::Reading DiskProbe::reading() const {
  const std::scoped_lock lock(shared_->mutex);
  Reading reading = shared_->last;
  if (shared_->begun_ns != 0) {
    reading.under_way_ms = static_cast<double>(net::Loop::now_ns() - shared_->begun_ns) / 1e6;
  }
  return reading;
}

}  // namespace okiagari::watch

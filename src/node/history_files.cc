#include "node/history_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace okiagari::node {

namespace {

constexpr std::size_t kBufferBytes = 1u << 20;
// When so much waits, the owner waits too: a disk this far behind holds the log up as well.
constexpr std::size_t kBuffersMax = 128;
constexpr const char* kIncompleteName = "/incomplete";

class File {
 public:
  explicit File(int handle) : handle_(handle) {}
  ~File() {
    if (handle_ >= 0) ::close(handle_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int handle() const { return handle_; }
  [[nodiscard]] bool is_open() const { return handle_ >= 0; }

 private:
  int handle_;
};

base::Error failed(const std::string& path, const char* what) {
  return {fmt::format("{}: cannot be {}: {}", path, what, std::strerror(errno))};
}

bool write_all(int handle, std::uint64_t offset, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(handle, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return true;
}

bool read_all(int handle, std::uint64_t offset, base::MutableBytes into) {
  while (!into.empty()) {
    const ssize_t got = ::pread(handle, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

}  // namespace

HistoryFiles::HistoryFiles(std::string folder) : folder_(std::move(folder)) {
  writer_ = std::thread([this] { run_writer(); });
}

HistoryFiles::~HistoryFiles() {
  hand_over();
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

base::Result<std::unique_ptr<HistoryFiles>> HistoryFiles::open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return base::Error{fmt::format("{}: cannot be made: {}", folder, error.message())};
  return std::unique_ptr<HistoryFiles>(new HistoryFiles(folder));
}

std::string HistoryFiles::path_of(std::uint64_t number) const {
  return fmt::format("{}/history-{:06}", folder_, number);
}

void HistoryFiles::take_chunk(std::uint64_t position, base::Bytes header, base::Bytes payload) {
  const std::size_t size = header.size() + payload.size();
  if (filling_ && (filling_->position + filling_->bytes.size() != position ||
                   filling_->bytes.size() + size > kBufferBytes)) {
    hand_over();
  }
  if (!filling_) {
    filling_ = std::make_unique<Buffer>();
    filling_->position = position;
    filling_->bytes.reserve(kBufferBytes);
  }
  filling_->bytes.insert(filling_->bytes.end(), header.begin(), header.end());
  filling_->bytes.insert(filling_->bytes.end(), payload.begin(), payload.end());
}

void HistoryFiles::hand_over() {
  if (!filling_) return;
  while (!unwritten_.empty() && unwritten_.front()->written.load(std::memory_order_acquire)) {
    unwritten_.pop_front();
  }
  Buffer* const buffer = filling_.get();
  unwritten_.push_back(std::move(filling_));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < kBuffersMax; });
  queue_.push_back(buffer);
  lock.unlock();
  changed_.notify_all();
}

void HistoryFiles::wait_idle() {
  hand_over();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty(); });
  unwritten_.clear();
}

void HistoryFiles::run_writer() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Buffer* const buffer = queue_.front();
    const bool failed_before = !failure_.empty();
    lock.unlock();
    const base::Status status =
        failed_before ? base::Status() : write(buffer->position, buffer->bytes);
    lock.lock();
    if (!status && failure_.empty()) failure_ = status.error().message;
    buffer->written.store(status.ok() && !failed_before, std::memory_order_release);
    queue_.pop_front();
    changed_.notify_all();
  }
}

base::Status HistoryFiles::write(std::uint64_t position, base::Bytes bytes) const {
  const std::uint64_t number = position / kHistoryFileBytes;
  const std::uint64_t offset = position % kHistoryFileBytes;
  const std::string path = path_of(number);
  const File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.is_open()) return failed(path, "opened");
  if (offset == sizeof(HistoryFileHeader)) {
    HistoryFileHeader header;
    header.number = number;
    if (!write_all(file.handle(), 0, base::object_bytes(header))) return failed(path, "written");
  }
  if (!write_all(file.handle(), offset, bytes)) return failed(path, "written");
  // Starts the writing to disk now, in small portions, instead of in one burst that the log would
  // have to wait for.
  ::sync_file_range(file.handle(), static_cast<off_t>(offset), static_cast<off_t>(bytes.size()),
                    SYNC_FILE_RANGE_WRITE);
  return {};
}

bool HistoryFiles::read_bytes(std::uint64_t position, std::size_t size_bytes,
                              std::vector<std::byte>& into) const {
  into.resize(size_bytes);
  const auto from_memory = [&](const Buffer& buffer) {
    if (position < buffer.position ||
        position + size_bytes > buffer.position + buffer.bytes.size()) {
      return false;
    }
    std::memcpy(into.data(), buffer.bytes.data() + (position - buffer.position), size_bytes);
    return true;
  };
  if (filling_ && from_memory(*filling_)) return true;
  for (const auto& buffer : unwritten_) {
    if (from_memory(*buffer)) return true;
  }
  const std::string path = path_of(position / kHistoryFileBytes);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() && read_all(file.handle(), position % kHistoryFileBytes, into);
}

bool HistoryFiles::read_chunk(const ChunkPlace& place, std::vector<std::byte>& into) const {
  ChunkHeader header;
  return read_bytes(place.position, place.size_bytes, into) &&
         check_chunk(into, place.position, header);
}

base::Status HistoryFiles::fill(std::uint64_t position, base::Bytes chunk) {
  oldest_not_durable_ = std::min(oldest_not_durable_, position);
  return write(position, chunk);
}

bool HistoryFiles::is_marked_incomplete() const {
  std::error_code error;
  return std::filesystem::exists(folder_ + kIncompleteName, error);
}

base::Status HistoryFiles::mark_incomplete(bool is_incomplete) {
  const std::string path = folder_ + kIncompleteName;
  if (is_incomplete) {
    const File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file.is_open()) return failed(path, "made");
  } else {
    // What was filled in comes to the disk before the note that it lacked goes.
    if (base::Status status = make_durable(); !status) return status;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path, "removed");
  }
  const File folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.handle()) != 0) return failed(folder_, "synced");
  return {};
}

base::Status HistoryFiles::cut_back(std::uint64_t end_position) {
  wait_idle();
  oldest_not_durable_ = end_position;
  const std::uint64_t last = end_position / kHistoryFileBytes;
  std::error_code error;
  for (std::uint64_t number = last + 1; std::filesystem::exists(path_of(number), error); ++number) {
    if (!std::filesystem::remove(path_of(number), error)) return failed(path_of(number), "removed");
  }
  if (!std::filesystem::exists(path_of(last), error)) return {};
  const std::uint64_t offset = end_position % kHistoryFileBytes;
  if (std::filesystem::file_size(path_of(last), error) <= offset) return {};
  std::filesystem::resize_file(path_of(last), offset, error);
  if (error) return base::Error{fmt::format("{}: {}", path_of(last), error.message())};
  return {};
}

base::Status HistoryFiles::make_durable() const {
  std::uint64_t end = oldest_not_durable_;
  const auto write_again = [&](const Buffer& buffer) {
    end = std::max(end, buffer.position + buffer.bytes.size());
    return write(buffer.position, buffer.bytes);
  };
  for (const auto& buffer : unwritten_) {
    if (base::Status status = write_again(*buffer); !status) return status;
  }
  if (filling_) {
    if (base::Status status = write_again(*filling_); !status) return status;
  }
  for (std::uint64_t number = oldest_not_durable_ / kHistoryFileBytes;; ++number) {
    const std::string path = path_of(number);
    const File file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.is_open()) {
      if (errno == ENOENT && number * kHistoryFileBytes >= end) break;
      return failed(path, "opened");
    }
    if (::fdatasync(file.handle()) != 0) return failed(path, "synced");
  }
  const File folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.handle()) != 0) return failed(folder_, "synced");
  return {};
}

base::Status HistoryFiles::status() const {
  const std::lock_guard lock(mutex_);
  if (failure_.empty()) return {};
  return base::Error{failure_};
}

}  // namespace okiagari::node

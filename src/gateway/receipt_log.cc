#include "gateway/receipt_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "net/loop.h"

namespace okiagari::gateway {

namespace {
// Receipts of a disk that takes nothing are kept this far; at full load that is about a second.
constexpr std::size_t kPendingBytesMax = 64u << 20;
// Left alone, the kernel writes half a minute's receipts at once, and the syncs of whoever shares
// the disk wait for that.
constexpr std::uint64_t kStartedBytes = 256u << 10;

base::Error failed(const std::string& path, const char* what) {
  return {fmt::format("{}: {}: {}; receipts are evidence, make room or give another data directory",
                      path, what, std::strerror(errno))};
}
}  // namespace

base::Result<std::unique_ptr<ReceiptLog>> ReceiptLog::open(const std::string& directory,
                                                           const Identity& identity,
                                                           std::uint64_t file_bytes_max) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return base::Error{fmt::format("{}: {}", directory, error.message())};
  std::unique_ptr<ReceiptLog> log(new ReceiptLog(directory, identity, file_bytes_max));
  base::Status begun = log->begin_file();
  if (!begun.ok()) return begun.error();
  return log;
}

ReceiptLog::~ReceiptLog() {
  if (file_ < 0) return;
  (void)flush().ok();
  ::close(file_);
}

base::Status ReceiptLog::begin_file() {
  if (file_ >= 0) ::close(file_);
  const TimestampNs now = net::Loop::wall_ns();
  path_ = fmt::format("{}/receipts-{:020}-{:04}.log", directory_, now, ++files_);
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
  if (file_ < 0) return failed(path_, "cannot be made");
  file_bytes_ = 0;
  started_bytes_ = 0;
  number_ = 0;
  wire::ReceiptsHeader header;
  header.gateway = identity_.gateway;
  header.cluster = identity_.cluster;
  header.incarnation = identity_.incarnation;
  header.started_ns = now;
  wire::append_receipts_header(pending_, header);
  return {};
}

// A file with a hole in it would be no evidence: it ends here, and the next one begins when the
// disk takes it.
void ReceiptLog::give_up_file() {
  lost_bytes_ += pending_.size() - written_;
  pending_.clear();
  written_ = 0;
  ::close(file_);
  file_ = -1;
}

void ReceiptLog::start_writing_back() {
  if (file_bytes_ - started_bytes_ < kStartedBytes) return;
  ::sync_file_range(file_, static_cast<off_t>(started_bytes_),
                    static_cast<off_t>(file_bytes_ - started_bytes_), SYNC_FILE_RANGE_WRITE);
  started_bytes_ = file_bytes_;
}

base::Status ReceiptLog::flush() {
  if (file_ < 0) {
    lost_bytes_ += pending_.size();
    pending_.clear();
    base::Status begun = begin_file();
    if (!begun.ok()) return begun;
  }
  while (written_ < pending_.size()) {
    const base::Bytes rest = pending_.view().subspan(written_);
    const ssize_t put = ::write(file_, rest.data(), rest.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      const base::Error error = failed(path_, "cannot be written");
      if (rest.size() > kPendingBytesMax) give_up_file();
      return error;
    }
    written_ += static_cast<std::size_t>(put);
    file_bytes_ += static_cast<std::uint64_t>(put);
    written_bytes_ += static_cast<std::uint64_t>(put);
  }
  pending_.clear();
  written_ = 0;
  start_writing_back();
  return file_bytes_ >= file_bytes_max_ ? begin_file() : base::Status{};
}

}  // namespace okiagari::gateway

#include "journal/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>

namespace okiagari::journal {
namespace {

constexpr std::size_t kZeroPieceBytes = 1U << 20;
// Of write_gently(): a sixth of the disk's time is its own. With pieces that were synced one right
// after the other, a small sync beside them took 60 ms once in a snapshot, with pauses it took as
// long as without a snapshot.
constexpr std::size_t kGentlePieceBytes = 1U << 20;
constexpr int kGentlePauses = 5;
constexpr const char* kClaimName = "claimed";

std::string errno_text(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

const char* remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "free space on this file system or move the folder to a larger one, then start again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "give the server's user the right to write there, then start again";
    case EIO:
      return "the device fails: look at the kernel's log, replace it, and let this server rejoin "
             "with an empty folder under a new storage identity";
    case ENOENT:
      return "check the name of the folder in the configuration and that its device is mounted";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files (ulimit -n)";
    default:
      return "mend the cause and start again";
  }
}

base::Error path_error(const std::string& path, const std::string& operation, int error_number) {
  return {fmt::format("{}: cannot {}: {}; {}", path, operation, errno_text(error_number),
                      remedy(error_number))};
}

// Calls again what a signal interrupted.
template <typename Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

base::Result<std::unique_ptr<PosixDisk>> PosixDisk::open_folder(const std::string& folder,
                                                                bool create) {
  if (create) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return path_error(folder, "create the folder", error.value());
  }
  const int handle =
      retried([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (handle < 0) return path_error(folder, "open the folder", errno);
  return std::unique_ptr<PosixDisk>(new PosixDisk(folder, handle));
}

PosixDisk::~PosixDisk() {
  for (const auto& [file, name] : names_) ::close(file);
  if (claim_handle_ >= 0) ::close(claim_handle_);
  ::close(folder_handle_);
}

base::Status PosixDisk::claim() {
  if (claim_handle_ >= 0) return {};
  const std::string path = folder_ + "/" + kClaimName;
  const int handle = retried(
      [&] { return ::openat(folder_handle_, kClaimName, O_RDWR | O_CREAT | O_CLOEXEC, 0640); });
  if (handle < 0) return path_error(path, "open", errno);
  if (retried([&] { return ::flock(handle, LOCK_EX | LOCK_NB); }) != 0) {
    const int error_number = errno;
    ::close(handle);
    if (error_number != EWOULDBLOCK) return path_error(path, "lock", error_number);
    return base::Error{fmt::format(
        "{}: another process runs on this folder; stop it, or give this server its own folder",
        folder_)};
  }
  claim_handle_ = handle;
  return {};
}

base::Error PosixDisk::failed(FileId file, const std::string& operation, int error_number) {
  const std::lock_guard lock(names_mutex_);
  const auto found = names_.find(file);
  const std::string name = found == names_.end() ? fmt::format("file {}", file) : found->second;
  return path_error(folder_ + "/" + name, operation, error_number);
}

base::Result<Disk::FileId> PosixDisk::open(const std::string& name, bool create) {
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
  int file = retried([&] { return ::openat(folder_handle_, name.c_str(), flags, 0640); });
  if (file < 0 && !create && (errno == EACCES || errno == EROFS)) {
    file = retried([&] { return ::openat(folder_handle_, name.c_str(), O_RDONLY | O_CLOEXEC, 0); });
  }
  if (file < 0) return path_error(folder_ + "/" + name, create ? "create" : "open", errno);
  const std::lock_guard lock(names_mutex_);
  names_[file] = name;
  return file;
}

void PosixDisk::close(FileId file) {
  const std::lock_guard lock(names_mutex_);
  if (names_.erase(file) == 1) ::close(file);
}

base::Result<std::uint64_t> PosixDisk::size(FileId file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return failed(file, "ask for the size", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

base::Status PosixDisk::write(FileId file, std::uint64_t offset, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retried(
        [&] { return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (written < 0) return failed(file, fmt::format("write at offset {}", offset), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

base::Status PosixDisk::write_gently(FileId file, std::uint64_t offset, base::Bytes bytes) {
  using Clock = std::chrono::steady_clock;
  base::Status status;
  while (status && !bytes.empty()) {
    const base::Bytes piece = bytes.first(std::min(kGentlePieceBytes, bytes.size()));
    const Clock::time_point begin = Clock::now();
    status = write(file, offset, piece);
    if (status) status = sync(file);
    offset += piece.size();
    bytes = bytes.subspan(piece.size());
    if (!bytes.empty()) std::this_thread::sleep_for(kGentlePauses * (Clock::now() - begin));
  }
  return status;
}

base::Status PosixDisk::read(FileId file, std::uint64_t offset, base::MutableBytes into) {
  while (!into.empty()) {
    const ssize_t got = retried(
        [&] { return ::pread(file, into.data(), into.size(), static_cast<off_t>(offset)); });
    if (got <= 0) {
      const int error_number = got < 0 ? errno : EIO;
      const std::string why = got == 0 ? " (the file ends before)" : "";
      return failed(file, fmt::format("read {} bytes at offset {}{}", into.size(), offset, why),
                    error_number);
    }
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

base::Status PosixDisk::sync(FileId file) {
  if (retried([&] { return ::fdatasync(file); }) != 0) return failed(file, "sync", errno);
  return {};
}

void PosixDisk::start_sync(FileId file) {
  background_file_ = file;
  background_sync_.start(file);
}

std::optional<base::Status> PosixDisk::finished_sync(bool wait) {
  const std::optional<int> error_number = background_sync_.finished(wait);
  if (!error_number) return {};
  sync_times_.observe(background_sync_.last_duration_ns());
  if (*error_number == 0) return base::Status();
  return base::Status(failed(background_file_, "sync", *error_number));
}

base::Status PosixDisk::allocate(FileId file, std::uint64_t size_bytes) {
  const base::Result<std::uint64_t> present = size(file);
  if (!present) return present.error();
  if (present.value() >= size_bytes) return sync(file);
  const auto from = static_cast<off_t>(present.value());
  const auto more = static_cast<off_t>(size_bytes - present.value());
  // Some file systems cannot reserve; the zeros below then find out whether there is room.
  const int reserved = ::posix_fallocate(file, from, more);
  if (reserved != 0 && reserved != EOPNOTSUPP && reserved != EINVAL && reserved != ENOSYS) {
    return failed(file, fmt::format("reserve {} bytes", size_bytes), reserved);
  }
  const base::Status zeroed = write_zeros(file, present.value(), size_bytes);
  if (!zeroed) return zeroed;
  return sync(file);
}

// Reserved but unwritten extents would turn into written ones at the first write: a metadata change
// that fdatasync has to wait for. Written zeros have that behind them.
base::Status PosixDisk::write_zeros(FileId file, std::uint64_t from, std::uint64_t to) {
  static const std::vector<std::byte> zeros(kZeroPieceBytes);
  for (std::uint64_t at = from; at < to;) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kZeroPieceBytes, to - at));
    const base::Status written = write(file, at, base::Bytes(zeros.data(), piece));
    if (!written) return written;
    at += piece;
  }
  return {};
}

base::Status PosixDisk::truncate(FileId file, std::uint64_t size_bytes) {
  if (retried([&] { return ::ftruncate(file, static_cast<off_t>(size_bytes)); }) != 0) {
    return failed(file, fmt::format("truncate to {} bytes", size_bytes), errno);
  }
  return {};
}

base::Status PosixDisk::rename(const std::string& from, const std::string& to) {
  if (::renameat(folder_handle_, from.c_str(), folder_handle_, to.c_str()) != 0) {
    return path_error(folder_ + "/" + from, "rename to " + to, errno);
  }
  return {};
}

base::Status PosixDisk::remove(const std::string& name) {
  if (::unlinkat(folder_handle_, name.c_str(), 0) != 0) {
    return path_error(folder_ + "/" + name, "remove", errno);
  }
  return {};
}

base::Status PosixDisk::sync_directory() {
  if (retried([&] { return ::fsync(folder_handle_); }) != 0) {
    return path_error(folder_, "sync the folder", errno);
  }
  return {};
}

base::Result<std::vector<std::string>> PosixDisk::list() {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator at(folder_, error);
  const std::filesystem::directory_iterator end;
  for (; !error && at != end; at.increment(error)) names.push_back(at->path().filename().string());
  if (error) return path_error(folder_, "list the folder", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

base::Result<std::uint64_t> PosixDisk::free_bytes() {
  struct statvfs status {};
  if (::fstatvfs(folder_handle_, &status) != 0) {
    return path_error(folder_, "ask for the free space", errno);
  }
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace okiagari::journal

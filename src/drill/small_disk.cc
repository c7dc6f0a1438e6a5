#include "drill/small_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "drill/program.h"

namespace okiagari::drill {

namespace fs = std::filesystem;

base::Result<SmallDisk> make_small_disk(std::string folder, std::string store,
                                        const SmallDiskSizes& sizes) {
  std::error_code error;
  fs::create_directories(folder, error);
  fs::create_directories(store, error);
  if (error) return base::Error{fmt::format("{}: {}", store, error.message())};
  const std::string size = fmt::format("size={}", sizes.store_bytes);
  if (::mount("tmpfs", store.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, size.c_str()) != 0) {
    return base::Error{fmt::format("{}: cannot be mounted: {}", store, std::strerror(errno))};
  }
  const std::string image = store + "/disk";
  const int file = ::open(image.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool sized = file >= 0 && ::ftruncate(file, static_cast<off_t>(sizes.disk_bytes)) == 0;
  if (file >= 0) ::close(file);
  if (!sized) return base::Error{fmt::format("{}: {}", image, std::strerror(errno))};
  auto made = run_program({"mkfs.ext4", "-q", "-F", "-m", "0", image});
  if (!made) return made.error();
  // A loop device made by mount goes with the mount.
  auto mounted = run_program({"mount", "-o", "loop,noatime", image, folder});
  if (!mounted) return mounted.error();
  fs::remove(folder + "/lost+found", error);
  return SmallDisk{std::move(folder), std::move(store)};
}

base::Status fill(const std::string& folder, const std::string& name) {
  // Somebody's whole machine is no small disk.
  constexpr std::uint64_t kFillBytesMax = 4ull << 30;
  if (free_bytes(folder) > kFillBytesMax) {
    return base::Error{fmt::format("{}: has more free than any disk of a drill", folder)};
  }
  const std::string path = folder + "/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return base::Error{fmt::format("{}: {}", path, std::strerror(errno))};
  // Reserved, not written: on a small disk of a drill, written data would use up its store first.
  constexpr off_t kPieceBytes = 64 << 20;
  constexpr off_t kLeastBytes = 4096;
  off_t taken_bytes = 0;
  for (off_t piece_bytes = kPieceBytes; piece_bytes >= kLeastBytes;) {
    if (::fallocate(file, 0, taken_bytes, piece_bytes) == 0) {
      taken_bytes += piece_bytes;
    } else {
      piece_bytes /= 2;
    }
  }
  ::close(file);
  return {};
}

std::uint64_t free_bytes(const std::string& folder) {
  struct statvfs space {};
  if (::statvfs(folder.c_str(), &space) != 0) return 0;
  return std::uint64_t{space.f_bavail} * space.f_frsize;
}

}  // namespace okiagari::drill

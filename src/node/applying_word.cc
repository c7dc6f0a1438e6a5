#include "node/applying_word.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace okiagari::node {

namespace {

base::Error failed(const std::string& path, const char* what) {
  return {fmt::format("{}: cannot be {}: {}", path, what, std::strerror(errno))};
}

}  // namespace

base::Result<std::unique_ptr<ApplyingWord>> ApplyingWord::open(const std::string& path) {
  const int handle = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (handle < 0) return failed(path, "opened");
  const off_t size = ::lseek(handle, 0, SEEK_END);
  if (::ftruncate(handle, sizeof(ApplyingFile)) != 0) {
    ::close(handle);
    return failed(path, "grown");
  }
  void* mapped =
      ::mmap(nullptr, sizeof(ApplyingFile), PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  ::close(handle);
  if (mapped == MAP_FAILED) return failed(path, "mapped");
  auto* file = static_cast<ApplyingFile*>(mapped);
  const bool is_ours = size == sizeof(ApplyingFile) && file->magic == ApplyingFile::kMagic;
  if (!is_ours) {
    // It only remembers deaths: a foreign or torn one is begun anew.
    file = new (mapped) ApplyingFile();
  } else if (file->version != ApplyingFile::kVersion) {
    const std::uint32_t version = file->version;
    ::munmap(mapped, sizeof(ApplyingFile));
    return base::Error{fmt::format("{}: is of version {}, this program knows {}; remove the file",
                                   path, version, ApplyingFile::kVersion)};
  }
  const Sequence died_applying = file->applying;
  if (died_applying == 0) {
    file->deaths = 0;
  } else {
    file->deaths = died_applying == file->died_at ? file->deaths + 1 : 1;
  }
  file->died_at = died_applying;
  file->applying = 0;
  return std::unique_ptr<ApplyingWord>(new ApplyingWord(file, died_applying));
}

ApplyingWord::~ApplyingWord() { ::munmap(file_, sizeof(ApplyingFile)); }

}  // namespace okiagari::node

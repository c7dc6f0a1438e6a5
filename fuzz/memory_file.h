// The bytes of an input under a path, for readers that open files themselves.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "base/assert.h"

namespace okiagari::fuzz {

class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size)
      : handle_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    ASSERT(handle_ >= 0);
    ASSERT(::write(handle_, data, size) == static_cast<ssize_t>(size));
  }
  ~MemoryFile() { ::close(handle_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Each who opens it reads from its beginning.
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(handle_); }

 private:
  int handle_;
};

}  // namespace okiagari::fuzz

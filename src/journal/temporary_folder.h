// A folder for one test, gone at its end, with the means to look at and to spoil what is in it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "journal/posix_disk.h"

namespace okiagari::journal {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    // In memory where there is such a place: the tests sync thousands of times.
    const std::filesystem::path memory = "/dev/shm";
    const bool has_memory = ::access(memory.c_str(), W_OK) == 0;
    std::string pattern =
        (has_memory ? memory : std::filesystem::temp_directory_path()) / "okiagari-journal-XXXXXX";
    ASSERT(::mkdtemp(pattern.data()) != nullptr, "{}", pattern);
    path_ = pattern;
    disk_ = std::move(PosixDisk::open_folder(path_, false).value());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] PosixDisk& disk() { return *disk_; }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(path_ + "/" + name);
  }

  [[nodiscard]] std::vector<std::byte> bytes(const std::string& name) const {
    std::ifstream file(path_ + "/" + name, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const base::Bytes view = base::as_bytes(text);
    return {view.begin(), view.end()};
  }
  void replace(const std::string& name, base::Bytes bytes) {
    std::ofstream file(path_ + "/" + name, std::ios::binary | std::ios::trunc);
    file << base::as_text(bytes);
  }
  void flip(const std::string& name, std::size_t offset) {
    std::vector<std::byte> all = bytes(name);
    ASSERT(offset < all.size(), "{} of {}", offset, all.size());
    all[offset] ^= std::byte{0x10};
    replace(name, all);
  }

 private:
  std::string path_;
  std::unique_ptr<PosixDisk> disk_;
};

}  // namespace okiagari::journal

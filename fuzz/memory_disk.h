// A disk in memory for what a fuzzer puts on it. Nothing is lost and nothing fails.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/disk.h"

namespace okiagari::fuzz {

class MemoryDisk final : public journal::Disk {
 public:
  std::map<std::string, std::vector<std::byte>> files;

  base::Result<FileId> open(const std::string& name, bool create) override {
    if (!create && !files.contains(name)) return base::Error{name};
    handles_.push_back(&files[name]);
    return static_cast<FileId>(handles_.size() - 1);
  }
  void close(FileId) override {}
  base::Result<std::uint64_t> size(FileId file) override { return bytes(file).size(); }
  base::Status write(FileId file, std::uint64_t offset, base::Bytes from) override {
    if (offset + from.size() > bytes(file).size()) bytes(file).resize(offset + from.size());
    std::copy(from.begin(), from.end(), bytes(file).begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }
  base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) override {
    if (offset + into.size() > bytes(file).size()) return base::Error{"too short"};
    std::copy_n(bytes(file).begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                into.begin());
    return {};
  }
  base::Status sync(FileId) override { return {}; }
  base::Status allocate(FileId file, std::uint64_t to) override { return truncate(file, to); }
  base::Status truncate(FileId file, std::uint64_t to) override {
    bytes(file).resize(to);
    return {};
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    auto moved = files.extract(from);
    if (moved.empty()) return base::Error{from};
    moved.key() = to;
    files.erase(to);
    files.insert(std::move(moved));
    return {};
  }
  base::Status remove(const std::string& name) override {
    files[name].clear();
    files.erase(name);
    return {};
  }
  base::Status sync_directory() override { return {}; }
  base::Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, content] : files) names.push_back(name);
    return names;
  }
  base::Result<std::uint64_t> free_bytes() override { return UINT64_MAX; }
  [[nodiscard]] std::string where() const override { return "memory"; }

 private:
  std::vector<std::byte>& bytes(FileId file) { return *handles_[static_cast<std::size_t>(file)]; }

  std::vector<std::vector<std::byte>*> handles_;
};

}  // namespace okiagari::fuzz

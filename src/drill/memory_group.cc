#include "drill/memory_group.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace okiagari::drill {

namespace {

constexpr const char* kRoot = "/sys/fs/cgroup/memory";

}  // namespace

std::string own_memory_group() {
  std::error_code error;
  if (!std::filesystem::exists(fmt::format("{}/memory.limit_in_bytes", kRoot), error)) return {};
  // "4:memory:/path"
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    if (line.substr(first + 1, second - first - 1) != "memory") continue;
    const std::string path = line.substr(second + 1);
    return path == "/" ? kRoot : kRoot + path;
  }
  return {};
}

base::Result<std::string> make_memory_group(const std::string& name, std::uint64_t limit_bytes) {
  const std::string own = own_memory_group();
  if (own.empty()) return base::Error{"this machine has no memory control groups of version 1"};
  std::string folder = own + "/" + name;
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return base::Error{fmt::format("{}: {}", folder, std::strerror(errno))};
  }
  if (base::Status status = set_memory_limit(folder, limit_bytes); !status) return status.error();
  return folder;
}

base::Status set_memory_limit(const std::string& folder, std::uint64_t limit_bytes) {
  std::ofstream file(folder + "/memory.limit_in_bytes");
  file << limit_bytes;
  file.close();
  if (!file) return base::Error{fmt::format("{}/memory.limit_in_bytes: cannot be set", folder)};
  return {};
}

std::uint64_t memory_used_bytes(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::ifstream(folder + "/memory.usage_in_bytes") >> bytes;
  return bytes;
}

}  // namespace okiagari::drill

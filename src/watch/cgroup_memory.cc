#include "watch/cgroup_memory.h"

#include <charconv>
#include <fstream>
#include <iterator>

namespace okiagari::watch {

namespace {

constexpr std::size_t kFileBytesMax = 64u << 10;
// A bound beyond this is none: version 1 writes the largest number of pages there is.
constexpr std::uint64_t kBoundedBytes = std::uint64_t{1} << 50;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::string text(kFileBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// The number in the line that begins with the key.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return number_in(line.substr(key.size() + 1));
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace

// "5:memory:/market/node-1" in version 1, "0::/market/node-1" in version 2; both where they are
// mixed, and then the first counts.
std::string memory_group_folder(std::string_view cgroup, const std::string& root) {
  std::string unified;
  while (!cgroup.empty()) {
    const std::size_t end = cgroup.find('\n');
    const std::string_view line = cgroup.substr(0, end);
    cgroup = end == std::string_view::npos ? std::string_view() : cgroup.substr(end + 1);
    const std::size_t first = line.find(':');
    const std::size_t second =
        first == std::string_view::npos ? std::string_view::npos : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string controllers =
        "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
    const std::string path(line.substr(second + 1));
    if (controllers.find(",memory,") != std::string::npos) return root + "/memory" + path;
    if (controllers == ",,") unified = root + path;
  }
  return unified;
}

std::optional<CgroupMemory> read_cgroup_memory(const std::string& folder) {
  if (folder.empty()) return std::nullopt;
  CgroupMemory memory;
  const auto most = number_in(read_file(folder + "/memory.max"));
  if (most) {
    memory.most_bytes = *most;
    memory.used_bytes = number_of(read_file(folder + "/memory.stat"), "anon").value_or(0);
    memory.kills = number_of(read_file(folder + "/memory.events"), "oom_kill").value_or(0);
    return memory;
  }
  const auto limit = number_in(read_file(folder + "/memory.limit_in_bytes"));
  if (!limit || *limit > kBoundedBytes) return std::nullopt;
  memory.most_bytes = *limit;
  memory.used_bytes = number_of(read_file(folder + "/memory.stat"), "total_rss").value_or(0);
  memory.kills = number_of(read_file(folder + "/memory.oom_control"), "oom_kill").value_or(0);
  return memory;
}

}  // namespace okiagari::watch

// How much memory the control group of a process uses, of how much it may: version 1 and 2 of the
// kernel's control groups. Without a bound of its own there is nothing to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okiagari::watch {

struct CgroupMemory {
  std::uint64_t used_bytes = 0;  // what cannot be given back: no cached files
  std::uint64_t most_bytes = 0;
  std::uint64_t kills = 0;  // by the kernel, for want of memory, since the group was made
};

// The folder of the group that holds the process, under `root` (/sys/fs/cgroup), from the text of
// /proc/<pid>/cgroup; empty when it is in none with memory counted.
[[nodiscard]] std::string memory_group_folder(std::string_view cgroup, const std::string& root);
// Nothing when the folder is none or sets no bound.
[[nodiscard]] std::optional<CgroupMemory> read_cgroup_memory(const std::string& folder);

}  // namespace okiagari::watch

// Memory control groups, one for each server, inside of the group that the drill itself is in, so
// that whatever limits the drill limits them too.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace okiagari::drill {

// The folder of the group that this process is in; empty where there are no such groups.
[[nodiscard]] std::string own_memory_group();

// Makes a group with a limit; the answer is its folder. A process joins by writing its number into
// <folder>/cgroup.procs.
[[nodiscard]] base::Result<std::string> make_memory_group(const std::string& name,
                                                          std::uint64_t limit_bytes);
[[nodiscard]] base::Status set_memory_limit(const std::string& folder, std::uint64_t limit_bytes);
[[nodiscard]] std::uint64_t memory_used_bytes(const std::string& folder);

}  // namespace okiagari::drill

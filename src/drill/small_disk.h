// A disk of a server's own: an ext4 file system on a loop device, whose store is a sparse file in a
// small memory file system. It can become full by itself; when its store is full, its writes fail
// as those of a broken disk do, and the kernel says so.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace okiagari::drill {

struct SmallDisk {
  std::string folder;  // where it is mounted
  std::string store;   // the folder of the file behind it
};

struct SmallDiskSizes {
  std::uint64_t disk_bytes = 0;
  std::uint64_t store_bytes = 0;  // what may be written before writes fail
};

// Makes both folders and mounts. In a world of one's own (own_world.h) it is gone with the last
// process there.
[[nodiscard]] base::Result<SmallDisk> make_small_disk(std::string folder, std::string store,
                                                      const SmallDiskSizes& sizes);

// Takes everything that is free in the file system of the folder, by a file of that name.
[[nodiscard]] base::Status fill(const std::string& folder, const std::string& name);
[[nodiscard]] std::uint64_t free_bytes(const std::string& folder);

}  // namespace okiagari::drill

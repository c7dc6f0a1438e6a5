// Files of other systems, wherever they lie: in a folder, as they are, as .xz, or in a .tar.xz.
// Handed out one by one, whole, in the order of their names within a folder and of the archive
// within one; never more than one in memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::cause {

struct PackedLimits {
  std::size_t file_bytes_max = 256u << 20;
  std::size_t files_max = 10'000;
};

// `name` is the path below `path`, without .xz. False: no more files are wanted.
using OnFile = std::function<bool(const std::string& name, std::string_view text)>;

// Errors name the file and what is wrong with it.
base::Status for_each_file(const std::string& path, const OnFile& on_file,
                           const PackedLimits& limits = {});

// The text of one file that is no archive.
base::Result<std::string> read_whole(const std::string& path, const PackedLimits& limits = {});

}  // namespace okiagari::cause

// Small files, read and written whole: a reader sees the old text or the new one, never a part.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::base {

inline constexpr std::size_t kWholeFileBytesMax = 64u << 20;

// Refuses one that is larger than `bytes_max`.
[[nodiscard]] base::Result<std::string> read_whole_file(const std::string& path,
                                                        std::size_t bytes_max = kWholeFileBytesMax);
// Takes the place of what is there only when all of it is written; with `is_synced`, on the disk.
[[nodiscard]] base::Status write_whole_file(const std::string& path, std::string_view text,
                                            mode_t mode = 0644, bool is_synced = true);

}  // namespace okiagari::base

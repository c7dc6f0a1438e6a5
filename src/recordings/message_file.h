// A file of a protocol's messages as JSON lines and back: what `okiagari decode` and `encode` do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/message_lines.h"

namespace okiagari::recordings {

struct MessageFileOptions {
  std::string format;                    // of a table that the program carries
  std::string table_path;                // of one that it does not; then `format` is not looked at
  std::optional<wire::Framing> framing;  // guessed when not given; a capture has its own
};

using WriteText = std::function<base::Status(std::string_view)>;

[[nodiscard]] base::Result<wire::LineCounts> decode_messages(const std::string& path,
                                                             const MessageFileOptions& options,
                                                             const WriteText& write);
// Returns the number of lines. Errors name the line.
[[nodiscard]] base::Result<std::uint64_t> encode_messages(const std::string& path,
                                                          const MessageFileOptions& options,
                                                          const WriteText& write);

}  // namespace okiagari::recordings

// Walks over the commands of one batch. A batch is taken whole or not at all: header and commands
// must fit together exactly before the first command is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "venue/command.h"

namespace okiagari::venue {

class BatchReader {
 public:
  explicit BatchReader(base::Bytes batch) : batch_(batch), is_whole_(check()) {}

  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] const BatchHeader& header() const { return header_; }

  // False at the end. Only when is_whole().
  [[nodiscard]] bool next(CommandHeader& header, base::Bytes& raw) {
    if (offset_ == batch_.size()) return false;
    std::memcpy(&header, batch_.data() + offset_, sizeof header);
    raw = batch_.subspan(offset_, header.size_bytes);
    offset_ += header.size_bytes;
    return true;
  }

 private:
  [[nodiscard]] bool check() {
    if (batch_.size() < sizeof header_ || batch_.size() > kMaxBatchBytes) return false;
    std::memcpy(&header_, batch_.data(), sizeof header_);
    if (header_.version != kBatchVersion || header_.size_bytes != batch_.size()) return false;
    std::size_t offset = sizeof header_;
    std::uint32_t count = 0;
    while (batch_.size() - offset >= sizeof(CommandHeader)) {
      const auto size = base::load_little<std::uint16_t>(batch_.data() + offset);
      if (size < sizeof(CommandHeader) || size > kMaxCommandBytes) return false;
      if (size > batch_.size() - offset) return false;
      offset += size;
      ++count;
    }
    return offset == batch_.size() && count == header_.count;
  }

  base::Bytes batch_;
  BatchHeader header_{};
  std::size_t offset_ = sizeof(BatchHeader);
  bool is_whole_;
};

// False when the size, the type or the version is not that of the command.
template <typename Command>
[[nodiscard]] bool decode(base::Bytes raw, Command& into) {
  if (raw.size() != sizeof into) return false;
  std::memcpy(&into, raw.data(), sizeof into);
  return into.header.type == Command::kType && into.header.version == kCommandVersion;
}

}  // namespace okiagari::venue

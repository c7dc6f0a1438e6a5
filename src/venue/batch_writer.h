// Collects commands into a batch: the counterpart of batch_reader.h.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/command.h"

namespace okiagari::venue {

class BatchWriter {
 public:
  BatchWriter() { clear(); }

  void clear() {
    bytes_.clear();
    bytes_.object(BatchHeader{});
    count_ = 0;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }

  // Completes the command's header: size, type, version.
  template <typename Command>
  void add(Command command) {
    command.header.size_bytes = sizeof command;
    command.header.type = Command::kType;
    command.header.version = kCommandVersion;
    bytes_.object(command);
    ++count_;
  }
  // A whole command, as it came.
  void add_raw(base::Bytes command) {
    bytes_.bytes(command);
    ++count_;
  }

  // The batch so far; valid until the next call.
  [[nodiscard]] base::Bytes finish(TimestampNs timestamp_ns) {
    BatchHeader header{};
    header.version = kBatchVersion;
    header.count = count_;
    header.size_bytes = static_cast<std::uint32_t>(bytes_.size());
    header.timestamp_ns = timestamp_ns;
    std::memcpy(bytes_.data(), &header, sizeof header);
    return bytes_.view();
  }

 private:
  base::ByteWriter bytes_;
  std::uint32_t count_ = 0;
};

}  // namespace okiagari::venue

// Commands that gateways and this node itself want in the log, collected into batches while the
// last one is on its way.
#pragma once

#include <cstdint>
#include <deque>

#include "base/bytes.h"
#include "base/types.h"
#include "venue/batch_writer.h"
#include "venue/command.h"

namespace okiagari::node {

class PendingCommands {
 public:
  explicit PendingCommands(std::size_t batch_bytes) : batch_bytes_(batch_bytes) {}

  // One whole command.
  void add(const venue::CommandHeader& command);
  template <typename Command>
  void add_own(Command command) {
    command.header.size_bytes = sizeof command;
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
    add(command.header);
  }

  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // The oldest batch with this stamp; valid until the next call. Only when not empty.
  [[nodiscard]] base::Bytes front(TimestampNs stamp);
  // It is in the log.
  void pop_front();
  void clear();

 private:
  std::size_t batch_bytes_;
  std::size_t bytes_ = 0;  // of commands
  std::deque<venue::BatchWriter> batches_;
  std::deque<std::size_t> sizes_;
  std::deque<venue::BatchWriter> spare_;  // keep their memory
};

}  // namespace okiagari::node

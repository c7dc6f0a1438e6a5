#include "node/pending_commands.h"

#include <utility>

namespace okiagari::node {

void PendingCommands::add(const venue::CommandHeader& command) {
  const std::size_t size = command.size_bytes;
  if (batches_.empty() || sizes_.back() + size > batch_bytes_) {
    if (spare_.empty()) spare_.emplace_back();
    batches_.push_back(std::move(spare_.front()));
    spare_.pop_front();
    sizes_.push_back(sizeof(venue::BatchHeader));
  }
  batches_.back().add_raw({reinterpret_cast<const std::byte*>(&command), size});
  sizes_.back() += size;
  bytes_ += size;
}

base::Bytes PendingCommands::front(TimestampNs stamp) { return batches_.front().finish(stamp); }

void PendingCommands::pop_front() {
  bytes_ -= sizes_.front() - sizeof(venue::BatchHeader);
  batches_.front().clear();
  spare_.push_back(std::move(batches_.front()));
  batches_.pop_front();
  sizes_.pop_front();
}

void PendingCommands::clear() {
  while (!batches_.empty()) pop_front();
}

}  // namespace okiagari::node

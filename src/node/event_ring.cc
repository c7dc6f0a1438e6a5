#include "node/event_ring.h"

#include <cstring>

namespace okiagari::node {

void EventRing::append(base::Bytes events, std::uint64_t last_event) {
  if (events.empty()) return;
  if (events.size() > bytes_.size()) return restart_after(last_event);
  // The end of the buffer stays unused when the block does not fit there; blocks are whole.
  const bool wraps = end_ + events.size() > bytes_.size();
  const std::size_t offset = wraps ? 0 : end_;
  const std::size_t end = offset + events.size();
  const auto is_in_the_way = [&](const Block& oldest) {
    // Behind the newest block come the oldest ones, up to the buffer's end.
    if (wraps && oldest.offset >= end_) return true;
    return oldest.offset < end && oldest.offset + oldest.size > offset;
  };
  while (!blocks_.empty() && is_in_the_way(blocks_.front())) blocks_.pop_front();
  std::memcpy(bytes_.data() + offset, events.data(), events.size());
  blocks_.push_back({last_event_ + 1, last_event, offset, events.size()});
  end_ = end;
  last_event_ = last_event;
}

void EventRing::restart_after(std::uint64_t last_event) {
  blocks_.clear();
  end_ = 0;
  last_event_ = last_event;
}

}  // namespace okiagari::node

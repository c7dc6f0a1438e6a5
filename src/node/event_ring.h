// The newest events of the venue, in memory, bounded: what a gateway missed while it changed its
// node.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "venue/event.h"

namespace okiagari::node {

class EventRing {
 public:
  explicit EventRing(std::size_t bytes) : bytes_(bytes) {}

  // The whole events of one batch, numbered contiguously from after the last append; the oldest
  // ones make room. More than fits forgets everything: then nothing is recent.
  void append(base::Bytes events, std::uint64_t last_event);
  // Forgets everything; the next event has the number after `last_event`.
  void restart_after(std::uint64_t last_event);

  // The first number still kept; last() + 1 when there is none.
  [[nodiscard]] std::uint64_t oldest() const {
    return blocks_.empty() ? last_event_ + 1 : blocks_.front().first_event;
  }
  [[nodiscard]] std::uint64_t last() const { return last_event_; }

  // Calls visit(const venue::EventHeader&) for each kept event above `after`, in order.
  template <typename Visit>
  void for_each_after(std::uint64_t after, Visit&& visit) const {
    for (const Block& block : blocks_) {
      if (block.last_event <= after) continue;
      for (std::size_t at = block.offset; at < block.offset + block.size;) {
        const auto& event = *reinterpret_cast<const venue::EventHeader*>(bytes_.data() + at);
        if (event.event_number > after) visit(event);
        at += event.size_bytes;
      }
    }
  }

 private:
  struct Block {
    std::uint64_t first_event;
    std::uint64_t last_event;
    std::size_t offset;
    std::size_t size;
  };

  std::vector<std::byte> bytes_;
  std::deque<Block> blocks_;  // oldest first
  std::size_t end_ = 0;       // behind the newest block
  std::uint64_t last_event_ = 0;
};

}  // namespace okiagari::node

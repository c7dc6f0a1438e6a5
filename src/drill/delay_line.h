// One direction of a long line: packets come out in the order in which they went in, each so long
// after, and the line holds so much at most. The time comes in with each call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace okiagari::drill {

class DelayLine {
 public:
  DelayLine(std::uint64_t delay_ns, std::size_t bytes_max)
      : delay_ns_(delay_ns), bytes_max_(bytes_max) {}

  // False when it is full: the packet is lost, as a router loses it, and who sent it sends again.
  bool take(std::uint64_t now_ns, base::Bytes packet);
  // When the oldest packet comes out; nothing when it holds none.
  [[nodiscard]] std::optional<std::uint64_t> next_due_ns() const;
  // The oldest packet whose time has come. Empty: there is none.
  [[nodiscard]] std::vector<std::byte> give(std::uint64_t now_ns);

 private:
  struct Held {
    std::uint64_t due_ns;
    std::vector<std::byte> packet;
  };

  std::uint64_t delay_ns_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Held> held_;
};

}  // namespace okiagari::drill

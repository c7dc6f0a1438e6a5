// When the undecided commands came, oldest first, so that their answers can be timed. Commands of
// one turn share a time. Bounded: when there are too many times, the newest commands share one, and
// count as older than they are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace okiagari::gateway {

class Arrivals {
 public:
  void add(std::uint64_t now_ns) {
    if (count_ > 0 && (count_ == times_.size() || at(count_ - 1).time_ns == now_ns)) {
      ++at(count_ - 1).commands;
      return;
    }
    ++count_;
    at(count_ - 1) = {now_ns, 1};
  }

  // When the oldest command came; it is no longer waited for.
  std::uint64_t remove_oldest() {
    ASSERT(count_ > 0, "nothing has arrived");
    Time& oldest = at(0);
    const std::uint64_t time_ns = oldest.time_ns;
    if (--oldest.commands == 0) {
      first_ = (first_ + 1) % times_.size();
      --count_;
    }
    return time_ns;
  }

  void clear() { count_ = 0; }

  // 0 when there is none.
  [[nodiscard]] std::uint64_t oldest_ns() const { return count_ == 0 ? 0 : times_[first_].time_ns; }

 private:
  struct Time {
    std::uint64_t time_ns = 0;
    std::uint64_t commands = 0;
  };
  Time& at(std::size_t i) { return times_[(first_ + i) % times_.size()]; }

  std::array<Time, 4'096> times_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace okiagari::gateway

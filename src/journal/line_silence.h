// Whether a line has fallen silent: something was sent over it, and the other end's kernel
// acknowledges nothing for a while. Looked at every few milliseconds; pure logic.
#pragma once

#include <cstdint>

#include "net/tcp_progress.h"

namespace okiagari::journal {

class LineSilence {
 public:
  // A look that comes so late means that this process or its host stood still: what was not
  // acknowledged meanwhile tells nothing.
  static constexpr std::uint64_t kLateMs = 40;

  explicit LineSilence(std::uint64_t limit_ms) : limit_ms_(limit_ms) {}

  // For another connection over it.
  void begin() { *this = LineSilence(limit_ms_); }

  [[nodiscard]] bool is_silent(const net::TcpProgress& progress, std::uint64_t now_ms) {
    const bool is_late = now_ms > looked_at_ms_ + kLateMs;
    const bool has_moved = progress.acknowledged_bytes != acknowledged_bytes_;
    looked_at_ms_ = now_ms;
    acknowledged_bytes_ = progress.acknowledged_bytes;
    const bool begins = !was_awaited_ || has_moved || is_late;
    if (progress.is_awaited && begins) awaited_since_ms_ = now_ms;
    was_awaited_ = progress.is_awaited;
    return progress.is_awaited && now_ms >= awaited_since_ms_ + limit_ms_;
  }

 private:
  std::uint64_t limit_ms_;
  std::uint64_t looked_at_ms_ = 0;
  std::uint64_t acknowledged_bytes_ = 0;
  bool was_awaited_ = false;
  std::uint64_t awaited_since_ms_ = 0;
};

}  // namespace okiagari::journal

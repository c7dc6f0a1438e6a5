// Handing leadership to another server: submits stop, the target gets the whole log, and only then
// it is told to stand. The library would tell it too early and then refuse submits for a whole
// election timeout. Given up when it takes too long: then submits go on here. Pure logic.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "journal/log.h"

namespace okiagari::journal {

class HandOver {
 public:
  enum class Step : std::uint8_t { none, transfer_now, give_up };

  explicit HandOver(std::uint32_t limit_ms) : limit_ms_(limit_ms) {}

  [[nodiscard]] bool is_under_way() const { return target_ != 0; }
  [[nodiscard]] NodeId target() const { return target_; }

  void begin(NodeId target, std::uint64_t now_ms);
  // `match` is what the target is known to have. `is_telling`: the core hands over already.
  [[nodiscard]] Step end_turn(Index last, Index match, bool is_telling, std::uint64_t now_ms);
  // Leadership is lost, for whatever reason, or the hand-over was given up.
  void end() { target_ = 0; }
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

 private:
  std::uint32_t limit_ms_;
  NodeId target_ = 0;
  std::uint64_t deadline_ms_ = 0;
  bool was_told_ = false;
};

}  // namespace okiagari::journal

#include "journal/hand_over.h"

namespace okiagari::journal {

void HandOver::begin(NodeId target, std::uint64_t now_ms) {
  target_ = target;
  deadline_ms_ = now_ms + limit_ms_;
  was_told_ = false;
}

HandOver::Step HandOver::end_turn(Index last, Index match, bool is_telling, std::uint64_t now_ms) {
  if (target_ == 0) return Step::none;
  if (was_told_) {
    // The core ends its part after an election timeout.
    if (is_telling) return Step::none;
    return Step::give_up;
  }
  if (match == last) {
    was_told_ = true;
    return Step::transfer_now;
  }
  return now_ms >= deadline_ms_ ? Step::give_up : Step::none;
}

std::uint64_t HandOver::next_deadline_ms() const {
  return target_ == 0 || was_told_ ? UINT64_MAX : deadline_ms_;
}

}  // namespace okiagari::journal

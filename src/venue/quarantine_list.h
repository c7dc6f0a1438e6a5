// Commands that are to be left out when their turn comes: a bounded, ascending list of sequences.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/types.h"

namespace okiagari::venue {

class QuarantineList {
 public:
  static constexpr std::size_t kPendingMax = 1024;

  enum class Added : std::uint8_t { yes, already_there, full };

  Added add(Sequence sequence) {
    const auto at = std::lower_bound(pending_.begin(), pending_.end(), sequence);
    if (at != pending_.end() && *at == sequence) return Added::already_there;
    if (pending_.size() >= kPendingMax) return Added::full;
    pending_.insert(at, sequence);
    return Added::yes;
  }

  // Forgets it when it is the next one. Asked for every sequence in turn.
  [[nodiscard]] bool take(Sequence sequence) {
    if (pending_.empty() || pending_.front() != sequence) [[likely]] {
      return false;
    }
    pending_.erase(pending_.begin());
    return true;
  }

  [[nodiscard]] const std::vector<Sequence>& pending() const { return pending_; }

 private:
  std::vector<Sequence> pending_;
};

}  // namespace okiagari::venue

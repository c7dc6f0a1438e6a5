#include "venue/applied_numbers.h"

#include <algorithm>

namespace okiagari::venue {

AppliedNumbers::Standing AppliedNumbers::standing_below_mark(std::uint32_t number) const {
  if (number < floor_) return Standing::too_old;
  const auto known = gaps();
  const auto at = std::lower_bound(known.begin(), known.end(), number,
                                   [](const Gap& gap, std::uint32_t n) { return gap.last < n; });
  const bool in_gap = at != known.end() && at->first <= number;
  return in_gap ? Standing::never_arrived : Standing::applied;
}

void AppliedNumbers::add_gap(Gap gap) {
  if (gap_count_ == kGapsMax) {
    floor_ = gaps_[0].last + 1;
    std::copy(gaps_.begin() + 1, gaps_.end(), gaps_.begin());
    --gap_count_;
  }
  gaps_[gap_count_++] = gap;
}

bool AppliedNumbers::restore(std::uint32_t mark, std::uint32_t floor, std::span<const Gap> gaps) {
  if (gaps.size() > kGapsMax || floor == 0 || floor > mark + std::uint64_t{1}) return false;
  std::uint64_t after = floor;
  for (const Gap& gap : gaps) {
    if (gap.first < after || gap.last < gap.first || gap.last >= mark) return false;
    after = std::uint64_t{gap.last} + 2;
  }
  mark_ = mark;
  floor_ = floor;
  gap_count_ = static_cast<std::uint32_t>(gaps.size());
  std::copy(gaps.begin(), gaps.end(), gaps_.begin());
  return true;
}

}  // namespace okiagari::venue

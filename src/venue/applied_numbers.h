// Which user reference numbers of one session the venue has applied: a high mark, and the gaps
// below it, that is numbers which were jumped over and so never arrived. At most kGapsMax gaps are
// remembered; when there are more, the lowest is forgotten and nothing below it is certain any
// more. A number that arrives after all stays in its gap: its sender has been told that it never
// did.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace okiagari::venue {

class AppliedNumbers {
 public:
  static constexpr std::size_t kGapsMax = 64;

  // Both ends belong to the gap.
  struct Gap {
    std::uint32_t first;
    std::uint32_t last;
  };

  enum class Standing : std::uint8_t { fresh, applied, never_arrived, too_old };

  [[nodiscard]] Standing standing(std::uint32_t number) const {
    if (number > mark_) [[likely]] {
      return Standing::fresh;
    }
    return standing_below_mark(number);
  }

  // Takes a fresh number.
  void apply(std::uint32_t number) {
    if (number != mark_ + 1) [[unlikely]] {
      add_gap({mark_ + 1, number - 1});
    }
    mark_ = number;
  }

  // The highest number applied, 0 at first.
  [[nodiscard]] std::uint32_t mark() const { return mark_; }
  // The lowest number that would be fresh; the highest number there is when none is left.
  [[nodiscard]] std::uint32_t next() const { return mark_ == UINT32_MAX ? mark_ : mark_ + 1; }
  // Below it nothing is certain.
  [[nodiscard]] std::uint32_t floor() const { return floor_; }
  // Ascending, none touching another.
  [[nodiscard]] std::span<const Gap> gaps() const { return {gaps_.data(), gap_count_}; }

  // For snapshots; false, with nothing changed, when the parts do not fit together.
  [[nodiscard]] bool restore(std::uint32_t mark, std::uint32_t floor, std::span<const Gap> gaps);

 private:
  [[nodiscard]] Standing standing_below_mark(std::uint32_t number) const;
  void add_gap(Gap gap);

  std::uint32_t mark_ = 0;
  std::uint32_t floor_ = 1;
  std::uint32_t gap_count_ = 0;
  std::array<Gap, kGapsMax> gaps_{};
};

}  // namespace okiagari::venue

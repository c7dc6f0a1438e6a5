// The firms that trade here, and whether one is stopped.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/types.h"

namespace okiagari::venue {

struct Member {
  std::array<char, 4> firm{};
  bool halted = false;  // no new orders; cancels go on
};

class Members {
 public:
  Members() : members_(1) {}

  // Dense; the new one has the next number.
  void add(std::array<char, 4> firm) { members_.push_back(Member{firm, false}); }

  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(members_.size() - 1);
  }
  [[nodiscard]] bool exists(MemberId id) const { return id != 0 && id < members_.size(); }
  // Only members that exist.
  [[nodiscard]] Member& operator[](MemberId id) { return members_[id]; }
  [[nodiscard]] const Member& operator[](MemberId id) const { return members_[id]; }

 private:
  std::vector<Member> members_;
};

}  // namespace okiagari::venue

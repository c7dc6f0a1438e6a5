#include "tests/simulation/shrink.h"

#include <algorithm>
#include <cstddef>

namespace okiagari::simulation {
namespace {

// Leaves out runs of `size` faults as long as what is left still fails.
bool leave_out(Scenario& failing, std::size_t size, const Judge& judge) {
  bool smaller = false;
  for (std::size_t at = 0; at < failing.faults.size();) {
    Scenario tried = failing;
    const std::size_t end = std::min(at + size, tried.faults.size());
    tried.faults.erase(tried.faults.begin() + static_cast<std::ptrdiff_t>(at),
                       tried.faults.begin() + static_cast<std::ptrdiff_t>(end));
    if (judge(tried).empty()) {
      at += size;
    } else {
      failing = tried;
      smaller = true;
    }
  }
  return smaller;
}

void shorten(Scenario& failing, const Judge& judge) {
  constexpr TimeUs kShort = 2'000;
  for (std::size_t i = 0; i < failing.faults.size(); ++i) {
    while (failing.faults[i].duration_us > kShort) {
      Scenario tried = failing;
      tried.faults[i].duration_us /= 2;
      if (judge(tried).empty()) break;
      failing = tried;
    }
  }
}

void command_less(Scenario& failing, const Judge& judge) {
  while (failing.commands_per_member > 1) {
    Scenario tried = failing;
    tried.commands_per_member /= 2;
    if (judge(tried).empty()) return;
    failing = tried;
  }
}

}  // namespace

Scenario shrink(Scenario failing, const Judge& judge) {
  for (std::size_t size = std::max<std::size_t>(failing.faults.size() / 2, 1); size > 0;
       size /= 2) {
    leave_out(failing, size, judge);
  }
  while (leave_out(failing, 1, judge)) {
  }
  shorten(failing, judge);
  command_less(failing, judge);
  return failing;
}

}  // namespace okiagari::simulation

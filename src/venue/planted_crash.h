// Only in builds with planted defects: the process dies of one order, as a bug would that it sets
// off, and again at each start that comes to it. OKIAGARI_PLANT="venue.crash"; it is
// the first new order at or behind the command of the number in OKIAGARI_PLANT_SEED, so that a
// replay from a snapshot dies of the same one.
#pragma once

#ifdef OKIAGARI_PLANTED_DEFECTS

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "venue/command.h"

namespace okiagari::venue {

inline void die_if_planted(const CommandHeader& header, std::uint64_t sequence) {
  static const std::uint64_t fatal = [] {
    const char* plant = std::getenv("OKIAGARI_PLANT");
    const char* seed = std::getenv("OKIAGARI_PLANT_SEED");
    if (plant == nullptr || seed == nullptr || std::string_view(plant) != "venue.crash") {
      return std::uint64_t{0};
    }
    return static_cast<std::uint64_t>(std::strtoull(seed, nullptr, 10));
  }();
  if (fatal == 0 || sequence < fatal || header.type != CommandType::new_order) return;
  __builtin_trap();
}

}  // namespace okiagari::venue

#endif

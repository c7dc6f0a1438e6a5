// Days as the log counts them, from 1 January 1970, and as people write them, 20261126.
#pragma once

#include <cstdint>

namespace okiagari::check {

// 0 when it is no day, or one that 16 bits do not count.
[[nodiscard]] std::uint16_t days_of(std::uint32_t date);
[[nodiscard]] std::uint32_t date_of(std::uint16_t days);

}  // namespace okiagari::check

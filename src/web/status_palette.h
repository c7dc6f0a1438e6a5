// The colours of the public page, by day and by night. A state is never told by colour alone: it
// has a mark and a word too. The test computes the contrasts that WCAG 2.2 AA asks for.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace okiagari::web {

struct StatusColour {
  std::string_view name;  // of the CSS variable
  std::uint32_t day;      // 0xRRGGBB
  std::uint32_t night;
};

inline constexpr std::uint32_t kPaperDay = 0xffffff;
inline constexpr std::uint32_t kPaperNight = 0x121212;

// All of them are for text on the paper.
inline constexpr std::array<StatusColour, 9> kStatusColours = {{
    {"ink", 0x1a1a1a, 0xf0f0f0},
    {"soft", 0x505050, 0xbdbdbd},
    {"link", 0x0b4f9e, 0x8ab8ff},
    {"operational", 0x0b6b2e, 0x6fd58b},
    {"degraded", 0x7a5200, 0xf0c04c},
    {"partial", 0xa33b00, 0xff9e66},
    {"major", 0xb00020, 0xff8a8a},
    {"maintenance", 0x0b4f9e, 0x8ab8ff},
    {"unknown", 0x505050, 0xbdbdbd},
}};

[[nodiscard]] std::string status_css();

}  // namespace okiagari::web

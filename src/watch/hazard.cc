#include "watch/hazard.h"

#include <fmt/format.h>

#include <array>

#include "watch/hazard_formats.h"

namespace okiagari::watch {

std::optional<int> intensity_rank(std::string_view intensity) {
  constexpr std::array<std::string_view, 10> kScale = {"0",  "1",  "2",  "3",  "4",
                                                       "5-", "5+", "6-", "6+", "7"};
  for (std::size_t rank = 0; rank < kScale.size(); ++rank) {
    if (kScale[rank] == intensity) return static_cast<int>(rank);
  }
  return std::nullopt;
}

std::string bounded_text(std::string_view text) {
  if (text.size() <= kHazardTextBytesMax) return std::string(text);
  std::size_t end = kHazardTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return std::string(text.substr(0, end));
}

base::Result<Hazard> parse_hazard(std::string_view xml) {
  auto root = parse_xml(xml);
  if (!root) return root.error();
  if (root.value().name == "alert") return hazard_of_cap(root.value());
  if (root.value().name == "Report") return hazard_of_jma(root.value());
  return base::Error{fmt::format("XML of <{}>: neither CAP 1.2 nor the Agency's",
                                 bounded_text(root.value().name))};
}

}  // namespace okiagari::watch

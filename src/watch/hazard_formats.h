// The two formats of public messages, from their trees. See hazard.h.
#pragma once

#include "base/result.h"
#include "watch/hazard.h"
#include "watch/xml_document.h"

namespace okiagari::watch {

inline constexpr std::size_t kHazardAreasMax = 2'000;
inline constexpr std::size_t kHazardTextBytesMax = 600;

// Cut where it is too long, between characters of UTF-8.
[[nodiscard]] std::string bounded_text(std::string_view text);

[[nodiscard]] base::Result<Hazard> hazard_of_cap(const XmlElement& alert);
[[nodiscard]] base::Result<Hazard> hazard_of_jma(const XmlElement& report);

}  // namespace okiagari::watch

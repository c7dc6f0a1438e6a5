// The history of incidents as Atom (RFC 4287) and RSS 2.0, and maintenance as a calendar (RFC
// 5545).
#pragma once

#include <string>
#include <string_view>

#include "web/public_view.h"

namespace okiagari::web {

[[nodiscard]] std::string atom_feed(const PublicView& view);
[[nodiscard]] std::string rss_feed(const PublicView& view);
[[nodiscard]] std::string maintenance_calendar(const PublicView& view);

// One content line, folded at 75 octets but never within a character.
[[nodiscard]] std::string folded_line(std::string_view line);

}  // namespace okiagari::web

// Whom a halt would hit: what an operator wants to see before signing, and afterwards where it took
// effect. Reads the venue's state; walks over the live orders and waiting stops of what is asked
// for, unless the whole market is asked for in short: what is stopped and who is logged in where,
// often and cheaply.
#pragma once

#include <string>

#include "venue/venue.h"
#include "wire/link_frames.h"

namespace okiagari::node {

inline constexpr std::uint16_t kPreviewInShort = 1;  // target, of the market
inline constexpr std::size_t kStoppedToldMax = 500;

// A JSON object; docs/formats/link.md lists its keys.
[[nodiscard]] std::string halt_preview(const venue::Venue& venue,
                                       const wire::PreviewRequest& request);

}  // namespace okiagari::node

// Instants as people and other programs read them. All of them are UTC inside; Japan's clocks are
// nine hours ahead, all year.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "desk/words.h"

namespace okiagari::desk {

[[nodiscard]] std::string utc_text(TimestampNs at_ns);        // "2026-11-26 01:02:03 UTC"
[[nodiscard]] std::string jst_text(TimestampNs at_ns);        // "2026-11-26 10:02:03 JST"
[[nodiscard]] Words time_words(TimestampNs at_ns);            // both, the reader's own first
[[nodiscard]] std::string rfc3339_text(TimestampNs at_ns);    // "2026-11-26T01:02:03.004Z"
[[nodiscard]] std::string rfc822_text(TimestampNs at_ns);     // "Thu, 26 Nov 2026 01:02:03 +0000"
[[nodiscard]] std::string icalendar_text(TimestampNs at_ns);  // "20261126T010203Z"
// "2026-11-26T01:02" or with ":03", UTC, with or without a "Z"; nothing when it is none.
[[nodiscard]] std::optional<TimestampNs> parse_utc(std::string_view text);

}  // namespace okiagari::desk

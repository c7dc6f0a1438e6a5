// A document of the desk's API as text for a person: a line for each member, times as times, words
// in one language, what is empty left out.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/types.h"

namespace okiagari::cli {

// `language` is "ja" or "en". Views come as {as_of_ns, index, items}: the items are the text.
[[nodiscard]] std::string document_text(const boost::json::value& document,
                                        std::string_view language);

// "2026-11-26 04:25:51.123 UTC"
[[nodiscard]] std::string time_text(TimestampNs at_ns);

// Of {en, ja}; a text is both.
[[nodiscard]] std::string words_in(const boost::json::value& words, std::string_view language);

}  // namespace okiagari::cli

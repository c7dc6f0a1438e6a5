// Text into HTML and XML.
#pragma once

#include <string>
#include <string_view>

namespace okiagari::web {

// For text and for attributes in double quotes. Control characters, which XML cannot carry, become
// spaces.
[[nodiscard]] std::string escaped(std::string_view text);
// Paragraphs: an empty line parts them, a line break stays one.
[[nodiscard]] std::string paragraphs(std::string_view text);
// CommonMark, without raw HTML and without links that run code. Its headings stand two levels
// lower: the page has its own.
[[nodiscard]] std::string from_markdown(const std::string& text);

}  // namespace okiagari::web

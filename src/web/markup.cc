#include "web/markup.h"

#include <cmark.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace okiagari::web {

namespace {

// "<" in the text itself is escaped by cmark, so what looks like a heading is one.
std::string with_lower_headings(std::string html) {
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t name = html.compare(at, 2, "</") == 0 ? at + 2 : at + 1;
    const bool is_heading = name + 2 < html.size() && html[name] == 'h' && html[name + 1] >= '1' &&
                            html[name + 1] <= '6' && html[name + 2] == '>';
    if (is_heading) html[name + 1] = std::min('6', static_cast<char>(html[name + 1] + 2));
  }
  return html;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = byte < 0x20 && c != '\n' && c != '\t';
        out += is_control || byte == 0x7f ? ' ' : c;
      }
    }
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out = "<p>";
  bool is_open = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      if (is_open) out += "</p>";
      is_open = false;
      continue;
    }
    if (!is_open) out += "<p>";
    is_open = true;
    out += escaped(line);
    if (!text.empty() && text.front() != '\n') out += "<br>";
  }
  return is_open ? out + "</p>" : out;
}

std::string from_markdown(const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> html(
      cmark_markdown_to_html(text.data(), text.size(), CMARK_OPT_DEFAULT), std::free);
  return with_lower_headings(html.get());
}

}  // namespace okiagari::web

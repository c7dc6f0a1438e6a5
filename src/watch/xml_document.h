// A small XML document as a tree, for messages of a known size: bounded in bytes, depth and count.
// A document type declaration is refused, and with it every entity that could expand; prefixes of
// names are dropped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace okiagari::watch {

struct XmlElement {
  std::string name;
  std::string text;  // its own, without the children's, spaces around it dropped
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlElement> children;

  // The first child of that name; null when there is none.
  [[nodiscard]] const XmlElement* child(std::string_view name) const;
  // By a path of names, "Head/Headline/Text"; null, or an empty text, when one is missing.
  [[nodiscard]] const XmlElement* at(std::string_view path) const;
  [[nodiscard]] std::string_view text_at(std::string_view path) const;
  [[nodiscard]] std::vector<const XmlElement*> all(std::string_view name) const;
  [[nodiscard]] std::string_view attribute(std::string_view name) const;
};

inline constexpr std::size_t kXmlBytesMax = 1u << 20;

[[nodiscard]] base::Result<XmlElement> parse_xml(std::string_view text);

}  // namespace okiagari::watch

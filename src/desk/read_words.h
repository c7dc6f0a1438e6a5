// Texts for people out of an entry's body: {en, ja}, or one text that stands for both.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "desk/words.h"

namespace okiagari::desk {

// Empty when it is not there; a missing language takes the other's text.
[[nodiscard]] Words read_words(const boost::json::object& body, std::string_view key);
[[nodiscard]] Words read_words(const boost::json::value& value);
[[nodiscard]] inline bool is_empty(const Words& words) {
  return words.en.empty() && words.ja.empty();
}

}  // namespace okiagari::desk

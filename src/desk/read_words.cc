#include "desk/read_words.h"

#include <boost/json.hpp>

#include "desk/entry.h"

namespace okiagari::desk {

Words read_words(const boost::json::value& value) {
  if (value.is_string()) {
    const std::string text(value.get_string().data(), value.get_string().size());
    return {text, text};
  }
  if (!value.is_object()) return {};
  const std::string en = text_or(value.get_object(), "en");
  const std::string ja = text_or(value.get_object(), "ja");
  return {en.empty() ? ja : en, ja.empty() ? en : ja};
}

Words read_words(const boost::json::object& body, std::string_view key) {
  const boost::json::value* value = body.if_contains(key);
  return value == nullptr ? Words{} : read_words(*value);
}

}  // namespace okiagari::desk

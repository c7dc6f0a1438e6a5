#include "watch/log_line.h"

#include <array>
#include <boost/json.hpp>
#include <utility>

namespace okiagari::watch {

namespace json = boost::json;

namespace {

using Level = LogLine::Level;

Level level_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Level>, 12> kNames = {
      {{"trace", Level::debug},
       {"debug", Level::debug},
       {"info", Level::info},
       {"notice", Level::info},
       {"warn", Level::warning},
       {"warning", Level::warning},
       {"error", Level::error},
       {"err", Level::error},
       {"critical", Level::critical},
       {"fatal", Level::critical},
       {"alert", Level::critical},
       {"emergency", Level::critical}}};
  for (const auto& [text, level] : kNames) {
    if (text == name) return level;
  }
  return Level::unknown;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// "2026-03-01T09:00:00.123456 node 1 info: leads term 3"
LogLine plain(std::string_view text) {
  LogLine line;
  const std::size_t colon = text.find(": ");
  const std::size_t space =
      colon == std::string_view::npos ? std::string_view::npos : text.rfind(' ', colon);
  if (space != std::string_view::npos) {
    line.level = level_of(text.substr(space + 1, colon - space - 1));
  }
  if (line.level == Level::unknown) {
    line.message = text;
    return line;
  }
  const std::size_t first = text.find(' ');
  line.time = text.substr(0, first);
  if (first < space) line.component = text.substr(first + 1, space - first - 1);
  line.message = text.substr(colon + 2);
  return line;
}

}  // namespace

LogLine parse_log_line(std::string_view text) {
  text = text.substr(0, kLogLineBytesMax);
  if (!text.starts_with('{')) return plain(text);
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return plain(text);
  const json::object& object = value.get_object();
  LogLine line;
  line.time = text_of(object, "time");
  line.level = level_of(text_of(object, "level"));
  line.component = text_of(object, "component");
  line.event = text_of(object, "event");
  line.message = text_of(object, "message");
  return line;
}

bool is_crash_text(std::string_view message) {
  constexpr std::array<std::string_view, 9> kTexts = {
      "assertion failed",   "invariant broken:", "terminate called",
      "Segmentation fault", "core dumped",       "AddressSanitizer",
      "stack smashing",     "double free",       "uncaught exception"};
  for (const std::string_view text : kTexts) {
    if (message.find(text) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace okiagari::watch

// One line of a server's log: a JSON object with time, level, component, event and message, or the
// plain text that is written where no JSON was asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okiagari::watch {

struct LogLine {
  enum class Level : std::uint8_t { debug, info, warning, error, critical, unknown };
  std::string time;
  Level level = Level::unknown;
  std::string component;
  std::string event;
  std::string message;
};

inline constexpr std::size_t kLogLineBytesMax = 16u << 10;

// What is no JSON object is a message as it stands, with the level that its words tell.
[[nodiscard]] LogLine parse_log_line(std::string_view line);

// Whether it is the text of a process that dies: an assertion, a signal, an exception that nobody
// caught.
[[nodiscard]] bool is_crash_text(std::string_view message);

}  // namespace okiagari::watch

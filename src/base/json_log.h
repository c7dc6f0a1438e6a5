// A process's log as one JSON object a line, for machines to mine and people to read. Every line
// has, in this order: "time" (RFC 3339, UTC, microseconds), "level", "component" ("node-1"),
// "event" (one word for what happened, which never changes its meaning), "message" (for a person);
// further members belong to the event. docs/formats/log_lines.md lists the events.
#pragma once

#include <fmt/format.h>
#include <spdlog/common.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace okiagari::base {

class LogField {
 public:
  LogField(std::string_view name, std::integral auto number) : name_(name) {
    if constexpr (std::same_as<decltype(number), bool>) {
      value_ = number;
    } else if constexpr (std::signed_integral<decltype(number)>) {
      value_ = std::int64_t{number};
    } else {
      value_ = std::uint64_t{number};
    }
  }
  LogField(std::string_view name, std::string_view text) : name_(name), value_(text) {}
  LogField(std::string_view name, const std::string& text)
      : LogField(name, std::string_view(text)) {}
  LogField(std::string_view name, const char* text) : LogField(name, std::string_view(text)) {}

  void append_to(std::string& json) const;

 private:
  std::string_view name_;
  std::variant<bool, std::int64_t, std::uint64_t, std::string_view> value_;
};
using LogFields = std::initializer_list<LogField>;

// From now on this process's log is written so, each line at once, to standard output.
void use_json_log(std::string component);

// The formatter alone.
[[nodiscard]] std::unique_ptr<spdlog::formatter> json_log_formatter(std::string component);

// To the log, whatever its form is; only the JSON form shows event and fields.
void log_event(spdlog::level::level_enum level, std::string_view event, LogFields fields,
               std::string_view message);

template <typename... Args>
void log_info(std::string_view event, LogFields fields, fmt::format_string<Args...> message,
              Args&&... args) {
  log_event(spdlog::level::info, event, fields, fmt::format(message, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(std::string_view event, LogFields fields, fmt::format_string<Args...> message,
                 Args&&... args) {
  log_event(spdlog::level::warn, event, fields, fmt::format(message, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(std::string_view event, LogFields fields, fmt::format_string<Args...> message,
               Args&&... args) {
  log_event(spdlog::level::err, event, fields, fmt::format(message, std::forward<Args>(args)...));
}
template <typename... Args>
void log_critical(std::string_view event, LogFields fields, fmt::format_string<Args...> message,
                  Args&&... args) {
  log_event(spdlog::level::critical, event, fields,
            fmt::format(message, std::forward<Args>(args)...));
}

// Text as a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& json, std::string_view text);

}  // namespace okiagari::base

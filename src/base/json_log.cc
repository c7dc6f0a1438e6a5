#include "base/json_log.h"

#include <spdlog/formatter.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <ctime>
#include <iterator>

namespace okiagari::base {

namespace {

// What the line that is being logged says beside its message. The log is written by the caller's
// own thread, within log_event().
thread_local std::string_view current_event;
thread_local const LogFields* current_fields = nullptr;

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::warn:
      return "warning";
    case spdlog::level::err:
      return "error";
    case spdlog::level::critical:
      return "critical";
    case spdlog::level::info:
      return "info";
    default:
      return "debug";
  }
}

void append_time(std::string& json, spdlog::log_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  const std::time_t seconds = since.count() / 1'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(json), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                 utc.tm_sec, since.count() % 1'000'000);
}

// Bytes of the UTF-8 character at the front, 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xC2 && first < 0xE0 ? 2
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xF0 && first < 0xF5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Too long a form, surrogates, beyond the last character.
  const bool is_wrong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) >= 0xA0) ||
                        (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) >= 0x90);
  return is_wrong ? 0 : size;
}

class JsonLogFormatter final : public spdlog::formatter {
 public:
  explicit JsonLogFormatter(std::string component) : component_(std::move(component)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& into) override {
    std::string json = "{\"time\":\"";
    append_time(json, message.time);
    fmt::format_to(std::back_inserter(json),
                   "\",\"level\":\"{}\",\"component\":", name_of(message.level));
    append_json_string(json, component_);
    json += ",\"event\":";
    append_json_string(json, current_fields == nullptr ? "note" : current_event);
    json += ",\"message\":";
    append_json_string(json, {message.payload.data(), message.payload.size()});
    if (current_fields != nullptr) {
      for (const LogField& field : *current_fields) field.append_to(json);
    }
    json += "}\n";
    into.append(json.data(), json.data() + json.size());
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLogFormatter>(component_);
  }

 private:
  std::string component_;
};

}  // namespace

void append_json_string(std::string& json, std::string_view text) {
  json += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t size = character_size(text);
    if (size == 0) {
      json += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      json += '\\';
      json += text.front();
    } else if (c < 0x20) {
      fmt::format_to(std::back_inserter(json), "\\u{:04x}", c);
    } else {
      json += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  json += '"';
}

void LogField::append_to(std::string& json) const {
  json += ',';
  append_json_string(json, name_);
  json += ':';
  std::visit(
      [&](const auto& value) {
        if constexpr (std::same_as<std::decay_t<decltype(value)>, std::string_view>) {
          append_json_string(json, value);
        } else {
          fmt::format_to(std::back_inserter(json), "{}", value);
        }
      },
      value_);
}

std::unique_ptr<spdlog::formatter> json_log_formatter(std::string component) {
  return std::make_unique<JsonLogFormatter>(std::move(component));
}

void use_json_log(std::string component) {
  spdlog::set_formatter(json_log_formatter(std::move(component)));
  spdlog::flush_on(spdlog::level::info);
}

void log_event(spdlog::level::level_enum level, std::string_view event, LogFields fields,
               std::string_view message) {
  current_event = event;
  current_fields = &fields;
  spdlog::log(level, "{}", message);
  current_fields = nullptr;
}

}  // namespace okiagari::base

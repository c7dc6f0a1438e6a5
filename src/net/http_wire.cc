#include "net/http_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "base/assert.h"
#include "net/problem.h"

namespace okiagari::net {

namespace {

bool is_token_character(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

bool is_servers_own(std::string_view name) {
  return equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "connection") ||
         equals_ignoring_case(name, "date") || equals_ignoring_case(name, "transfer-encoding");
}

// Made once a second.
const std::string& date_line() {
  thread_local std::time_t made_at = 0;
  thread_local std::string line;
  const std::time_t now = std::time(nullptr);
  if (now == made_at) return line;
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  // The process stays in the C locale, so the names are English.
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  line = fmt::format("Date: {}\r\n", std::string_view(text, size));
  made_at = now;
  return line;
}

std::string format_head(const HttpResponse& response) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, status_title(response.status));
  head += date_line();
  for (const auto& [name, value] : response.headers) {
    if (!is_servers_own(name)) {
      fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
    }
  }
  return head;
}

}  // namespace

bool is_writable(const HttpResponse& response) {
  return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    const auto& [name, value] = header;
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token_character) &&
           std::all_of(value.begin(), value.end(), is_value_character);
  });
}

std::string format_response(const HttpResponse& response, const AnswerShape& shape) {
  ASSERT(response.status >= 200 && response.status <= 599, "{} is no answer", response.status);
  if (!is_writable(response)) {
    return format_response(problem(500, "the answer's headers cannot be sent"), shape);
  }
  std::string bytes = format_head(response);
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) {
    fmt::format_to(std::back_inserter(bytes), "Content-Length: {}\r\n", response.body.size());
  }
  if (!shape.keeps_alive) {
    bytes += "Connection: close\r\n";
  } else if (shape.is_http_1_0) {
    bytes += "Connection: keep-alive\r\n";
  }
  bytes += "\r\n";
  if (has_body && !shape.is_head) bytes += response.body;
  return bytes;
}

std::string format_stream_head(const HttpResponse& response) {
  return format_head(response) + "Connection: close\r\n\r\n";
}

std::string format_event(std::string_view event, std::string_view id, std::string_view data) {
  constexpr std::string_view kLineEnds("\r\n\0", 3);
  ASSERT(event.find_first_of(kLineEnds) == std::string_view::npos &&
             id.find_first_of(kLineEnds) == std::string_view::npos,
         "event '{}' and id '{}' must be one line", event, id);
  std::string text;
  if (!event.empty()) fmt::format_to(std::back_inserter(text), "event: {}\n", event);
  if (!id.empty()) fmt::format_to(std::back_inserter(text), "id: {}\n", id);
  while (true) {
    const auto end = data.find_first_of("\r\n");
    fmt::format_to(std::back_inserter(text), "data: {}\n", data.substr(0, end));
    if (end == std::string_view::npos) break;
    data.remove_prefix(data.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
  }
  text += "\n";
  return text;
}

}  // namespace okiagari::net

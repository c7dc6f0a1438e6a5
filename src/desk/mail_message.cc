#include "desk/mail_message.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"

namespace okiagari::desk {

namespace {

constexpr std::size_t kBodyColumns = 76;
// "=?UTF-8?B?" and "?=" around at most 60 characters of base64: 45 bytes.
constexpr std::size_t kWordBytes = 45;

bool is_plain(std::string_view text) {
  return text.size() <= 60 && text.find("=?") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// One line, whatever was in it: a head that ends early would let a text write its own.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  return line;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string address(const std::string& name, const std::string& at) {
  if (name.empty()) return fmt::format("<{}>", at);
  const std::string words = encoded_words(name);
  // A plain name may hold what means something in an address.
  return words.starts_with("=?") ? fmt::format("{} <{}>", words, at)
                                 : fmt::format("=?UTF-8?B?{}?= <{}>", base::to_base64(name), at);
}

std::string domain_of(const std::string& from) { return from.substr(from.find('@') + 1); }

}  // namespace

std::string encoded_words(std::string_view given) {
  const std::string text = one_line(given);
  if (is_plain(text)) return text;
  std::string words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.size(), at + kWordBytes);
    // A character is not cut in two.
    while (end < text.size() && end > at + 1 && is_continuation(text[end])) --end;
    if (!words.empty()) words += "\r\n ";
    words +=
        fmt::format("=?UTF-8?B?{}?=", base::to_base64(std::string_view(text).substr(at, end - at)));
    at = end;
  }
  return words;
}

std::string message_id(const std::string& key, const std::string& from) {
  std::string local = key;
  std::replace_if(
      local.begin(), local.end(),
      [](char c) {
        const bool is_alnum =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return !is_alnum && c != '/' && c != '-' && c != '_' && c != '.';
      },
      '_');
  return fmt::format("<{}@{}>", local, domain_of(from));
}

std::string to_mime(const MailMessage& message) {
  const date::sys_seconds at{
      std::chrono::seconds(static_cast<std::int64_t>(message.at_ns / 1'000'000'000))};
  std::string text;
  const auto head = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{}: {}\r\n", name, value);
  };
  head("From", address(message.from_name, message.from));
  head("To", address(message.to_name, message.to));
  head("Subject", encoded_words(message.subject));
  head("Date", date::format("%a, %d %b %Y %T +0000", at));
  head("Message-ID", message_id(message.key, message.from));
  if (!message.thread.empty()) {
    const std::string root = message_id("incident/" + message.thread, message.from);
    head("In-Reply-To", root);
    head("References", root);
  }
  head("Idempotency-Key", one_line(message.key));
  head("Auto-Submitted", "auto-generated");
  if (message.is_urgent) head("X-Priority", "1 (Highest)");
  for (const auto& [name, value] : message.headers) {
    if (is_header_name(name)) head(name, one_line(value));
  }
  head("MIME-Version", "1.0");
  head("Content-Language", message.language == "ja" ? "ja, en" : "en, ja");
  head("Content-Type", "text/plain; charset=utf-8");
  head("Content-Transfer-Encoding", "base64");
  text += "\r\n";
  // Lines of a text end with CR LF (RFC 2045), before it is encoded.
  std::string body;
  for (const char c : message.text) {
    if (c == '\n' && (body.empty() || body.back() != '\r')) body += '\r';
    body += c;
  }
  const std::string encoded = base::to_base64(body);
  for (std::size_t begin = 0; begin < encoded.size(); begin += kBodyColumns) {
    text += encoded.substr(begin, kBodyColumns) + "\r\n";
  }
  return text;
}

}  // namespace okiagari::desk

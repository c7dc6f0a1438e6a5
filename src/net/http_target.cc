#include "net/http_target.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <optional>

namespace okiagari::net {

namespace {

enum class Plus : std::uint8_t { is_plus, is_space };

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

base::Result<std::string> decode(std::string_view text, Plus plus, bool takes_control) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (is_control(static_cast<unsigned char>(c))) {
      return base::Error{"it holds a control character that is not encoded"};
    }
    if (c == '%') {
      const auto high = at + 2 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
      const auto low = at + 2 < text.size() ? hex_digit(text[at + 2]) : std::nullopt;
      if (!high || !low) return base::Error{"a percent sign is not followed by two hex digits"};
      c = static_cast<char>(*high * 16 + *low);
      at += 2;
      if (!takes_control && is_control(static_cast<unsigned char>(c))) {
        return base::Error{"it holds an encoded control character"};
      }
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    decoded.push_back(c);
  }
  return decoded;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

}  // namespace

base::Result<HttpParameters> parse_parameters(std::string_view text) {
  HttpParameters parameters;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    if (++count > kParametersMax) {
      return base::Error{fmt::format("more than {} parameters", kParametersMax)};
    }
    const auto equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), Plus::is_space, false);
    if (!name) return name.error();
    // A text area sends line ends.
    auto value = equals == std::string_view::npos
                     ? base::Result<std::string>(std::string())
                     : decode(pair.substr(equals + 1), Plus::is_space, true);
    if (!value) return value.error();
    if (!parameters.emplace(std::move(name.value()), std::move(value.value())).second) {
      return base::Error{"a parameter comes twice"};
    }
  }
  return parameters;
}

base::Result<HttpTarget> parse_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) {
    return base::Error{fmt::format("the target is longer than {} bytes", kTargetBytesMax)};
  }
  if (target.empty() || target.front() != '/') {
    return base::Error{"the target does not begin with a slash"};
  }
  if (target.find('#') != std::string_view::npos) {
    return base::Error{"the target holds a '#', which is for the client alone"};
  }
  const auto question = target.find('?');
  auto path = decode(target.substr(0, question), Plus::is_plus, false);
  if (!path) return path.error();
  if (has_dot_segment(path.value())) return base::Error{"the path holds '.' or '..'"};
  HttpTarget parsed;
  parsed.path = std::move(path.value());
  if (question != std::string_view::npos) {
    auto query = parse_parameters(target.substr(question + 1));
    if (!query) return query.error();
    parsed.query = std::move(query.value());
  }
  return parsed;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace okiagari::net

// The target of an HTTP request, decoded: path and query. Also for forms, which are written like a
// query.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"

namespace okiagari::net {

inline constexpr std::size_t kTargetBytesMax = 8u << 10;
inline constexpr std::size_t kParametersMax = 128;

struct HttpTarget {
  std::string path;
  HttpParameters query;
};

// Origin form only ("/path?query"). Refused, because two readers could take them for different
// things: broken percent signs, control characters, dot segments, a parameter that comes twice.
[[nodiscard]] base::Result<HttpTarget> parse_target(std::string_view target);

// "a=1&b=two+words". Also application/x-www-form-urlencoded bodies.
[[nodiscard]] base::Result<HttpParameters> parse_parameters(std::string_view text);

// Every byte but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace okiagari::net

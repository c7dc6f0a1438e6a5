#include "net/endpoint_setting.h"

#include <fmt/format.h>

namespace okiagari::net {

bool read_endpoint(base::Settings& from, std::string_view key, Endpoint& into,
                   base::Settings::Presence presence) {
  std::string value;
  if (!from.text(key, value, presence)) return false;
  auto parsed = parse_endpoint(value);
  if (!parsed) {
    from.refuse(key, fmt::format("'{}': {}", key, parsed.error().message));
    return false;
  }
  into = parsed.value();
  return true;
}

bool read_endpoint(base::Settings& from, std::string_view key, std::optional<Endpoint>& into) {
  Endpoint endpoint;
  if (!read_endpoint(from, key, endpoint)) return false;
  into = endpoint;
  return true;
}

}  // namespace okiagari::net

// An HTTP request as a handler sees it and a response as it makes one: plain values, without the
// library that reads and writes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okiagari::net {

// Servers answer every other method themselves, with 501.
enum class HttpMethod : std::uint8_t { get, head, post, put, patch, delete_resource, options };
[[nodiscard]] std::string_view to_string(HttpMethod method);

// ASCII letters only: names of headers and of their values' words.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

// Name and value, in the order of the message. Names compare without regard to case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::optional<std::string_view> find_header(const HttpHeaders& headers,
                                                          std::string_view name);

using HttpParameters = std::map<std::string, std::string, std::less<>>;

struct HttpRequest {
  // A HEAD request reaches the handler as `get`; the server leaves out the body of the answer.
  HttpMethod method = HttpMethod::get;
  std::string target;    // as it was sent: "/orders%20today?page=2"
  std::string path;      // decoded, begins with '/', without dot segments
  HttpParameters query;  // decoded
  HttpHeaders headers;
  std::string body;
  std::string peer;  // numeric address, without the port
  bool is_tls = false;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
    const auto found = query.find(name);
    if (found == query.end()) return std::nullopt;
    return found->second;
  }
  // The first cookie of that name.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  // Content-Length, Connection and Date are the server's.
  HttpHeaders headers;
  std::string body;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

}  // namespace okiagari::net

#include "web/answers.h"

#include <boost/json.hpp>

#include "net/problem.h"

namespace okiagari::web {

namespace {

constexpr std::string_view kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

}  // namespace

net::HttpResponse json_answer(const boost::json::value& value, int status) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = boost::json::serialize(value);
  return response;
}

net::HttpResponse come_again(int status, std::string_view detail, std::int64_t after_s) {
  net::HttpResponse response = net::problem(status, detail);
  response.headers.emplace_back("Retry-After", std::to_string(after_s));
  return response;
}

void add_security_headers(net::HttpResponse& response, bool is_tls) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!response.header(name)) response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", kContentPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  if (is_tls) add("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace okiagari::web

#include "net/problem.h"

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

#include "base/assert.h"

namespace okiagari::net {

std::string_view status_title(int status) {
  if (status < 100 || status > 599) return "Unknown";
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  const auto reason = boost::beast::http::obsolete_reason(known);
  if (known == boost::beast::http::status::unknown) return "Unknown";
  return {reason.data(), reason.size()};
}

HttpResponse problem(int status, std::string_view title, std::string_view detail,
                     const boost::json::object& extensions) {
  ASSERT(status >= 400 && status <= 599, "{} is no error", status);
  boost::json::object document;
  document["type"] = "about:blank";
  document["title"] = title.empty() ? status_title(status) : title;
  document["status"] = status;
  if (!detail.empty()) document["detail"] = detail;
  for (const auto& [key, value] : extensions) document[key] = value;
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/problem+json");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = boost::json::serialize(document) + "\n";
  return response;
}

HttpResponse problem(int status, std::string_view detail) { return problem(status, {}, detail); }

}  // namespace okiagari::net

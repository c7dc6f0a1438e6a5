#include "web/site.h"

#include "net/problem.h"
#include "web/answers.h"

namespace okiagari::web {

Site::Site(desk::DeskPort& port, SiteOptions options)
    : port_(port),
      api_(port, std::move(options.api)),
      console_(std::move(options.console)),
      acknowledge_(port_, std::move(options.read_ack_token)),
      public_pages_(std::move(options.public_pages)) {}

void Site::handle(const net::HttpRequest& request, net::HttpReply reply) {
  const std::string_view path = request.path;
  if (path.starts_with("/api/desk/") || path == "/api/openapi.json" || path == "/api/v2/alerts" ||
      path.starts_with("/webhooks/") || path == "/v2/enqueue") {
    api_.handle(request, std::move(reply));
    return;
  }
  if (path == "/ack" || path.starts_with("/ack/")) {
    acknowledge_.handle(request, std::move(reply));
    return;
  }
  net::HttpResponse response;
  constexpr std::string_view kConsole = "/console/";
  if (path == "/console") {
    response = {.status = 308, .headers = {{"Location", "/console/"}}, .body = {}};
  } else if (path.starts_with(kConsole)) {
    response = console_.answer(request, path.substr(kConsole.size()));
  } else if (public_pages_ && public_pages_(request, reply)) {
    return;
  } else {
    response = net::problem(404, "there is nothing here");
  }
  add_security_headers(response, request.is_tls);
  reply.send(std::move(response));
}

}  // namespace okiagari::web

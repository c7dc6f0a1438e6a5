#include "net/health_server.h"

#include <boost/json.hpp>

#include "net/problem.h"

namespace okiagari::net {

namespace {

// A few scrapers; the process has other work.
HttpServerLimits small_limits() {
  HttpServerLimits limits;
  limits.header_bytes_max = 8u << 10;
  limits.body_bytes_max = 1u << 10;
  limits.request_timeout_ms = 2'000;
  limits.connections_max = 64;
  limits.connections_per_peer_max = 32;
  return limits;
}

HttpResponse json_answer(int status, const boost::json::object& document) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = boost::json::serialize(document) + "\n";
  return response;
}

}  // namespace

base::Result<std::unique_ptr<HealthServer>> HealthServer::open(Loop& loop, const Endpoint& listen,
                                                               Sources sources) {
  std::unique_ptr<HealthServer> health(new HealthServer(std::move(sources)));
  HttpServerOptions options;
  options.listen = listen;
  options.limits = small_limits();
  auto server = HttpServer::open(loop, std::move(options),
                                 [raw = health.get()](const HttpRequest& request, HttpReply reply) {
                                   reply.send(raw->answer(request));
                                 });
  if (!server) return server.error();
  health->server_ = std::move(server.value());
  return health;
}

HttpResponse HealthServer::answer(const HttpRequest& request) const {
  const bool is_known =
      request.path == "/metrics" || request.path == "/healthz" || request.path == "/readyz";
  if (!is_known) return problem(404, "there are /metrics, /healthz and /readyz");
  if (request.method != HttpMethod::get) {
    HttpResponse refused = problem(405, "this page can only be read");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (request.path == "/metrics") {
    const MetricsFormat format = choose_metrics_format(request.header("accept"));
    MetricsWriter writer(format);
    sources_.metrics(writer);
    HttpResponse response;
    response.headers = {{"Content-Type", std::string(content_type(format))},
                        {"Cache-Control", "no-store"}};
    response.body = writer.finish();
    return response;
  }
  // That the loop turns is shown by the answer.
  if (request.path == "/healthz") return json_answer(200, {{"status", "ok"}});
  const Readiness readiness = sources_.readiness();
  boost::json::object document{{"ready", readiness.is_ready}, {"state", readiness.state}};
  if (!readiness.is_ready) document["why"] = readiness.why;
  return json_answer(readiness.is_ready ? 200 : 503, document);
}

}  // namespace okiagari::net

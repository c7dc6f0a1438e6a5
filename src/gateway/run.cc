#include "gateway/run.h"

#include "base/json_log.h"
#include "gateway/gateway.h"
#include "net/health_server.h"
#include "net/link_identity.h"
#include "net/loop.h"
#include "net/loop_meter.h"
#include "net/process_metrics.h"

namespace okiagari::gateway {

base::Status run_gateway(const GatewayOptions& options, const std::atomic<bool>& stop,
                         const std::function<void(const net::Endpoint&)>& on_listening) {
  const auto tell = [](const std::string& line) { base::log_info("certificate", {}, "{}", line); };
  if (base::Status status = net::use_link_files(options.tls, tell); !status) return status;
  net::Loop loop;
  auto opened = Gateway::open(loop, options);
  if (!opened.ok()) return opened.error();
  Gateway& gateway = *opened.value();
  net::LoopMeter meter;
  std::unique_ptr<net::HealthServer> health;
  if (options.http) {
    auto served = net::HealthServer::open(loop, *options.http,
                                          {.metrics =
                                               [&](net::MetricsWriter& writer) {
                                                 gateway.write_metrics(writer);
                                                 meter.write(writer);
                                                 net::write_process_metrics(writer);
                                               },
                                           .readiness = [&] { return gateway.readiness(); }});
    if (!served) return served.error();
    health = std::move(served.value());
    base::log_info("http_open", {{"http", net::to_string(health->endpoint())}},
                   "metrics and health at http://{}", net::to_string(health->endpoint()));
  }
  if (on_listening) on_listening(gateway.endpoint());
  while (!stop.load(std::memory_order_relaxed)) {
    meter.turn(loop, gateway.next_deadline_ms());
    gateway.end_turn();
  }
  return {};
}

}  // namespace okiagari::gateway

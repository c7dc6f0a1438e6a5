#include "gateway/run.h"

#include "gateway/gateway.h"
#include "net/loop.h"

namespace okiagari::gateway {

base::Status run_gateway(const GatewayOptions& options, const std::atomic<bool>& stop,
                         const std::function<void(const net::Endpoint&)>& on_listening) {
  net::Loop loop;
  auto opened = Gateway::open(loop, options);
  if (!opened.ok()) return opened.error();
  Gateway& gateway = *opened.value();
  if (on_listening) on_listening(gateway.endpoint());
  while (!stop.load(std::memory_order_relaxed)) {
    loop.turn(gateway.next_deadline_ms());
    gateway.end_turn();
  }
  return {};
}

}  // namespace okiagari::gateway

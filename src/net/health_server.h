// What a process shows of itself over HTTP: /metrics for scrapers, /healthz for whoever restarts
// it, /readyz for whoever sends it work. Read only; no secret belongs on it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/metrics.h"
#include "net/tcp.h"

namespace okiagari::net {

struct Readiness {
  bool is_ready = false;
  std::string state;  // a word: "leader"
  std::string why;    // for a person, when it is not ready
};

class HealthServer {
 public:
  // Both are called from the loop, when somebody asks.
  struct Sources {
    std::function<void(MetricsWriter&)> metrics;
    std::function<Readiness()> readiness;
  };

  static base::Result<std::unique_ptr<HealthServer>> open(Loop& loop, const Endpoint& listen,
                                                          Sources sources);

  [[nodiscard]] const Endpoint& endpoint() const { return server_->endpoint(); }

 private:
  explicit HealthServer(Sources sources) : sources_(std::move(sources)) {}
  [[nodiscard]] HttpResponse answer(const HttpRequest& request) const;

  Sources sources_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace okiagari::net

#include "cli/cluster_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/timing.h"
#include "cli/member_load.h"
#include "client/load.h"
#include "deployment/deployment.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kWarmUpMs = 2'000;
constexpr std::uint64_t kDrainMs = 20'000;

struct Part {
  client::LoadFigures figures;
  double orders_per_s = 0;
  bool is_drained = false;
};

class ClusterBench {
 public:
  explicit ClusterBench(const ClusterOptions& options) : options_(options) {}

  base::Result<base::Report> run();

 private:
  base::Status start();
  // Load at that rate, 0 for saturation, on sessions that log in anew.
  base::Result<Part> measure(std::uint64_t orders_per_second);
  void run_for(client::Load& load, std::uint64_t duration_ms);
  [[nodiscard]] client::LoadOptions load_options(std::uint64_t orders_per_second) const;

  const ClusterOptions& options_;
  std::unique_ptr<deployment::Deployment> market_;
  net::Loop loop_;
};

base::Status ClusterBench::start() {
  deployment::DeploymentOptions deployment;
  deployment.folder = options_.folder;
  deployment.sessions = options_.sessions;
  deployment.tls = options_.tls;
  deployment.tell = [](const std::string&) {};
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  return market_->start();
}

client::LoadOptions ClusterBench::load_options(std::uint64_t orders_per_second) const {
  client::LoadOptions load = member_load(market_->file());
  load.orders_per_second = orders_per_second;
  load.window = options_.window;
  load.seed = options_.seed;
  return load;
}

void ClusterBench::run_for(client::Load& load, std::uint64_t duration_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + duration_ms;
  while (net::Loop::now_ms() < end_ms) {
    loop_.turn(std::min(load.next_deadline_ms(), end_ms));
    load.end_turn();
    market_->supervise();
  }
}

base::Result<Part> ClusterBench::measure(std::uint64_t orders_per_second) {
  client::Load load(loop_, load_options(orders_per_second));
  const std::uint64_t ready_by_ms = net::Loop::now_ms() + kConnectMs;
  while (!load.is_ready()) {
    if (net::Loop::now_ms() > ready_by_ms) return base::Error{"not all sessions could log in"};
    run_for(load, 10);
  }
  load.start();
  run_for(load, kWarmUpMs);
  load.begin_measurement();
  const std::uint64_t start_ns = net::Loop::now_ns();
  run_for(load, std::uint64_t{options_.seconds} * 1'000);
  const auto elapsed_ns = static_cast<double>(net::Loop::now_ns() - start_ns);
  Part part;
  part.figures = load.figures();
  part.orders_per_s = static_cast<double>(part.figures.orders_acknowledged) * 1e9 / elapsed_ns;
  load.stop();
  const std::uint64_t drained_by_ms = net::Loop::now_ms() + kDrainMs;
  while (load.unanswered() > 0 && net::Loop::now_ms() < drained_by_ms) run_for(load, 10);
  part.is_drained = load.unanswered() == 0;
  load.close(true);
  run_for(load, 50);
  return part;
}

base::Result<base::Report> ClusterBench::run() {
  if (base::Status status = start(); !status) return status.error();
  base::Report report("bench cluster", options_.seed);
  std::vector<double> rates;
  std::vector<double> p50_ms;
  std::vector<double> p99_ms;
  std::vector<double> p999_ms;
  std::int64_t refused = 0;
  std::int64_t lost_connections = 0;
  bool all_answered = true;
  for (std::uint32_t round = 1; round <= options_.rounds; ++round) {
    options_.progress(fmt::format("round {} of {}: {} orders a second", round, options_.rounds,
                                  options_.moderate_rate));
    auto moderate = measure(options_.moderate_rate);
    if (!moderate) return moderate.error();
    const auto& latency = moderate.value().figures.latency;
    p50_ms.push_back(static_cast<double>(latency.quantile_ns(0.5)) / 1e6);
    p99_ms.push_back(static_cast<double>(latency.quantile_ns(0.99)) / 1e6);
    p999_ms.push_back(static_cast<double>(latency.quantile_ns(0.999)) / 1e6);
    options_.progress(fmt::format("round {} of {}: saturation", round, options_.rounds));
    auto saturated = measure(0);
    if (!saturated) return saturated.error();
    rates.push_back(saturated.value().orders_per_s);
    for (const Part* part : {&moderate.value(), &saturated.value()}) {
      refused += static_cast<std::int64_t>(part->figures.orders_refused);
      lost_connections += static_cast<std::int64_t>(part->figures.connections_lost);
      all_answered = all_answered && part->is_drained;
    }
  }
  market_->stop();
  report.figure_at_least("orders acknowledged at saturation", bench::median(rates), "orders/s",
                         400'000);
  report.figure("slowest round", *std::min_element(rates.begin(), rates.end()), "orders/s");
  const std::string at = fmt::format(" at {} orders/s", options_.moderate_rate);
  report.figure_at_most("order to acknowledgement, median" + at, bench::median(p50_ms), "ms", 1);
  report.figure_at_most("order to acknowledgement, 99th percentile" + at, bench::median(p99_ms),
                        "ms", 5);
  report.figure("order to acknowledgement, 99.9th percentile" + at, bench::median(p999_ms), "ms");
  report.check("every order was answered", all_answered, true);
  report.check("orders refused by gateways", refused, std::int64_t{0});
  report.check("connections lost", lost_connections, std::int64_t{0});
  return report;
}

}  // namespace

base::Result<base::Report> bench_cluster(const ClusterOptions& options) {
  return ClusterBench(options).run();
}

}  // namespace okiagari::cli

#include "cli/snapshot_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/member_change.h"
#include "cli/member_load.h"
#include "cli/metric_pages.h"
#include "client/load.h"
#include "deployment/deployment.h"
#include "net/metrics_text.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kDrainMs = 60'000;
constexpr std::uint64_t kQuietMs = 10'000;
constexpr std::uint64_t kLookMs = 500;
constexpr std::uint64_t kTellMs = 10'000;
constexpr std::uint64_t kSnapshotsMs = 600'000;
constexpr std::uint64_t kJoinMs = 600'000;
// The figures that docs/benchmarks.md promises.
constexpr double kAcknowledgedMs = 50;
constexpr double kJoinedMs = 60'000;

class SnapshotBench {
 public:
  explicit SnapshotBench(const SnapshotBenchOptions& options)
      : options_(options), report_("bench snapshot", options.seed) {}

  base::Result<base::Report> run();

 private:
  base::Status start();
  // Until so many orders rest and so many commands were applied.
  base::Status fill();
  base::Status while_snapshots_are_taken();
  base::Status while_a_server_joins();
  base::Status change(const journal::ServerChange& wanted, const std::string& what);
  // At the constant rate from now on, on the sessions that are logged in already.
  void begin_measurement(std::uint64_t orders_per_second);
  void judge(const std::string& while_what);
  void turn(std::uint64_t wait_ms);
  void run_for(std::uint64_t duration_ms);
  [[nodiscard]] std::uint64_t applied() const;
  // What the leading node tells; nothing while none answers.
  [[nodiscard]] std::optional<double> leaders_count(std::string_view family, std::string_view what);

  const SnapshotBenchOptions& options_;
  base::Report report_;
  std::unique_ptr<deployment::Deployment> market_;
  net::Loop loop_;
  std::unique_ptr<client::Load> load_;
};

base::Status SnapshotBench::start() {
  deployment::DeploymentOptions deployment;
  deployment.folder = options_.folder;
  deployment.sessions = options_.sessions;
  deployment.tls = options_.tls;
  // As little log as may be, so that who joins needs a snapshot.
  deployment.node_settings =
      fmt::format("[journal]\nsnapshot_after_mib = {0}\nkeep_log_mib = {0}\nsegment_mib = 16\n",
                  options_.snapshot_after_mib);
  deployment.tell = [](const std::string&) {};
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  if (base::Status status = market_->start(); !status) return status;
  client::LoadOptions load = member_load(market_->file());
  load.seed = options_.seed;
  load.crosses = false;
  load.live_orders_max = options_.live_orders / static_cast<std::uint32_t>(options_.sessions);
  load_ = std::make_unique<client::Load>(loop_, std::move(load));
  const std::uint64_t ready_by_ms = net::Loop::now_ms() + kConnectMs;
  while (!load_->is_ready()) {
    if (net::Loop::now_ms() > ready_by_ms) return base::Error{"not all sessions could log in"};
    turn(10);
  }
  return {};
}

void SnapshotBench::turn(std::uint64_t wait_ms) {
  loop_.turn(std::min(load_->next_deadline_ms(), net::Loop::now_ms() + wait_ms));
  load_->end_turn();
  market_->supervise();
}

void SnapshotBench::run_for(std::uint64_t duration_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + duration_ms;
  while (net::Loop::now_ms() < end_ms) turn(end_ms - net::Loop::now_ms());
}

std::uint64_t SnapshotBench::applied() const {
  std::uint64_t most = 0;
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (const auto status = market_->status(place.node)) {
      most = std::max<std::uint64_t>(most, status->applied_sequence);
    }
  }
  return most;
}

std::optional<double> SnapshotBench::leaders_count(std::string_view family, std::string_view what) {
  const deployment::NodePlace* place = market_->place_of(market_->find_leader(0));
  if (place == nullptr || !place->http) return std::nullopt;
  const auto text = scrape_page(*place->http);
  if (!text) return std::nullopt;
  const auto page = net::parse_metrics(text.value(), net::MetricsFormat::openmetrics);
  if (!page) return std::nullopt;
  if (what.empty()) return page.value().value(family);
  return page.value().value(family, {{"what", std::string(what)}});
}

base::Status SnapshotBench::fill() {
  load_->start();
  std::uint64_t told_ms = net::Loop::now_ms();
  while (applied() < options_.commands ||
         load_->figures().orders_acknowledged < options_.live_orders) {
    run_for(kLookMs);
    if (net::Loop::now_ms() < told_ms + kTellMs) continue;
    told_ms += kTellMs;
    options_.progress(fmt::format("{:.1f} of {:.1f} million commands",
                                  static_cast<double>(applied()) / 1e6,
                                  static_cast<double>(options_.commands) / 1e6));
  }
  load_->stop();
  const std::uint64_t drained_by_ms = net::Loop::now_ms() + kDrainMs;
  while (load_->unanswered() > 0) {
    if (net::Loop::now_ms() > drained_by_ms) return base::Error{"not every order was answered"};
    turn(10);
  }
  report_.figure("commands of history", static_cast<double>(applied()), "commands");
  if (const auto live = leaders_count("okiagari_live_orders", "")) {
    report_.figure_at_least("live orders", *live, "orders", options_.live_orders * 0.999);
    return {};
  }
  return base::Error{"the leading server tells no metrics"};
}

void SnapshotBench::begin_measurement(std::uint64_t orders_per_second) {
  load_->start(orders_per_second);
  run_for(1'000);
  load_->begin_measurement();
}

void SnapshotBench::judge(const std::string& while_what) {
  const client::LoadFigures& figures = load_->figures();
  const auto quantile_ms = [&](double quantile) {
    return static_cast<double>(figures.latency.quantile_ns(quantile)) / 1e6;
  };
  report_.figure("acknowledgement " + while_what + ", median", quantile_ms(0.5), "ms");
  report_.figure("acknowledgement " + while_what + ", 99th percentile", quantile_ms(0.99), "ms");
  report_.figure_at_most("acknowledgement " + while_what + ", 99.9th percentile",
                         quantile_ms(0.999), "ms", kAcknowledgedMs);
  report_.figure("acknowledgement " + while_what + ", slowest",
                 static_cast<double>(figures.latency.max_ns()) / 1e6, "ms");
  report_.check("connections lost " + while_what,
                static_cast<std::int64_t>(figures.connections_lost), std::int64_t{0});
}

base::Status SnapshotBench::while_snapshots_are_taken() {
  options_.progress("nothing but orders");
  begin_measurement(options_.rate);
  run_for(kQuietMs);
  judge("with nothing else");
  const auto before = leaders_count("okiagari_snapshots_total", "taken");
  if (!before) return base::Error{"the leading server tells no count of its snapshots"};
  begin_measurement(options_.rate);
  const std::uint64_t end_ms = net::Loop::now_ms() + kSnapshotsMs;
  double taken = 0;
  while (taken < options_.snapshots) {
    if (net::Loop::now_ms() >= end_ms) {
      return base::Error{
          fmt::format("the leading server took {} snapshots in {} s", taken, kSnapshotsMs / 1'000)};
    }
    run_for(kLookMs);
    const double now = leaders_count("okiagari_snapshots_total", "taken").value_or(*before);
    if (now - *before > taken) options_.progress(fmt::format("snapshot {}", now - *before));
    taken = now - *before;
  }
  report_.figure("snapshots that the leading server took", taken, "snapshots");
  judge("while snapshots are taken");
  return {};
}

base::Status SnapshotBench::change(const journal::ServerChange& wanted, const std::string& what) {
  MemberChange change(
      loop_,
      [this]() -> std::optional<net::Endpoint> {
        const deployment::NodePlace* place = market_->place_of(market_->find_leader(0));
        return place == nullptr ? std::nullopt : std::optional(place->gateways);
      },
      market_->file().cluster, wanted);
  const std::uint64_t end_ms = net::Loop::now_ms() + kJoinMs;
  while (!change.is_done()) {
    if (net::Loop::now_ms() >= end_ms || change.is_refused()) {
      return base::Error{fmt::format("{} within {} s: {}", what, kJoinMs / 1'000, change.words())};
    }
    turn(10);
    change.tick(net::Loop::now_ms());
  }
  return {};
}

base::Status SnapshotBench::while_a_server_joins() {
  using Kind = journal::ServerChange::Kind;
  options_.progress("a server joins");
  begin_measurement(options_.rate);
  const std::uint64_t begin_ms = net::Loop::now_ms();
  auto added = market_->add_node();
  if (!added) return added.error();
  const journal::Server server{added.value().node, journal::ServerRole::standby,
                               added.value().storage, added.value().address};
  base::Status status = change({Kind::add, server}, "the server was not added");
  if (status) status = change({Kind::promote, server}, "the new server does not vote");
  if (!status) return status;
  report_.figure_at_most("from a new server's start to its vote",
                         static_cast<double>(net::Loop::now_ms() - begin_ms), "ms", kJoinedMs);
  judge("while a server joins");
  const double sent = leaders_count("okiagari_snapshots_total", "sent").value_or(0);
  report_.check("the new server needed a snapshot", sent > 0, true);
  return {};
}

base::Result<base::Report> SnapshotBench::run() {
  for (const auto step :
       {&SnapshotBench::start, &SnapshotBench::fill, &SnapshotBench::while_snapshots_are_taken,
        &SnapshotBench::while_a_server_joins}) {
    if (const base::Status status = (this->*step)(); !status) return status.error();
  }
  load_->stop();
  run_for(kLookMs);
  load_->close(true);
  run_for(kLookMs);
  market_->stop();
  report_.check("every process went on", market_->given_up().empty(), true);
  return std::move(report_);
}

}  // namespace

base::Result<base::Report> bench_snapshot(const SnapshotBenchOptions& options) {
  return SnapshotBench(options).run();
}

}  // namespace okiagari::cli

#include "cli/standby_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bench/timing.h"
#include "cli/member_change.h"
#include "cli/member_load.h"
#include "client/load.h"
#include "deployment/deployment.h"
#include "drill/far_network.h"
#include "drill/own_world.h"
#include "net/http_client.h"
#include "net/metrics_text.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kWarmUpMs = 1'000;
constexpr std::uint64_t kChangeMs = 60'000;
constexpr std::uint64_t kDrainMs = 20'000;
// From one look at a server's page to the next.
constexpr std::uint64_t kLookMs = 20;
// A standby that is less far behind has caught up.
constexpr double kCaughtUpMs = 500;
// One that members had to wait for would be far above.
constexpr double kRatioMax = 1.5;
// One that follows is behind by the line and some batches; one that does not is so by ever more.
constexpr double kFollowsMs = 1'000;

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

// Medians and so on of one side, a value for each round.
struct Side {
  std::vector<double> p50_ms;
  std::vector<double> p99_ms;
};

class StandbyBench {
 public:
  explicit StandbyBench(const StandbyBenchOptions& options)
      : options_(options), pages_(loop_), report_("bench standby", options.seed) {}

  base::Result<base::Report> run();

 private:
  base::Status start();
  void turn(std::uint64_t wait_ms);
  void run_for(std::uint64_t duration_ms);
  base::Status round(std::uint32_t number);
  base::Status attach();
  base::Status detach();
  base::Status change(const journal::ServerChange& wanted, const std::string& what);
  void measure(Side& side);
  // Begins to read the page of that server; what it says of its age goes there.
  void look(NodeId node, std::vector<double>& ages_ms);
  base::Status stop();
  void judge();

  const StandbyBenchOptions& options_;
  std::unique_ptr<drill::FarNetwork> far_;
  std::unique_ptr<deployment::Deployment> market_;
  net::Loop loop_;
  net::HttpClient pages_;
  std::unique_ptr<client::Load> load_;
  NodeId standby_ = 0;  // 0: there is none
  std::uint64_t next_look_ms_ = 0;
  bool is_measuring_ = false;
  std::vector<double> leaders_ages_ms_;
  std::vector<double> standbys_ages_ms_;
  Side without_;
  Side with_;
  std::int64_t refused_ = 0;
  std::int64_t lost_connections_ = 0;
  base::Report report_;
};

base::Status StandbyBench::start() {
  std::string missing;
  for (const std::string& lack : drill::FarNetwork::lacks()) {
    missing += (missing.empty() ? "" : "; ") + lack;
  }
  if (!missing.empty()) return base::Error{"a network far away cannot be made here: " + missing};
  // Before, since it asks for the path of this program, which may be another in there.
  deployment::DeploymentOptions deployment;
  if (base::Status own = drill::enter_own_world(); !own) return own;
  auto far = drill::FarNetwork::make(options_.delay_ms);
  if (!far) return far.error();
  far_ = std::move(far.value());
  deployment.folder = options_.folder;
  deployment.sessions = options_.sessions;
  deployment.host = drill::kNearHost;
  deployment.tell = [](const std::string&) {};
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  if (base::Status status = market_->start(); !status) return status;
  client::LoadOptions load = member_load(market_->file());
  load.seed = options_.seed;
  load_ = std::make_unique<client::Load>(loop_, std::move(load));
  const std::uint64_t ready_by_ms = net::Loop::now_ms() + kConnectMs;
  while (!load_->is_ready()) {
    if (net::Loop::now_ms() > ready_by_ms) return base::Error{"not all sessions could log in"};
    turn(10);
  }
  load_->start(options_.rate);
  return {};
}

void StandbyBench::turn(std::uint64_t wait_ms) {
  loop_.turn(std::min(load_->next_deadline_ms(), net::Loop::now_ms() + wait_ms));
  load_->end_turn();
  market_->supervise();
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (!is_measuring_ || now_ms < next_look_ms_ || pages_.calls() > 0) return;
  next_look_ms_ = now_ms + kLookMs;
  look(market_->find_leader(0), leaders_ages_ms_);
  if (standby_ != 0) look(standby_, standbys_ages_ms_);
}

void StandbyBench::run_for(std::uint64_t duration_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + duration_ms;
  while (net::Loop::now_ms() < end_ms) turn(end_ms - net::Loop::now_ms());
}

void StandbyBench::look(NodeId node, std::vector<double>& ages_ms) {
  const deployment::NodePlace* place = market_->place_of(node);
  if (place == nullptr || !place->http) return;
  net::HttpCall call;
  call.to = *place->http;
  call.target = "/metrics";
  call.headers = {{"Accept", "application/openmetrics-text; version=1.0.0"}};
  pages_.fetch(std::move(call), [&ages_ms](base::Result<net::HttpResponse> answer) {
    if (!answer) return;
    const auto page = net::parse_metrics(answer.value().body, net::MetricsFormat::openmetrics);
    const auto age_s = page ? page.value().value("okiagari_applied_age_seconds") : std::nullopt;
    if (age_s) ages_ms.push_back(*age_s * 1e3);
  });
}

base::Status StandbyBench::change(const journal::ServerChange& wanted, const std::string& what) {
  MemberChange change(
      loop_,
      [this]() -> std::optional<net::Endpoint> {
        const deployment::NodePlace* place = market_->place_of(market_->find_leader(0));
        return place == nullptr ? std::nullopt : std::optional(place->gateways);
      },
      market_->file().cluster, wanted);
  const std::uint64_t end_ms = net::Loop::now_ms() + kChangeMs;
  while (!change.is_done()) {
    if (net::Loop::now_ms() >= end_ms || change.is_refused()) {
      return base::Error{
          fmt::format("{} within {} s: {}", what, kChangeMs / 1'000, change.words())};
    }
    turn(10);
    change.tick(net::Loop::now_ms());
  }
  return {};
}

base::Status StandbyBench::attach() {
  if (standby_ != 0) return {};
  auto added = market_->add_node({drill::kFarHost, far_->enter()});
  if (!added) return added.error();
  const journal::Server server{added.value().node, journal::ServerRole::standby,
                               added.value().storage, added.value().address};
  base::Status status =
      change({journal::ServerChange::Kind::add, server}, "the standby was not added");
  if (!status) return status;
  const std::uint64_t end_ms = net::Loop::now_ms() + kChangeMs;
  std::vector<double> ages_ms;
  while (ages_ms.empty() || ages_ms.back() >= kCaughtUpMs) {
    if (net::Loop::now_ms() >= end_ms) {
      return base::Error{
          fmt::format("the standby did not catch up within {} s", kChangeMs / 1'000)};
    }
    if (pages_.calls() == 0) look(server.node, ages_ms);
    turn(10);
  }
  // What is under way would come to the list that is gone.
  while (pages_.calls() > 0) turn(10);
  standby_ = server.node;
  return {};
}

base::Status StandbyBench::detach() {
  if (standby_ == 0) return {};
  const NodeId leaving = std::exchange(standby_, NodeId{0});
  base::Status status =
      change({journal::ServerChange::Kind::remove, {leaving}}, "the standby was not removed");
  return status ? market_->drop_node(leaving) : status;
}

void StandbyBench::measure(Side& side) {
  run_for(kWarmUpMs);
  load_->begin_measurement();
  is_measuring_ = true;
  run_for(std::uint64_t{options_.seconds} * 1'000);
  is_measuring_ = false;
  const client::LoadFigures& figures = load_->figures();
  side.p50_ms.push_back(static_cast<double>(figures.latency.quantile_ns(0.5)) / 1e6);
  side.p99_ms.push_back(static_cast<double>(figures.latency.quantile_ns(0.99)) / 1e6);
  refused_ += static_cast<std::int64_t>(figures.orders_refused);
  lost_connections_ += static_cast<std::int64_t>(figures.connections_lost);
}

// Every other round begins with the standby, so that what grows with time falls on both sides.
base::Status StandbyBench::round(std::uint32_t number) {
  for (const bool is_with : {number % 2 == 0, number % 2 != 0}) {
    options_.progress(fmt::format("round {} of {}: {} the standby", number, options_.rounds,
                                  is_with ? "with" : "without"));
    if (base::Status status = is_with ? attach() : detach(); !status) return status;
    measure(is_with ? with_ : without_);
  }
  return {};
}

base::Status StandbyBench::stop() {
  load_->stop();
  const std::uint64_t drained_by_ms = net::Loop::now_ms() + kDrainMs;
  while (load_->unanswered() > 0) {
    if (net::Loop::now_ms() > drained_by_ms) return base::Error{"not every order was answered"};
    turn(10);
  }
  load_->close(true);
  run_for(50);
  market_->stop();
  return {};
}

void StandbyBench::judge() {
  const auto acknowledgement = [this](const char* which, const Side& side) {
    const std::string name = fmt::format("acknowledgement {} the standby", which);
    report_.figure(name + ", median", bench::median(side.p50_ms), "ms");
    report_.figure(name + ", 99th percentile", bench::median(side.p99_ms), "ms");
  };
  acknowledgement("without", without_);
  acknowledgement("with", with_);
  std::vector<double> ratios;
  for (std::size_t at = 0; at < with_.p50_ms.size(); ++at) {
    ratios.push_back(with_.p50_ms[at] / without_.p50_ms[at]);
  }
  report_.figure_at_most("median with the standby relative to without", bench::median(ratios), "",
                         kRatioMax);
  const auto age = [this](const char* whose, const std::vector<double>& ages_ms) {
    const std::string name = fmt::format("age of what the {} has applied", whose);
    report_.figure_at_most(name + ", median", quantile(ages_ms, 0.5), "ms", kFollowsMs);
    report_.figure(name + ", 99th percentile", quantile(ages_ms, 0.99), "ms");
    report_.figure(name + ", largest", quantile(ages_ms, 1), "ms");
  };
  age("leader", leaders_ages_ms_);
  age("standby", standbys_ages_ms_);
  report_.figure("looks at the standby", static_cast<double>(standbys_ages_ms_.size()), "looks");
  report_.check("nothing reached the standby sooner than the line is long",
                quantile(standbys_ages_ms_, 0) >= options_.delay_ms, true);
  report_.check("orders refused by gateways", refused_, std::int64_t{0});
  report_.check("connections lost", lost_connections_, std::int64_t{0});
  report_.check("every process went on", market_->given_up().empty(), true);
}

base::Result<base::Report> StandbyBench::run() {
  if (base::Status status = start(); !status) return status.error();
  for (std::uint32_t number = 1; number <= options_.rounds; ++number) {
    if (base::Status status = round(number); !status) return status.error();
  }
  if (base::Status status = stop(); !status) return status.error();
  judge();
  return std::move(report_);
}

}  // namespace

base::Result<base::Report> bench_standby(const StandbyBenchOptions& options) {
  return StandbyBench(options).run();
}

}  // namespace okiagari::cli

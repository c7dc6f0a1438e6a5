#include "cli/week_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/calendar_day.h"
#include "cli/member_load.h"
#include "cli/metric_pages.h"
#include "cli/operator_access.h"
#include "client/act_submission.h"
#include "client/load.h"
#include "deployment/deployment.h"
#include "net/metrics_text.h"
#include "venue/names.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kDrainMs = 60'000;
constexpr std::uint64_t kDayEndMs = 60'000;
constexpr std::uint64_t kAnswerMs = 5'000;
constexpr std::uint64_t kLookMs = 200;
constexpr std::uint32_t kMonday = 20261123;
// The first day fills what is kept of the past: event rings, windows of numbers, a file's cache.
constexpr std::size_t kFilledAfterDays = 2;
constexpr double kGrowthMaxPercent = 5;

class WeekBench {
 public:
  explicit WeekBench(const WeekBenchOptions& options)
      : options_(options), report_("bench week", options.seed) {}

  base::Result<base::Report> run();

 private:
  struct Process {
    std::string name;
    net::Endpoint http;
  };

  base::Status start();
  base::Status trade(std::uint32_t day);
  base::Status end_day(std::uint32_t day);
  base::Status look_at_memory(std::uint32_t day);
  void judge();
  void turn(std::uint64_t wait_ms);
  // False when it has not become so in that time.
  [[nodiscard]] bool until(const std::function<bool()>& condition, std::uint64_t limit_ms);
  [[nodiscard]] std::vector<Process> processes() const;
  [[nodiscard]] const deployment::NodePlace* leader() const {
    return market_->place_of(market_->find_leader(0));
  }
  [[nodiscard]] static std::optional<double> read(const net::Endpoint& http, const char* family);

  const WeekBenchOptions& options_;
  base::Report report_;
  std::unique_ptr<deployment::Deployment> market_;
  net::Loop loop_;
  std::unique_ptr<client::Load> load_;
  std::vector<Signer> signers_;
  std::uint64_t control_number_ = 0;
  std::map<std::string, std::vector<double>> resident_mb_;  // of each process, day by day
};

base::Status WeekBench::start() {
  deployment::DeploymentOptions deployment;
  deployment.folder = options_.folder;
  deployment.sessions = options_.sessions;
  // Several snapshots a day, and the log before them goes, as in the weeks of a real market.
  deployment.node_settings =
      "[journal]\nsnapshot_after_mib = 64\nkeep_log_mib = 64\nsegment_mib = 16\n";
  deployment.tell = [](const std::string&) {};
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  if (base::Status status = market_->start(); !status) return status;
  OperatorAccess access;
  for (const int person : {1, 2}) {
    access.key_files.push_back(fmt::format("{}/keys/operator-{}.key", options_.folder, person));
  }
  auto signers = access.signers(options_.folder);
  if (!signers) return signers.error();
  signers_ = std::move(signers.value());
  control_number_ = net::Loop::wall_ns() / 1'000'000;
  client::LoadOptions load = member_load(market_->file());
  load.seed = options_.seed;
  load.orders_per_second = options_.rate;
  load_ = std::make_unique<client::Load>(loop_, std::move(load));
  if (!until([&] { return load_->is_ready(); }, kConnectMs)) {
    return base::Error{"not all sessions could log in"};
  }
  return {};
}

void WeekBench::turn(std::uint64_t wait_ms) {
  loop_.turn(std::min(load_->next_deadline_ms(), net::Loop::now_ms() + wait_ms));
  load_->end_turn();
  market_->supervise();
}

bool WeekBench::until(const std::function<bool()>& condition, std::uint64_t limit_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + limit_ms;
  while (!condition()) {
    if (net::Loop::now_ms() >= end_ms) return false;
    turn(kLookMs);
  }
  return true;
}

base::Status WeekBench::trade(std::uint32_t day) {
  options_.progress(fmt::format("day {} of {}", day, options_.days));
  load_->start();
  (void)until([] { return false; }, options_.day_s * std::uint64_t{1'000});
  load_->stop();
  if (!until([&] { return load_->unanswered() == 0; }, kDrainMs)) {
    return base::Error{"not every order was answered"};
  }
  return {};
}

base::Status WeekBench::end_day(std::uint32_t day) {
  const auto number = static_cast<std::uint16_t>(base::day_of(kMonday) + day - 1);
  client::DayEndAct act = client::make_day_end(market_->file().cluster,
                                               base::year_month_day_of(number), ++control_number_);
  const auto until_s = static_cast<std::uint32_t>(net::Loop::wall_ns() / 1'000'000'000 + 60);
  for (const Signer& signer : signers_) {
    if (!client::approve_day_end(act, signer.operator_id, signer.keys.secret_key, until_s)) {
      return base::Error{"the end of the day cannot be signed"};
    }
  }
  const deployment::NodePlace* node = leader();
  if (node == nullptr || !node->http) return base::Error{"no server leads"};
  auto done = client::submit_day_end(node->gateways, act, kAnswerMs);
  if (!done) return done.error();
  if (done.value().reason != venue::Reason::none) {
    return base::Error{
        fmt::format("the market did not end its day: {}", venue::name_of(done.value().reason))};
  }
  const auto is_over = [&] { return read(*node->http, "okiagari_live_orders").value_or(1) == 0; };
  if (!until(is_over, kDayEndMs)) return base::Error{"orders of the day are left after its end"};
  return {};
}

std::vector<WeekBench::Process> WeekBench::processes() const {
  std::vector<Process> all;
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (place.http) all.push_back({fmt::format("server {}", place.node), *place.http});
  }
  for (const deployment::GatewayPlace& place : market_->file().gateways) {
    if (place.http) all.push_back({fmt::format("gateway {}", place.gateway), *place.http});
  }
  return all;
}

std::optional<double> WeekBench::read(const net::Endpoint& http, const char* family) {
  const auto text = scrape_page(http);
  if (!text) return std::nullopt;
  const auto page = net::parse_metrics(text.value(), net::MetricsFormat::openmetrics);
  return page ? page.value().value(family) : std::nullopt;
}

base::Status WeekBench::look_at_memory(std::uint32_t day) {
  for (const Process& process : processes()) {
    const auto bytes = read(process.http, "okiagari_process_resident_memory_bytes");
    if (!bytes) return base::Error{process.name + " tells no metrics"};
    resident_mb_[process.name].push_back(*bytes / 1e6);
    report_.figure(fmt::format("{} after day {}", process.name, day), *bytes / 1e6, "MB");
  }
  return {};
}

void WeekBench::judge() {
  for (const auto& [name, days] : resident_mb_) {
    if (days.size() <= kFilledAfterDays) continue;
    const double filled = days[kFilledAfterDays - 1];
    const double most = *std::max_element(days.begin() + kFilledAfterDays, days.end());
    report_.figure_at_most(fmt::format("{}: growth after day {}", name, kFilledAfterDays),
                           (most - filled) / filled * 100, "%", kGrowthMaxPercent);
  }
  report_.figure("orders acknowledged", static_cast<double>(load_->figures().orders_acknowledged),
                 "orders");
}

base::Result<base::Report> WeekBench::run() {
  base::Status status = start();
  for (std::uint32_t day = 1; status && day <= options_.days; ++day) {
    for (const auto step : {&WeekBench::trade, &WeekBench::end_day, &WeekBench::look_at_memory}) {
      if (status) status = (this->*step)(day);
    }
  }
  if (!status) return status.error();
  judge();
  load_->close(true);
  (void)until([] { return false; }, kLookMs);
  market_->stop();
  report_.check("every process went on", market_->given_up().empty(), true);
  return std::move(report_);
}

}  // namespace

base::Result<base::Report> bench_week(const WeekBenchOptions& options) {
  return WeekBench(options).run();
}

}  // namespace okiagari::cli

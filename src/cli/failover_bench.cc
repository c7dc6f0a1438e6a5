#include "cli/failover_bench.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "check/load.h"
#include "check/verdict_report.h"
#include "cli/deployment.h"
#include "cli/market_addresses.h"
#include "cli/market_journals.h"
#include "cli/market_nodes.h"
#include "cli/run_measures.h"
#include "cli/verify.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kWarmUpMs = 2'000;
constexpr std::uint64_t kFrozenMs = 1'000;
constexpr std::uint64_t kSettleMs = 20'000;
constexpr std::uint64_t kReadAgainMs = 120'000;
constexpr int kHogs = 4;

struct Bounds {
  const char* name;
  double p50_ms;
  double p99_ms;
};

// The figures that docs/benchmarks.md promises.
Bounds bounds_of(FailoverMode mode) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  switch (mode) {
    case FailoverMode::kill:
      return {"kill", 15, 60};
    case FailoverMode::stop:
      return {"stop", kNone, 300};
    case FailoverMode::transfer:
      return {"transfer", kNone, 15};
    case FailoverMode::hogs:
      return {"hogs", kNone, kNone};
  }
  return {"", kNone, kNone};
}

// Processes that do nothing but take processor time; they end with this object, or with its
// process.
class Hogs {
 public:
  explicit Hogs(int count) {
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        std::atomic<std::uint64_t> spin{0};
        for (;;) spin.fetch_add(1, std::memory_order_relaxed);
      }
      if (child > 0) children_.push_back(child);
    }
  }
  ~Hogs() {
    for (pid_t child : children_) ::kill(child, SIGKILL);
  }

 private:
  std::vector<pid_t> children_;
};

class Campaign {
 public:
  explicit Campaign(const FailoverOptions& options) : options_(options) {}

  base::Result<base::Report> run();

 private:
  base::Status start();
  void trade_for(std::uint64_t duration_ms);
  void strike();
  void hand_over(NodeId leader);
  void judge(const check::Verdict& verdict, const Verification& verification, base::Report& report);
  void judge_gaps(base::Report& report);
  [[nodiscard]] std::uint64_t term();

  const FailoverOptions& options_;
  std::unique_ptr<Deployment> market_;
  net::Loop loop_;
  check::History history_;
  std::unique_ptr<check::Load> load_;
  std::unique_ptr<HandOver> hand_over_;
  std::vector<std::uint64_t> struck_ns_;
  std::uint64_t refused_hand_overs_ = 0;
  std::uint64_t term_before_ = 0;
  std::uint64_t term_after_ = 0;
};

base::Status Campaign::start() {
  DeploymentOptions deployment;
  deployment.folder = options_.folder;
  deployment.sessions = options_.sessions;
  deployment.tell = [](const std::string&) {};
  auto prepared = Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  if (base::Status status = market_->start(); !status) return status;
  check::LoadOptions load_options;
  load_options.seed = options_.seed;
  load_options.messages_per_second = options_.rate;
  load_ = std::make_unique<check::Load>(
      loop_, history_, market_addresses(market_->file(), options_.sessions), load_options);
  load_->while_waiting = [this] { market_->supervise(); };
  return load_->connect(kConnectMs);
}

void Campaign::trade_for(std::uint64_t duration_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + duration_ms;
  while (net::Loop::now_ms() < end_ms) {
    load_->turn();
    market_->supervise();
  }
}

std::uint64_t Campaign::term() {
  const NodeId leader = market_->find_leader(5'000);
  const auto status = leader == 0 ? std::nullopt : market_->status(leader);
  return status ? status->term : 0;
}

void Campaign::hand_over(NodeId leader) {
  const NodePlace* place = nullptr;
  for (const NodePlace& node : market_->file().nodes) {
    if (node.node == leader) place = &node;
  }
  if (place == nullptr) return;
  hand_over_ = std::make_unique<HandOver>(
      loop_, place->gateways, market_->file().cluster, NodeId{0},
      [this](bool accepted, const std::string&) { refused_hand_overs_ += accepted ? 0 : 1; });
}

void Campaign::strike() {
  const NodeId leader = market_->find_leader(5'000);
  if (leader == 0) return;
  struck_ns_.push_back(net::Loop::now_ns());
  if (options_.mode == FailoverMode::kill) {
    market_->signal_node(leader, SIGKILL);
    trade_for(options_.interval_ms);
  } else if (options_.mode == FailoverMode::stop) {
    market_->signal_node(leader, SIGSTOP);
    trade_for(kFrozenMs);
    market_->signal_node(leader, SIGCONT);
    trade_for(options_.interval_ms);
  } else {
    hand_over(leader);
    trade_for(options_.interval_ms);
  }
}

void Campaign::judge_gaps(base::Report& report) {
  const Bounds bounds = bounds_of(options_.mode);
  std::vector<double> gaps_ms;
  double later_ms = 0;
  std::uint32_t fault = 0;
  for (const Gap& gap : gaps_after(history_, struck_ns_)) {
    ++fault;
    gaps_ms.push_back(gap.length_ms);
    later_ms = std::max(later_ms, gap.later_ms);
    if (gap.length_ms > bounds.p99_ms) {
      options_.progress(fmt::format("fault {}: a gap of {:.1f} ms", fault, gap.length_ms));
    }
    if (gap.later_ms > bounds.p99_ms) {
      options_.progress(fmt::format("fault {}: another pause of {:.1f} ms, {:.0f} ms later", fault,
                                    gap.later_ms, gap.later_begins_ms));
    }
  }
  std::sort(gaps_ms.begin(), gaps_ms.end());
  const auto quantile = [&](double share) {
    if (gaps_ms.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(gaps_ms.size())));
    return gaps_ms[std::max<std::size_t>(rank, 1) - 1];
  };
  report.check("faults", static_cast<std::int64_t>(gaps_ms.size()),
               static_cast<std::int64_t>(options_.faults));
  report.figure("gap, least", quantile(0), "ms");
  if (std::isinf(bounds.p50_ms)) {
    report.figure("gap, median", quantile(0.5), "ms");
  } else {
    report.figure_at_most("gap, median", quantile(0.5), "ms", bounds.p50_ms);
  }
  report.figure("gap, 90th percentile", quantile(0.9), "ms");
  // Of a hundred the second largest: nearly the maximum.
  report.figure_at_most("gap, 99th percentile", quantile(0.99), "ms", bounds.p99_ms);
  report.figure("gap, largest", quantile(1), "ms");
  report.figure("longest other pause between two faults", later_ms, "ms");
}

void Campaign::judge(const check::Verdict& verdict, const Verification& verification,
                     base::Report& report) {
  check::judge_findings(verdict.findings, report);
  report.check("cold verification holds", verification.report.holds(), true);
  if (options_.mode == FailoverMode::hogs) {
    report.check("elections without need", static_cast<std::int64_t>(term_after_ - term_before_),
                 std::int64_t{0});
  } else {
    judge_gaps(report);
  }
  if (options_.mode == FailoverMode::transfer) {
    report.check("hand-overs refused", static_cast<std::int64_t>(refused_hand_overs_),
                 std::int64_t{0});
    report.check("sessions dropped", static_cast<std::int64_t>(verdict.figures.connections_lost),
                 std::int64_t{0});
  }
  report.figure("messages sent", static_cast<double>(verdict.figures.messages_sent), "messages");
  report.figure("orders acknowledged", static_cast<double>(verdict.figures.orders_acknowledged),
                "orders");
  report.figure("terms", static_cast<double>(term_after_ - term_before_), "terms");
}

base::Result<base::Report> Campaign::run() {
  if (base::Status status = start(); !status) return status.error();
  trade_for(kWarmUpMs);
  term_before_ = term();
  if (options_.mode == FailoverMode::hogs) {
    const Hogs hogs(kHogs);
    options_.progress(
        fmt::format("{} processes that never rest, for {} s", kHogs, options_.hog_seconds));
    trade_for(std::uint64_t{options_.hog_seconds} * 1'000);
  } else {
    for (std::uint32_t fault = 1; fault <= options_.faults; ++fault) {
      strike();
      if (fault % 10 == 0) options_.progress(fmt::format("{} of {}", fault, options_.faults));
    }
  }
  term_after_ = term();
  options_.progress("bringing the market to rest and reading everything again");
  (void)load_->settle(kSettleMs);
  load_->read_again(kReadAgainMs);
  market_->stop();
  check::Evidence evidence;
  evidence.history = &history_;
  evidence.troubles = market_->given_up();
  read_journals(market_->file().nodes, evidence);
  options_.progress("judging");
  const check::Verdict verdict = check::judge(evidence);
  auto verification = verify_folders({options_.folder}, options_.progress);
  if (!verification) return verification.error();
  base::Report report(fmt::format("bench failover --mode {}", bounds_of(options_.mode).name),
                      options_.seed);
  judge(verdict, verification.value(), report);
  return report;
}

}  // namespace

base::Result<base::Report> bench_failover(const FailoverOptions& options) {
  return Campaign(options).run();
}

}  // namespace okiagari::cli

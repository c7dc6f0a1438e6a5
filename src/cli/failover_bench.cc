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
#include <random>
#include <vector>

#include "check/load.h"
#include "check/verdict_report.h"
#include "cli/member_change.h"
#include "cli/network_cut.h"
#include "cli/run_measures.h"
#include "deployment/deployment.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "deployment/market_nodes.h"
#include "salvage/verify.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kWarmUpMs = 2'000;
constexpr std::uint64_t kFrozenMs = 1'000;
constexpr std::uint64_t kSettleMs = 20'000;
constexpr std::uint64_t kReadAgainMs = 120'000;
constexpr std::uint64_t kChangeMs = 30'000;
constexpr int kHogs = 4;
constexpr std::uint64_t kCutMs = 500;
// A network that flaps is cut, and there again, for so long each.
constexpr std::uint64_t kFlapLeastMs = 100;
constexpr std::uint64_t kFlapMostMs = 400;
// Then it is the other one's turn, which is the one in use by now.
constexpr std::uint64_t kFlapTurnMs = 10'000;
constexpr std::int64_t kFlapTermsMax = 2;

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
    case FailoverMode::minority:
      return {"minority", 15, 60};
    case FailoverMode::all:
      return {"all", kNone, kNone};
    case FailoverMode::stop:
      return {"stop", kNone, 300};
    case FailoverMode::transfer:
      return {"transfer", kNone, 15};
    case FailoverMode::replace:
      return {"replace", kNone, 60};
    case FailoverMode::hogs:
      return {"hogs", kNone, kNone};
    case FailoverMode::cut:
      return {"cut", kNone, 200};
    case FailoverMode::flap:
      return {"flap", kNone, kNone};
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
  [[nodiscard]] std::size_t servers_to_kill() const;
  // The leader and so many others that they are as many as said.
  void kill(NodeId leader, std::size_t servers);
  void hand_over(NodeId leader);
  // Adds a server, waits until it votes, and removes another one, which every other time died
  // before.
  base::Status replace();
  base::Status change(const journal::ServerChange& wanted, const std::string& what);
  [[nodiscard]] NodeId choose_leaving();
  // The network in use, so that everybody has to go over to the other one.
  base::Status cut();
  base::Status flap();
  [[nodiscard]] bool has_two_networks() const {
    return options_.mode == FailoverMode::cut || options_.mode == FailoverMode::flap;
  }
  void judge(const check::Verdict& verdict, const salvage::Verification& verification,
             base::Report& report);
  void judge_gaps(base::Report& report);
  void judge_networks(base::Report& report);
  [[nodiscard]] std::uint64_t term();

  const FailoverOptions& options_;
  std::unique_ptr<deployment::Deployment> market_;
  net::Loop loop_;
  check::History history_;
  std::unique_ptr<check::Load> load_;
  std::unique_ptr<deployment::HandOver> hand_over_;
  std::vector<std::uint64_t> struck_ns_;
  std::uint64_t refused_hand_overs_ = 0;
  std::uint32_t replaced_ = 0;
  std::vector<double> joined_ms_;
  journal::Network used_ = journal::Network::a;
  std::int64_t gone_over_ = 0;
  std::int64_t flaps_ = 0;
  base::Status trouble_;
  std::uint64_t term_before_ = 0;
  std::uint64_t term_after_ = 0;
};

base::Status Campaign::start() {
  if (has_two_networks()) {
    if (base::Status entered = enter_network_of_own(); !entered) return entered;
  }
  deployment::DeploymentOptions deployment;
  deployment.two_networks = has_two_networks();
  deployment.folder = options_.folder;
  deployment.nodes = options_.nodes;
  deployment.sessions = options_.sessions;
  deployment.tls = options_.tls;
  deployment.tell = [](const std::string&) {};
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  if (base::Status status = market_->start(); !status) return status;
  check::LoadOptions load_options;
  load_options.seed = options_.seed;
  load_options.messages_per_second = options_.rate;
  load_ = std::make_unique<check::Load>(
      loop_, history_, deployment::market_addresses(market_->file(), options_.sessions),
      load_options);
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
  const deployment::NodePlace* place = nullptr;
  for (const deployment::NodePlace& node : market_->file().nodes) {
    if (node.node == leader) place = &node;
  }
  if (place == nullptr) return;
  hand_over_ = std::make_unique<deployment::HandOver>(
      loop_, place->gateways, market_->file().cluster, NodeId{0},
      [this](bool accepted, const std::string&) { refused_hand_overs_ += accepted ? 0 : 1; });
}

std::size_t Campaign::servers_to_kill() const {
  switch (options_.mode) {
    case FailoverMode::kill:
      return 1;
    case FailoverMode::minority:
      return (options_.nodes - 1) / 2;
    case FailoverMode::all:
      return options_.nodes;
    default:
      return 0;
  }
}

void Campaign::kill(NodeId leader, std::size_t servers) {
  market_->signal_node(leader, SIGKILL);
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (place.node == leader) continue;
    if (--servers == 0) return;
    market_->signal_node(place.node, SIGKILL);
  }
}

void Campaign::strike() {
  const NodeId leader = market_->find_leader(5'000);
  if (leader == 0) return;
  struck_ns_.push_back(net::Loop::now_ns());
  if (const std::size_t killed = servers_to_kill(); killed > 0) {
    kill(leader, killed);
    trade_for(options_.interval_ms);
  } else if (options_.mode == FailoverMode::stop) {
    market_->signal_node(leader, SIGSTOP);
    trade_for(kFrozenMs);
    market_->signal_node(leader, SIGCONT);
    trade_for(options_.interval_ms);
  } else if (options_.mode == FailoverMode::replace) {
    trouble_ = replace();
    trade_for(options_.interval_ms);
  } else if (options_.mode == FailoverMode::cut) {
    trouble_ = cut();
    trade_for(options_.interval_ms);
  } else {
    hand_over(leader);
    trade_for(options_.interval_ms);
  }
}

base::Status Campaign::change(const journal::ServerChange& wanted, const std::string& what) {
  MemberChange change(
      loop_,
      [this]() -> std::optional<net::Endpoint> {
        const NodeId leader = market_->find_leader(0);
        const deployment::NodePlace* place = market_->place_of(leader);
        return place == nullptr ? std::nullopt : std::optional(place->gateways);
      },
      market_->file().cluster, wanted);
  const std::uint64_t end_ms = net::Loop::now_ms() + kChangeMs;
  while (!change.is_done()) {
    if (net::Loop::now_ms() >= end_ms || change.is_refused()) {
      return base::Error{fmt::format("{} within {} ms: {}", what, kChangeMs, change.words())};
    }
    load_->turn();
    market_->supervise();
    change.tick(net::Loop::now_ms());
  }
  return {};
}

// One after the other, so that all are replaced in turn; every third time the one that leads.
NodeId Campaign::choose_leaving() {
  const NodeId leader = market_->find_leader(5'000);
  if (replaced_ % 3 == 0) return leader;
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (place.node != leader) return place.node;
  }
  return leader;
}

base::Status Campaign::replace() {
  using Kind = journal::ServerChange::Kind;
  ++replaced_;
  const NodeId leaving = choose_leaving();
  if (replaced_ % 2 == 0) {
    market_->hold_node(leaving, true);
    market_->signal_node(leaving, SIGKILL);
  }
  const std::uint64_t begin_ms = net::Loop::now_ms();
  auto added = market_->add_node();
  if (!added) return added.error();
  const journal::Server server{added.value().node, journal::ServerRole::standby,
                               added.value().storage, added.value().address};
  base::Status status = change({Kind::add, server}, "a server was not added");
  if (status) status = change({Kind::promote, server}, "the new server does not vote");
  if (!status) return status;
  joined_ms_.push_back(static_cast<double>(net::Loop::now_ms() - begin_ms));
  status = change({Kind::remove, {leaving}}, "a server was not removed");
  if (status) status = market_->drop_node(leaving);
  load_->set_feeds(deployment::market_addresses(market_->file(), options_.sessions).feeds);
  return status;
}

base::Status Campaign::cut() {
  if (base::Status status = cut_network(market_->file(), used_); !status) return status;
  trade_for(kCutMs);
  used_ = journal::other_than(used_);
  if (is_sending_over(market_->file(), market_->find_leader(0), used_)) ++gone_over_;
  return mend_networks();
}

base::Status Campaign::flap() {
  std::mt19937_64 random(options_.seed);
  const auto a_while_ms = [&random] {
    return kFlapLeastMs + random() % (kFlapMostMs - kFlapLeastMs + 1);
  };
  const std::uint64_t end_ms = net::Loop::now_ms() + std::uint64_t{options_.seconds} * 1'000;
  while (net::Loop::now_ms() < end_ms) {
    const std::uint64_t turn_ends_ms = net::Loop::now_ms() + kFlapTurnMs;
    struck_ns_.push_back(net::Loop::now_ns());
    while (net::Loop::now_ms() < std::min(turn_ends_ms, end_ms)) {
      ++flaps_;
      if (base::Status status = cut_network(market_->file(), used_); !status) return status;
      trade_for(a_while_ms());
      if (base::Status status = mend_networks(); !status) return status;
      trade_for(a_while_ms());
    }
    used_ = journal::other_than(used_);
    if (is_sending_over(market_->file(), market_->find_leader(0), used_)) ++gone_over_;
    options_.progress(fmt::format("{} flaps", flaps_));
  }
  return {};
}

void Campaign::judge_networks(base::Report& report) {
  const auto times = static_cast<std::int64_t>(struck_ns_.size());
  const auto terms = static_cast<std::int64_t>(term_after_ - term_before_);
  report.check("times that the leader went over to the other network", gone_over_, times);
  if (options_.mode == FailoverMode::cut) {
    report.check("elections without need", terms, std::int64_t{0});
  } else {
    report.figure("times that a network was cut and came back", static_cast<double>(flaps_),
                  "flaps");
    report.check(fmt::format("at most {} elections", kFlapTermsMax), terms <= kFlapTermsMax, true);
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
  // Of a replacement every pause counts, whenever it comes.
  if (options_.mode == FailoverMode::replace) gaps_ms.push_back(later_ms);
  std::sort(gaps_ms.begin(), gaps_ms.end());
  const auto quantile = [&](double share) {
    if (gaps_ms.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(gaps_ms.size())));
    return gaps_ms[std::max<std::size_t>(rank, 1) - 1];
  };
  if (options_.mode != FailoverMode::flap) {
    report.check("faults", static_cast<std::int64_t>(fault),
                 static_cast<std::int64_t>(options_.faults));
  }
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

void Campaign::judge(const check::Verdict& verdict, const salvage::Verification& verification,
                     base::Report& report) {
  check::judge_findings(verdict.findings, report);
  report.check("cold verification holds", verification.report.holds(), true);
  if (options_.mode == FailoverMode::hogs) {
    report.check("elections without need", static_cast<std::int64_t>(term_after_ - term_before_),
                 std::int64_t{0});
  } else {
    judge_gaps(report);
  }
  if (has_two_networks()) judge_networks(report);
  if (options_.mode == FailoverMode::transfer) {
    report.check("hand-overs refused", static_cast<std::int64_t>(refused_hand_overs_),
                 std::int64_t{0});
    report.check("sessions dropped", static_cast<std::int64_t>(verdict.figures.connections_lost),
                 std::int64_t{0});
  }
  if (options_.mode == FailoverMode::replace) {
    report.check("every change was made", trouble_.ok(), true);
    report.figure("from a new server's start to its vote, longest",
                  *std::max_element(joined_ms_.begin(), joined_ms_.end()), "ms");
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
        fmt::format("{} processes that never rest, for {} s", kHogs, options_.seconds));
    trade_for(std::uint64_t{options_.seconds} * 1'000);
  } else if (options_.mode == FailoverMode::flap) {
    if (base::Status status = flap(); !status) return status.error();
  } else {
    for (std::uint32_t fault = 1; fault <= options_.faults; ++fault) {
      strike();
      if (!trouble_) return trouble_.error();
      if (fault % 10 == 0) options_.progress(fmt::format("{} of {}", fault, options_.faults));
    }
  }
  term_after_ = term();
  options_.progress("bringing the market to rest and reading everything again");
  (void)load_->settle(kSettleMs);
  load_->read_again(kReadAgainMs);
  market_->stop();
  check::Evidence evidence = deployment::evidence_of_run(market_->file(), history_);
  evidence.troubles = market_->given_up();
  options_.progress("judging");
  const check::Verdict verdict = check::judge(evidence);
  auto verification = salvage::verify_folders({options_.folder}, options_.progress);
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

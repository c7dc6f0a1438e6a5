// `okiagari check`: a market under load and faults, judged by the history checker
// (docs/checker.md).
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/fault_plan.h"
#include "check/load.h"
#include "check/verdict_report.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "deployment/deployment.h"
#include "deployment/desk_deployment.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "deployment/market_nodes.h"
#include "deployment/node_watch.h"

namespace okiagari::cli {
namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kReadAgainMs = 15'000;
constexpr std::uint64_t kStoppedMs = 1'000;
constexpr std::uint64_t kProgressMs = 1'000;

struct CheckOptions {
  std::string market;  // folder of one that runs; empty: one of our own
  std::string keep;    // where our own is kept
  std::uint64_t seed = 1;
  std::uint32_t rate = 5'000;
  double duration_s = 10;
  double settle_s = 20;
  std::size_t nodes = 3;
  std::size_t sessions = 8;
  std::string faults = "kill,stop,transfer,gateway-kill";
  std::vector<std::string> environment;
  ReportOptions report;
};

// The market under test: one of our own, or one that somebody else runs.
class Market {
 public:
  static base::Result<std::unique_ptr<Market>> open(const CheckOptions& options) {
    std::unique_ptr<Market> market(new Market);
    const base::Status status =
        options.market.empty() ? market->start(options) : market->join(options.market);
    if (!status) return status.error();
    return market;
  }
  ~Market() {
    deployment_.reset();
    if (is_temporary_) remove_folder();
  }

  [[nodiscard]] const deployment::DeploymentFile& file() const {
    return deployment_ ? deployment_->file() : file_;
  }
  void supervise() {
    if (deployment_) deployment_->supervise();
  }
  void signal_node(NodeId node, int signal) {
    if (deployment_) return deployment_->signal_node(node, signal);
    refresh();
    if (const deployment::NodePlace* place = file_.find_node(node);
        place != nullptr && place->pid > 0) {
      ::kill(place->pid, signal);
    }
  }
  void signal_gateway(GatewayId gateway, int signal) {
    if (deployment_) return deployment_->signal_gateway(gateway, signal);
    refresh();
    const deployment::GatewayPlace* place = file_.find_gateway(gateway);
    if (place != nullptr && place->pid > 0) ::kill(place->pid, signal);
  }
  // Our own is stopped, so that its journals are cold.
  void stop() {
    if (deployment_) deployment_->stop();
  }
  [[nodiscard]] std::vector<std::string> troubles() const {
    return deployment_ ? deployment_->given_up() : std::vector<std::string>{};
  }
  void keep() { is_temporary_ = false; }
  [[nodiscard]] std::string history_path() const { return file().folder + "/check.history"; }

 private:
  Market() = default;

  base::Status start(const CheckOptions& options) {
    deployment::DeploymentOptions deployment;
    is_temporary_ = options.keep.empty();
    deployment.folder = is_temporary_ ? (std::filesystem::temp_directory_path() /
                                         fmt::format("okiagari-check-{}", ::getpid()))
                                            .string()
                                      : options.keep;
    deployment.nodes = options.nodes;
    deployment.sessions = options.sessions;
    deployment.environment = options.environment;
    deployment.tell = say;
    file_.folder = deployment.folder;
    auto prepared = deployment::Deployment::prepare(std::move(deployment));
    if (!prepared) return prepared.error();
    deployment_ = std::move(prepared.value());
    return deployment_->start();
  }

  base::Status join(const std::string& folder) {
    auto loaded = deployment::DeploymentFile::load(folder);
    if (!loaded) return loaded.error();
    file_ = std::move(loaded.value());
    const auto desks = deployment::DeskDeployment::load(folder);
    const bool has_desk = desks && std::any_of(desks.value().begin(), desks.value().end(),
                                               [](const deployment::DeskDeployment::Place& place) {
                                                 return place.pid != 0;
                                               });
    if (has_desk) {
      return base::Error{fmt::format(
          "{}: a desk's canary trades there and would never let the market come to rest; start it "
          "with `okiagari up --desks 0` to check it",
          folder)};
    }
    return {};
  }

  void refresh() {
    if (auto loaded = deployment::DeploymentFile::load(file_.folder))
      file_ = std::move(loaded.value());
  }
  void remove_folder() const {
    std::error_code ignored;
    std::filesystem::remove_all(file_.folder, ignored);
  }

  std::unique_ptr<deployment::Deployment> deployment_;
  deployment::DeploymentFile file_;  // of somebody else's market
  bool is_temporary_ = false;
};

// Carries the planned faults out when their time has come.
class Faults {
 public:
  Faults(net::Loop& loop, Market& market, check::History& history,
         std::vector<check::PlannedFault> plan, std::uint64_t seed)
      : loop_(loop), market_(market), history_(history), plan_(std::move(plan)), random_(seed) {
    std::vector<net::Endpoint> nodes;
    for (const deployment::NodePlace& place : market.file().nodes) nodes.push_back(place.gateways);
    watch_ = std::make_unique<deployment::NodeWatch>(loop, market.file().cluster, nodes);
  }

  void turn(std::uint64_t elapsed_ms) {
    watch_->tick(net::Loop::now_ms());
    if (stopped_ != 0 && net::Loop::now_ms() >= continue_ms_) let_continue();
    if (next_ == plan_.size() || elapsed_ms < plan_[next_].at_ms) return;
    // One at a time: the next waits until the one before is over.
    if (stopped_ == 0 && carry_out(plan_[next_].fault)) ++next_;
  }
  void let_continue() {
    if (stopped_ == 0) return;
    market_.signal_node(stopped_, SIGCONT);
    note(fmt::format("node {} goes on", stopped_));
    stopped_ = 0;
  }

 private:
  // False when it cannot be done now.
  bool carry_out(check::Fault fault) {
    if (fault == check::Fault::gateway_kill) {
      const auto& gateways = market_.file().gateways;
      const GatewayId gateway = gateways[random_.below(gateways.size())].gateway;
      market_.signal_gateway(gateway, SIGKILL);
      note(fmt::format("gateway {} killed", gateway));
      return true;
    }
    const auto at = watch_->leader();
    if (!at) return false;
    const deployment::NodePlace& leader = market_.file().nodes[*at];
    if (fault == check::Fault::kill) {
      market_.signal_node(leader.node, SIGKILL);
      note(fmt::format("node {}, the leader, killed", leader.node));
    } else if (fault == check::Fault::stop) {
      market_.signal_node(leader.node, SIGSTOP);
      stopped_ = leader.node;
      continue_ms_ = net::Loop::now_ms() + kStoppedMs;
      note(fmt::format("node {}, the leader, frozen", leader.node));
    } else {
      ask_to_hand_over(leader);
    }
    return true;
  }

  void ask_to_hand_over(const deployment::NodePlace& leader) {
    hand_over_ = std::make_unique<deployment::HandOver>(
        loop_, leader.gateways, market_.file().cluster, NodeId{0},
        [this](bool accepted, const std::string& text) {
          note(fmt::format("hand-over {}: {}", accepted ? "accepted" : "refused", text));
        });
    note(fmt::format("node {}, the leader, asked to hand over", leader.node));
  }

  void note(const std::string& words) {
    say(words);
    history_.add(check::HistoryEvent::fault, 0, net::Loop::now_ns(), 0, base::as_bytes(words));
  }

  net::Loop& loop_;
  Market& market_;
  check::History& history_;
  std::vector<check::PlannedFault> plan_;
  check::Random random_;
  std::unique_ptr<deployment::NodeWatch> watch_;
  std::unique_ptr<deployment::HandOver> hand_over_;
  std::size_t next_ = 0;
  NodeId stopped_ = 0;
  std::uint64_t continue_ms_ = 0;
};

class CheckRun {
 public:
  CheckRun(const CheckOptions& options, Market& market, std::vector<check::PlannedFault> plan)
      : options_(options),
        market_(market),
        load_(loop_, history_, deployment::market_addresses(market.file(), options.sessions),
              {options.seed, options.rate}),
        faults_(loop_, market, history_, std::move(plan), options.seed) {
    load_.while_waiting = [this] { market_.supervise(); };
  }

  // The error says what kept the run from being made.
  base::Result<check::Verdict> run() {
    if (auto kept = history_.keep_at(market_.history_path()); !kept) return kept.error();
    if (auto connected = load_.connect(kConnectMs); !connected) return connected.error();
    trade();
    say("bringing the market to rest");
    faults_.let_continue();
    (void)load_.settle(milliseconds(options_.settle_s));
    say("reading everything again");
    load_.read_again(kReadAgainMs);
    std::vector<std::string> troubles = market_.troubles();
    market_.stop();
    if (auto finished = history_.finish(); !finished) return finished.error();
    check::Evidence evidence = deployment::evidence_of_run(market_.file(), history_);
    evidence.troubles = std::move(troubles);
    return check::judge(evidence);
  }

 private:
  static std::uint64_t milliseconds(double seconds) {
    return static_cast<std::uint64_t>(seconds * 1'000);
  }

  void trade() {
    const std::uint64_t start_ms = net::Loop::now_ms();
    const std::uint64_t duration_ms = milliseconds(options_.duration_s);
    std::uint64_t next_progress_ms = kProgressMs;
    for (std::uint64_t elapsed_ms = 0; elapsed_ms < duration_ms;
         elapsed_ms = net::Loop::now_ms() - start_ms) {
      load_.turn();
      market_.supervise();
      faults_.turn(elapsed_ms);
      if (elapsed_ms < next_progress_ms) continue;
      next_progress_ms += kProgressMs;
      say(fmt::format("{:3} s: {} messages sent, {} orders acknowledged", elapsed_ms / 1'000,
                      load_.sent(), load_.acknowledged()));
    }
  }

  const CheckOptions& options_;
  Market& market_;
  net::Loop loop_;
  check::History history_;
  check::Load load_;
  Faults faults_;
};

int run_check(const CheckOptions& options) {
  auto plan = check::plan_faults(
      options.faults, static_cast<std::uint64_t>(options.duration_s * 1'000), options.seed);
  if (!plan) return failed(plan.error().message, kExitWrongUse);
  auto market = Market::open(options);
  if (!market) return failed(market.error().message);
  CheckRun run(options, *market.value(), std::move(plan.value()));
  auto verdict = run.run();
  if (!verdict) return failed(verdict.error().message);
  const check::Findings& findings = verdict.value().findings;
  if (findings.total() > 0) {
    market.value()->keep();
    say(check::words_of(findings) + "the market and the history are kept in " +
        market.value()->file().folder);
  }
  return options.report.print(check::report_of(verdict.value(), options.seed));
}

}  // namespace

void add_check_command(Command app, const Exit& exit) {
  auto options = std::make_shared<CheckOptions>();
  const Command command = app.command(
      "check", "Trade on a market while its servers fail, and judge what its members were told");
  command.option("--market", options->market,
                 "Folder of a market that `okiagari up` runs; without it, one is started");
  command.option("--keep", options->keep, "Keep the market that is started in this folder");
  command.option("--seed", options->seed, "Decides messages and faults").shows_default();
  command.option("--rate", options->rate, "Messages a second")
      .within(1U, 1'000'000U)
      .shows_default();
  command.option("--duration", options->duration_s, "Seconds of trading")
      .within(0.1, 86'400.0)
      .shows_default();
  command.option("--settle", options->settle_s, "Seconds to come to rest in, at most")
      .within(0.1, 3'600.0)
      .shows_default();
  command.option("--nodes", options->nodes, "Servers of the market that is started")
      .one_of({1, 3, 5})
      .shows_default();
  command.option("--sessions", options->sessions, "Members that trade")
      .within(std::size_t{1}, std::size_t{999})
      .shows_default();
  command
      .option("--faults", options->faults,
              "kill, stop, transfer, gateway-kill, each as NAME or NAME=NUMBER; or none")
      .shows_default();
  command.option("--environment", options->environment,
                 "NAME=value for the processes that are started");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_check(*options); });
}

}  // namespace okiagari::cli

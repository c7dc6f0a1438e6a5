// `okiagari run`: the main job of ./run. Recorded order flow trades on a market of three servers,
// the leading one is killed in the middle, and everything that happened is proven and written down.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "check/load.h"
#include "check/verdict_report.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/flow_play.h"
#include "cli/flow_source.h"
#include "cli/run_desk.h"
#include "cli/run_feed_check.h"
#include "cli/run_measures.h"
#include "cli/run_page.h"
#include "cli/run_scenario.h"
#include "cli/stop_signal.h"
#include "deployment/deployment.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "salvage/verify.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kSettleMs = 20'000;
constexpr std::uint64_t kReadAgainMs = 30'000;
constexpr std::uint64_t kDeskMs = 60'000;
// Of the fail-over figures the bound that a single kill must keep (docs/benchmarks.md).
constexpr double kGapMsMax = 60;

struct RunOptions {
  std::string out = "out/run";
  std::string flow = "samples/coinbase.flow.zst";
  std::uint16_t instruments = 50;
  std::uint32_t rate = 10'000;
  std::size_t sessions = 8;
  std::size_t desks = 1;
  std::string scenario;
  bool once = false;
};

class Run {
 public:
  Run(const RunOptions& options, recordings::Flow flow)
      : options_(options), flow_(std::move(flow)), source_(flow_, options.sessions) {}

  base::Status start();
  base::Status trade();
  base::Status prove();
  base::Status write() const;
  base::Status stay();
  [[nodiscard]] const base::Report& report() const { return report_; }
  void stop() {
    desk_.reset();
    feed_check_.reset();
    if (market_) market_->stop();
  }

 private:
  void kill_leader();
  void supervise();
  void await_desk();
  void judge(const check::Verdict& verdict, const salvage::Verification& verification);
  [[nodiscard]] std::string data() const { return options_.out + "/data"; }

  const RunOptions& options_;
  recordings::Flow flow_;
  FlowSource source_;
  std::unique_ptr<deployment::Deployment> market_;
  std::unique_ptr<RunDesk> desk_;
  std::unique_ptr<RunFeedCheck> feed_check_;
  net::Loop loop_;
  check::History history_;
  RunTimes times_;
  RunRecord record_;
  base::Report report_{"run", 0};
  std::optional<salvage::Verification> verification_;
};

base::Status Run::start() {
  std::error_code error;
  std::filesystem::remove_all(data(), error);
  std::filesystem::remove_all(options_.out + "/mail", error);
  std::filesystem::create_directories(options_.out, error);
  if (error)
    return base::Error{fmt::format("{}: cannot be made: {}", options_.out, error.message())};
  deployment::DeploymentOptions deployment;
  deployment.folder = data();
  deployment.sessions = options_.sessions;
  deployment.instruments = instruments_of(flow_);
  deployment.funds.cash = 4'000'000'000'000'000'000;
  deployment.funds.lots = 1'000'000'000'000'000;
  deployment.tell = say;
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  say(fmt::format("starting three servers and two gateways in {}", data()));
  if (base::Status status = market_->start(); !status) return status;
  auto feed_check = RunFeedCheck::start(data(), options_.out);
  if (!feed_check) return feed_check.error();
  feed_check_ = std::move(feed_check.value());
  say("starting the outage desk and a mail server");
  auto desk = RunDesk::start(data(), options_.out, options_.desks, say);
  if (!desk) return desk.error();
  desk_ = std::move(desk.value());
  return {};
}

void Run::supervise() {
  market_->supervise();
  if (desk_) desk_->supervise();
}

// What the desk does in the first minute is part of the record.
void Run::await_desk() {
  say("waiting for what the desk has to say");
  const std::uint64_t end_ms = net::Loop::now_ms() + kDeskMs;
  while (!desk_->has_come_to(
             {"incident.report", "incident.causes", "incident.path_observed", "notice.released"}) &&
         net::Loop::now_ms() < end_ms && !is_stop_asked()) {
    market_->supervise(100);
    desk_->supervise();
  }
}

void Run::kill_leader() {
  const NodeId leader = market_->find_leader(1'000);
  if (leader == 0) return;
  if (const auto status = market_->status(leader)) record_.term_before = status->term;
  record_.killed_server = fmt::format("node {}", leader);
  times_.killed_ns = net::Loop::now_ns();
  desk_->fault_happens(net::Loop::wall_ns());
  market_->signal_node(leader, SIGKILL);
  history_.add(check::HistoryEvent::fault, 0, times_.killed_ns, 0, base::as_bytes("leader killed"));
  say(fmt::format("killed {}, the leader, with SIGKILL", record_.killed_server));
}

base::Status Run::trade() {
  if (auto kept = history_.keep_at(options_.out + "/history"); !kept) return kept;
  check::LoadOptions load_options;
  load_options.messages_per_second = options_.rate;
  load_options.source = &source_;
  check::Load load(loop_, history_,
                   deployment::market_addresses(market_->file(), options_.sessions), load_options);
  load.while_waiting = [this] { supervise(); };
  if (base::Status status = load.connect(kConnectMs); !status) return status;
  const std::size_t records = flow_.records.size();
  say(fmt::format("{} recorded messages on {} instruments, {} a second", records,
                  options_.instruments, options_.rate));
  times_.started_ns = net::Loop::now_ns();
  const base::Status played = play_flow(load, source_, [&] {
    supervise();
    if (times_.killed_ns == 0 && source_.position() >= records / 2) kill_leader();
    return !is_stop_asked();
  });
  times_.ended_ns = net::Loop::now_ns();
  if (!played) return played;
  const NodeId leader = market_->find_leader(5'000);
  record_.new_leader = fmt::format("node {}", leader);
  if (const auto status = market_->status(leader)) record_.term_after = status->term;
  await_desk();
  // Its canary would never let the market come to rest.
  if (base::Status status = desk_->finish(); !status) return status;
  say("bringing the market to rest");
  (void)load.settle(kSettleMs);
  say("reading every session and every feed again");
  load.read_again(kReadAgainMs);
  say("asking the feed's checker for its verdict");
  feed_check_->finish([this] { market_->supervise(10); });
  record_.orders_sent = load.sent();
  return history_.finish();
}

base::Status Run::prove() {
  say("stopping the market to look at its data cold");
  market_->stop();
  check::Evidence evidence = deployment::evidence_of_run(market_->file(), history_);
  evidence.troubles = market_->given_up();
  const check::Verdict verdict = check::judge(evidence);
  for (const std::string& words : {check::words_of(verdict.findings), feed_check_->words()}) {
    if (!words.empty()) say(words);
  }
  auto verification = salvage::verify_folders({data()}, say);
  if (!verification) return verification.error();
  verification_.emplace(std::move(verification.value()));
  record_.flow = "Coinbase, 17 April 2021";
  record_.instruments = options_.instruments;
  record_.rate_per_s = options_.rate;
  measure_run(history_, times_, record_);
  judge(verdict, *verification_);
  return {};
}

void Run::judge(const check::Verdict& verdict, const salvage::Verification& verification) {
  check::judge_findings(verdict.findings, report_);
  report_.check("the leading server was killed", times_.killed_ns != 0, true);
  report_.check("another one leads in a higher term", record_.term_after > record_.term_before,
                true);
  report_.check("every recorded message was sent", source_.is_over(), true);
  report_.check("logs, snapshots, histories and balances of all servers agree, read cold",
                verification.report.holds(), true);
  report_.figure_at_most("time without an acknowledgement", record_.gap_ms(), "ms", kGapMsMax);
  feed_check_->judge(report_);
  desk_->judge(report_);
  report_.figure("orders acknowledged", static_cast<double>(record_.acknowledged), "orders");
  report_.figure("messages sent", static_cast<double>(record_.orders_sent), "messages");
  report_.figure("trades", static_cast<double>(verdict.figures.trades), "trades");
  report_.figure("feed messages", static_cast<double>(verdict.figures.feed_messages), "messages");
  report_.figure("median of order to acknowledgement before the kill", record_.before.p50_ms, "ms");
  report_.figure("99th percentile before the kill", record_.before.p99_ms, "ms");
  report_.figure("longest pause later on", record_.later_pause_ms, "ms");
  report_.figure("median after the gap", record_.after.p50_ms, "ms");
  report_.figure("99th percentile after the gap", record_.after.p99_ms, "ms");
  report_.figure("commands in the agreed log", static_cast<double>(verification.agreed_sequence),
                 "commands");
}

base::Status write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  if (!file) return base::Error{fmt::format("{}: cannot be written", path)};
  return {};
}

base::Status Run::write() const {
  if (auto status = write_file(options_.out + "/report.json", report_.to_json() + "\n"); !status)
    return status;
  if (auto status = write_file(options_.out + "/report.html",
                               render_run_page(record_, desk_->story(), report_));
      !status) {
    return status;
  }
  return salvage::write_proof(*verification_, options_.out + "/proof.json");
}

base::Status Run::stay() {
  say("starting the market again from its disks");
  if (base::Status status = market_->start(); !status) return status;
  for (const deployment::GatewayPlace& place : market_->file().gateways) {
    fmt::print("gateway {}: members {} (OUCH 5.0, SoupBinTCP)\n", place.gateway,
               net::to_string(place.members));
  }
  for (const deployment::NodePlace& place : market_->file().nodes) {
    fmt::print("node {}: feed {} (ITCH 5.0, SoupBinTCP)\n", place.node, net::to_string(place.feed));
  }
  deployment::DeskDeploymentOptions options;
  options.market_folder = data();
  options.tell = say;
  auto desks = deployment::DeskDeployment::prepare(std::move(options));
  if (!desks) return desks.error();
  if (base::Status status = desks.value()->start(); !status) return status;
  for (const deployment::DeskDeployment::Place& place : desks.value()->places()) {
    fmt::print("desk {}: public page http://{}/, console http://{}/console/\n", place.desk,
               net::to_string(place.http), net::to_string(place.http));
  }
  fmt::print(
      "members' log-ins: {}\n"
      "who logs in at the desk, and with what: okiagari desk rehearsal operator-1 --data {}\n"
      "Ctrl-C stops it.\n",
      deployment::DeploymentFile::path_in(data()), data());
  std::fflush(stdout);
  while (!is_stop_asked()) {
    market_->supervise(20);
    desks.value()->supervise();
  }
  desks.value()->stop();
  return {};
}

int run_scenario(const RunOptions& options) {
  auto report = run_two_of_three({options.out, options.desks});
  if (!report) return failed(report.error().message);
  fmt::print("{}\nreport: {}/report.html (日本語, English), {}/report.json\n",
             report.value().to_table(), options.out, options.out);
  return report.value().exit_status();
}

int run_main_job(const RunOptions& options) {
  catch_stop_signals();
  if (!options.scenario.empty()) return run_scenario(options);
  auto flow = recordings::read_flow(options.flow);
  if (!flow) return failed(flow.error().message, kExitWrongUse);
  Run run(options, recordings::spread_over(flow.value(), options.instruments));
  for (const auto step : {&Run::start, &Run::trade, &Run::prove}) {
    if (base::Status status = (run.*step)(); !status) {
      run.stop();
      return failed(status.error().message);
    }
  }
  if (base::Status status = run.write(); !status) return failed(status.error().message);
  fmt::print("{}\nreport: {}/report.html (日本語, English), {}/report.json\n",
             run.report().to_table(), options.out, options.out);
  std::fflush(stdout);
  if (!options.once && !is_stop_asked()) {
    if (base::Status status = run.stay(); !status) return failed(status.error().message);
    run.stop();
  }
  return run.report().exit_status();
}

}  // namespace

void add_run_command(Command app, const Exit& exit) {
  auto options = std::make_shared<RunOptions>();
  const Command command = app.command(
      "run",
      "Trade recorded orders on three servers, kill the leading one, and prove what happened");
  command.flag("--once", options->once, "Do not stay: end with the verdict as exit status");
  command
      .option("--scenario", options->scenario,
              "Another bad day than the leader's death; it always ends with the verdict")
      .one_of({"two-of-three"});
  command.option("--out", options->out, "Where reports and data go").shows_default();
  command.option("--flow", options->flow, "Recorded order flow (samples/README.md)")
      .existing_file()
      .shows_default();
  command.option("--instruments", options->instruments, "Spread the flow over so many instruments")
      .within(1, 9'999)
      .shows_default();
  command.option("--rate", options->rate, "Messages a second").within(1, 1'000'000).shows_default();
  set_action(command, exit, [options] { return run_main_job(*options); });
}

}  // namespace okiagari::cli

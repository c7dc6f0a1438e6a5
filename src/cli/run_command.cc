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
#include "cli/commands.h"
#include "cli/deployment.h"
#include "cli/flow_play.h"
#include "cli/flow_source.h"
#include "cli/market_addresses.h"
#include "cli/market_journals.h"
#include "cli/run_measures.h"
#include "cli/run_page.h"
#include "cli/stop_signal.h"
#include "cli/verify.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kSettleMs = 20'000;
constexpr std::uint64_t kReadAgainMs = 30'000;
// Of the fail-over figures the bound that a single kill must keep (docs/benchmarks.md).
constexpr double kGapMsMax = 60;

struct RunOptions {
  std::string out = "out/run";
  std::string flow = "samples/coinbase.flow.zst";
  std::uint16_t instruments = 50;
  std::uint32_t rate = 10'000;
  std::size_t sessions = 8;
  bool once = false;
};

class Run {
 public:
  Run(const RunOptions& options, Flow flow)
      : options_(options), flow_(std::move(flow)), source_(flow_, options.sessions) {}

  base::Status start();
  base::Status trade();
  base::Status prove();
  base::Status write() const;
  base::Status stay();
  [[nodiscard]] const base::Report& report() const { return report_; }
  void stop() {
    if (market_) market_->stop();
  }

 private:
  void kill_leader();
  void judge(const check::Verdict& verdict, const Verification& verification);
  [[nodiscard]] std::string data() const { return options_.out + "/data"; }

  const RunOptions& options_;
  Flow flow_;
  FlowSource source_;
  std::unique_ptr<Deployment> market_;
  net::Loop loop_;
  check::History history_;
  std::uint64_t started_ns_ = 0;
  std::uint64_t killed_ns_ = 0;
  RunRecord record_;
  base::Report report_{"run", 0};
  std::optional<Verification> verification_;
};

base::Status Run::start() {
  std::error_code error;
  std::filesystem::remove_all(data(), error);
  std::filesystem::create_directories(options_.out, error);
  if (error)
    return base::Error{fmt::format("{}: cannot be made: {}", options_.out, error.message())};
  DeploymentOptions deployment;
  deployment.folder = data();
  deployment.sessions = options_.sessions;
  deployment.instruments = instruments_of(flow_);
  deployment.funds.cash = 4'000'000'000'000'000'000;
  deployment.funds.lots = 1'000'000'000'000'000;
  deployment.tell = say;
  auto prepared = Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  say(fmt::format("starting three servers and two gateways in {}", data()));
  return market_->start();
}

void Run::kill_leader() {
  const NodeId leader = market_->find_leader(1'000);
  if (leader == 0) return;
  if (const auto status = market_->status(leader)) record_.term_before = status->term;
  record_.killed_server = fmt::format("node {}", leader);
  killed_ns_ = net::Loop::now_ns();
  market_->signal_node(leader, SIGKILL);
  history_.add(check::HistoryEvent::fault, 0, killed_ns_, 0, base::as_bytes("leader killed"));
  say(fmt::format("killed {}, the leader, with SIGKILL", record_.killed_server));
}

base::Status Run::trade() {
  if (auto kept = history_.keep_at(options_.out + "/history"); !kept) return kept;
  check::LoadOptions load_options;
  load_options.messages_per_second = options_.rate;
  load_options.source = &source_;
  check::Load load(loop_, history_, market_addresses(market_->file(), options_.sessions),
                   load_options);
  load.while_waiting = [this] { market_->supervise(); };
  if (base::Status status = load.connect(kConnectMs); !status) return status;
  const std::size_t records = flow_.records.size();
  say(fmt::format("{} recorded messages on {} instruments, {} a second", records,
                  options_.instruments, options_.rate));
  started_ns_ = net::Loop::now_ns();
  const base::Status played = play_flow(load, source_, [&] {
    market_->supervise();
    if (killed_ns_ == 0 && source_.position() >= records / 2) kill_leader();
    return !is_stop_asked();
  });
  if (!played) return played;
  const NodeId leader = market_->find_leader(5'000);
  record_.new_leader = fmt::format("node {}", leader);
  if (const auto status = market_->status(leader)) record_.term_after = status->term;
  say("bringing the market to rest");
  (void)load.settle(kSettleMs);
  say("reading every session and every feed again");
  load.read_again(kReadAgainMs);
  record_.orders_sent = load.sent();
  return history_.finish();
}

base::Status Run::prove() {
  say("stopping the market to look at its data cold");
  market_->stop();
  check::Evidence evidence;
  evidence.history = &history_;
  evidence.troubles = market_->given_up();
  read_journals(market_->file().nodes, evidence);
  const check::Verdict verdict = check::judge(evidence);
  const std::string words = check::words_of(verdict.findings);
  if (!words.empty()) say(words);
  auto verification = verify_folders({data()}, say);
  if (!verification) return verification.error();
  verification_.emplace(std::move(verification.value()));
  record_.flow = "Coinbase, 17 April 2021";
  record_.instruments = options_.instruments;
  record_.rate_per_s = options_.rate;
  measure_run(history_, started_ns_, killed_ns_, record_);
  judge(verdict, *verification_);
  return {};
}

void Run::judge(const check::Verdict& verdict, const Verification& verification) {
  check::judge_findings(verdict.findings, report_);
  report_.check("the leading server was killed", killed_ns_ != 0, true);
  report_.check("another one leads in a higher term", record_.term_after > record_.term_before,
                true);
  report_.check("every recorded message was sent", source_.is_over(), true);
  report_.check("logs, snapshots, histories and balances of all servers agree, read cold",
                verification.report.holds(), true);
  report_.figure_at_most("time without an acknowledgement", record_.gap_ms(), "ms", kGapMsMax);
  report_.figure("orders acknowledged", static_cast<double>(record_.acknowledged), "orders");
  report_.figure("messages sent", static_cast<double>(record_.orders_sent), "messages");
  report_.figure("trades", static_cast<double>(verdict.figures.trades), "trades");
  report_.figure("feed messages", static_cast<double>(verdict.figures.feed_messages), "messages");
  report_.figure("median of order to acknowledgement before the kill", record_.before.p50_ms, "ms");
  report_.figure("99th percentile before the kill", record_.before.p99_ms, "ms");
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
  if (auto status = write_file(options_.out + "/report.html", render_run_page(record_, report_));
      !status) {
    return status;
  }
  return write_proof(*verification_, options_.out + "/proof.json");
}

base::Status Run::stay() {
  say("starting the market again from its disks");
  if (base::Status status = market_->start(); !status) return status;
  for (const GatewayPlace& place : market_->file().gateways) {
    fmt::print("gateway {}: members {} (OUCH 5.0, SoupBinTCP)\n", place.gateway,
               net::to_string(place.members));
  }
  for (const NodePlace& place : market_->file().nodes) {
    fmt::print("node {}: feed {} (ITCH 5.0, SoupBinTCP)\n", place.node, net::to_string(place.feed));
  }
  fmt::print("log-ins: {}\nCtrl-C stops it.\n", DeploymentFile::path_in(data()));
  std::fflush(stdout);
  while (!is_stop_asked()) market_->supervise(20);
  return {};
}

int run_main_job(const RunOptions& options) {
  catch_stop_signals();
  auto flow = read_flow(options.flow);
  if (!flow) return failed(flow.error().message, kExitWrongUse);
  Run run(options, spread_over(flow.value(), options.instruments));
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

void add_run_command(CLI::App& app, const Exit& exit) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run",
      "Trade recorded orders on three servers, kill the leading one, and prove what happened");
  command->add_flag("--once", options->once, "Do not stay: end with the verdict as exit status");
  command->add_option("--out", options->out, "Where reports and data go")->capture_default_str();
  command->add_option("--flow", options->flow, "Recorded order flow (samples/README.md)")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  command
      ->add_option("--instruments", options->instruments,
                   "Spread the flow over so many instruments")
      ->check(CLI::Range(1, 9'999))
      ->capture_default_str();
  command->add_option("--rate", options->rate, "Messages a second")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  set_action(*command, exit, [options] { return run_main_job(*options); });
}

}  // namespace okiagari::cli

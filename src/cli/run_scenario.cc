#include "cli/run_scenario.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>

#include "check/load.h"
#include "check/verdict_report.h"
#include "cli/command.h"
#include "cli/run_desk.h"
#include "cli/run_page.h"
#include "client/act_submission.h"
#include "client/halt_delivery.h"
#include "client/key_file.h"
#include "client/market_act.h"
#include "deployment/builtin_files.h"
#include "deployment/deployment.h"
#include "deployment/market_addresses.h"
#include "deployment/market_journals.h"
#include "salvage/quorum_rebuild.h"
#include "salvage/verify.h"
#include "wire/halt_document.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSessions = 4;
constexpr std::uint32_t kRate = 2'000;
constexpr std::uint64_t kWaitMs = 60'000;
constexpr std::uint64_t kSecondNs = 1'000'000'000;
// A demonstration does not wait the full minute for a decision that nobody takes.
constexpr std::string_view kDecisionLimit = "limit_s = 60\n\n[[step.at_limit]]\nentry = \"halt";
constexpr std::string_view kShortLimit = "limit_s = 8\n\n[[step.at_limit]]\nentry = \"halt";

class TwoOfThree {
 public:
  explicit TwoOfThree(const ScenarioOptions& options) : options_(options) {}

  base::Status start();
  base::Status lose_two();
  base::Status await_halt();
  base::Status rebuild();
  base::Status reopen();
  base::Status prove();
  base::Status write() const;
  [[nodiscard]] const base::Report& report() const { return report_; }

 private:
  [[nodiscard]] std::string data() const { return options_.out + "/data"; }
  base::Status prepare_market();
  void turn();
  bool turn_until(const std::function<bool()>& done);
  [[nodiscard]] base::Result<base::KeyPair> key_of(std::uint16_t operator_id) const;
  base::Status lift_guards();

  const ScenarioOptions& options_;
  std::unique_ptr<deployment::Deployment> market_;
  std::unique_ptr<RunDesk> desk_;
  net::Loop loop_;
  check::History history_;
  std::optional<check::Load> load_;
  NodeId survivor_ = 0;
  std::uint64_t old_cluster_ = 0;
  std::string kept_;  // where the survivor's old folder went
  std::optional<salvage::Verification> verification_;
  base::Report report_{"run two-of-three", 1};
};

base::Status TwoOfThree::prepare_market() {
  deployment::DeploymentOptions deployment;
  deployment.folder = data();
  deployment.sessions = kSessions;
  deployment.tell = say;
  auto prepared = deployment::Deployment::prepare(std::move(deployment));
  if (!prepared) return prepared.error();
  market_ = std::move(prepared.value());
  return market_->start();
}

base::Status TwoOfThree::start() {
  std::error_code error;
  for (const char* part : {"/data", "/mail"}) fs::remove_all(options_.out + part, error);
  fs::create_directories(data() + "/desk", error);
  std::string playbook = deployment::builtin_files().at("playbook.toml");
  const std::size_t at = playbook.find(kDecisionLimit);
  ASSERT(at != std::string::npos, "the playbook has no limit for the decision to halt");
  playbook.replace(at, kDecisionLimit.size(), kShortLimit);
  std::ofstream(data() + "/desk/playbook.toml") << playbook;
  say("starting three servers and two gateways");
  if (base::Status status = prepare_market(); !status) return status;
  auto desk = RunDesk::start(data(), options_.out, options_.desks, say);
  if (!desk) return desk.error();
  desk_ = std::move(desk.value());
  load_.emplace(loop_, history_, deployment::market_addresses(market_->file(), kSessions),
                check::LoadOptions{.seed = 1, .messages_per_second = kRate});
  load_->while_waiting = [this] { market_->supervise(); };
  if (base::Status status = load_->connect(kWaitMs); !status) return status;
  say(fmt::format("trading, {} messages a second", kRate));
  if (!turn_until([&] { return load_->acknowledged() >= 4'000; })) {
    return base::Error{"the market did not trade"};
  }
  return {};
}

void TwoOfThree::turn() {
  load_->turn();
  market_->supervise();
  if (desk_) desk_->supervise();
}

bool TwoOfThree::turn_until(const std::function<bool()>& done) {
  const std::uint64_t end_ms = net::Loop::now_ms() + kWaitMs;
  while (!done()) {
    if (net::Loop::now_ms() >= end_ms) return false;
    turn();
  }
  return true;
}

base::Status TwoOfThree::lose_two() {
  survivor_ = market_->find_leader(5'000);
  if (survivor_ == 0) return base::Error{"no server leads"};
  old_cluster_ = market_->file().cluster;
  desk_->fault_happens(net::Loop::wall_ns());
  for (const deployment::NodePlace& place : market_->file().nodes) {
    if (place.node == survivor_) continue;
    market_->hold_node(place.node, true);
    market_->signal_node(place.node, SIGKILL);
  }
  say(fmt::format("killed two of three servers; node {} is left", survivor_));
  const auto is_gone = [&](const deployment::NodePlace& place) {
    return place.node == survivor_ || !market_->is_node_running(place.node);
  };
  const auto& nodes = market_->file().nodes;
  if (!turn_until([&] { return std::all_of(nodes.begin(), nodes.end(), is_gone); })) {
    return base::Error{"a killed server goes on"};
  }
  std::error_code error;
  for (const deployment::NodePlace& place : nodes) {
    if (place.node != survivor_) fs::remove_all(place.folder, error);
  }
  return {};
}

base::Status TwoOfThree::await_halt() {
  say("nobody decides: the desk halts the market by itself after eight seconds");
  std::uint64_t next_look_ms = 0;
  const bool is_halted = turn_until([&] {
    if (net::Loop::now_ms() < next_look_ms) return false;
    next_look_ms = net::Loop::now_ms() + 250;
    return desk_->has_come_to(
        {"incident.report", "incident.trading_impaired", "notice.released", "halt.in_effect"});
  });
  report_.check("the desk halted the market when nobody decided", is_halted, true);
  std::error_code error;
  report_.check("the signed copy of the public page is there",
                fs::exists(data() + "/status-page/current/MANIFEST.sig", error), true);
  return {};
}

base::Result<base::KeyPair> TwoOfThree::key_of(std::uint16_t operator_id) const {
  for (const deployment::OperatorPlace& place : market_->file().operators) {
    if (place.id == operator_id) return client::load_key(place.key_file, "");
  }
  return base::Error{fmt::format("the market has no operator {}", operator_id)};
}

base::Status TwoOfThree::rebuild() {
  say("looking at the survivor, and at what the gateways saw");
  std::vector<std::string> gateways;
  for (const deployment::GatewayPlace& place : market_->file().gateways)
    gateways.push_back(place.folder);
  const std::string survivor_folder = market_->folder_of_node(survivor_);
  std::array<base::KeyPair, 2> keys;
  for (std::uint16_t id = 1; id <= 2; ++id) {
    auto key = key_of(id);
    if (!key) return key.error();
    keys[id - 1u] = key.value();
  }
  market_->stop();
  auto found = salvage::look_at_survivors({survivor_folder}, gateways, say);
  if (!found) return found.error();
  auto act = salvage::propose_rebuild(found.value(), {1, 2, 3});
  if (!act) return act.error();
  const salvage::LossList& losses = found.value().losses;
  report_.check("messages to members that going on with the survivor loses",
                static_cast<std::int64_t>(losses.messages), std::int64_t{0});
  report_.figure("orders that came while nobody could answer",
                 static_cast<double>(losses.unanswered.size()), "orders");
  const base::Status refused = salvage::rebuild_folders(
      act.value(), survivor_folder,
      {data() + "/refused-1", data() + "/refused-2", data() + "/refused-3"}, say);
  report_.check("a rebuild without approvals is refused", !refused.ok(), true);
  for (std::uint16_t id = 1; id <= 2; ++id) {
    if (auto status = act.value().sign(id, keys[id - 1u].secret_key); !status) return status;
  }
  say("rebuilding with two signatures");
  market_ = nullptr;
  auto kept = salvage::rebuild_market(act.value(), data(), say);
  if (!kept) return kept.error();
  kept_ = kept.value();
  if (base::Status status = prepare_market(); !status) return status;
  report_.check("the rebuilt cluster has a number of its own",
                market_->file().cluster != old_cluster_, true);
  return salvage::found_cluster(
      act.value(), market_->file(), kWaitMs, [this] { turn(); }, say);
}

// What the gateways obey stays in force over the rebuild; it takes two people to lift it.
base::Status TwoOfThree::lift_guards() {
  auto record = read_desk_record(desk_->desks().places().front().folder);
  if (!record) return record.error();
  const DeskRecord::Item* ordered = record.value().first("halt.ordered");
  if (ordered == nullptr) return base::Error{"the desk has no record of the halt"};
  wire::HaltDocument lift;
  lift.kind = wire::HaltKind::lift;
  lift.cluster = market_->file().cluster;
  lift.lifts = ordered->at_ns / 1'000'000;
  lift.number = net::Loop::wall_ns() / 1'000'000;
  lift.reason = "rebuilt from the survivor";
  lift.issued_at_s = net::Loop::wall_ns() / kSecondNs;
  lift.accept_until_s = lift.issued_at_s + 600;
  lift.proof = base::digest(base::as_bytes(kept_));
  for (std::uint16_t id = 1; id <= 2; ++id) {
    auto key = key_of(id);
    if (!key) return key.error();
    wire::sign_halt_document(lift, id, key.value().secret_key);
  }
  for (const deployment::GatewayPlace& place : market_->file().gateways) {
    auto delivery = client::deliver_halt(place.folder, "lift.json", wire::to_json(lift), 5'000);
    if (!delivery) return delivery.error();
    if (!delivery.value().carried_out) {
      return base::Error{fmt::format("gateway {}: {}", place.gateway, delivery.value().answer)};
    }
  }
  return {};
}

base::Status TwoOfThree::reopen() {
  say("opening again with two signatures");
  if (base::Status status = lift_guards(); !status) return status;
  client::MarketAct act =
      client::make_act(market_->file().cluster, venue::Scope::market, 0,
                       venue::InstrumentState::full, net::Loop::wall_ns() / 1'000'000, "OKHA");
  const auto submit = [&]() -> base::Result<client::ActResult> {
    const NodeId leader = market_->find_leader(10'000);
    const deployment::NodePlace* place = nullptr;
    for (const deployment::NodePlace& one : market_->file().nodes) {
      if (one.node == leader) place = &one;
    }
    if (place == nullptr) return base::Error{"no server of the rebuilt cluster leads"};
    return client::submit_act(place->gateways, act, 5'000);
  };
  for (std::uint16_t id = 1; id <= 2; ++id) {
    auto key = key_of(id);
    if (!key) return key.error();
    if (!client::approve_act(act, id, key.value().secret_key, 0)) {
      return base::Error{"the act takes no second approval"};
    }
    auto result = submit();
    if (!result) return result.error();
    const bool is_open = result.value().reason == venue::Reason::none;
    report_.check(fmt::format("{} signature{} open the market", id, id == 1 ? "" : "s"), is_open,
                  id == 2);
  }
  const std::uint64_t acknowledged = load_->acknowledged();
  const bool trades = turn_until([&] { return load_->acknowledged() >= acknowledged + 2'000; });
  report_.check("the rebuilt market trades", trades, true);
  std::uint64_t next_look_ms = 0;
  const bool is_seen = turn_until([&] {
    if (net::Loop::now_ms() < next_look_ms) return false;
    next_look_ms = net::Loop::now_ms() + 250;
    return desk_->has_come_to({"incident.trading_restored", "incident.causes"});
  });
  report_.check("the desk saw from outside that it trades again", is_seen, true);
  return {};
}

base::Status TwoOfThree::prove() {
  if (base::Status status = desk_->finish(); !status) return status;
  say("bringing the market to rest");
  (void)load_->settle(kWaitMs);
  load_->read_again(kWaitMs);
  market_->stop();
  check::Evidence evidence = deployment::evidence_of_run(market_->file(), history_);
  evidence.troubles = market_->given_up();
  auto journal = check::read_journal(kept_ + "/journal", survivor_);
  if (!journal) return journal.error();
  evidence.survivor = std::move(journal.value());
  const check::Verdict verdict = check::judge(evidence);
  const std::string words = check::words_of(verdict.findings);
  if (!words.empty()) say(words);
  check::judge_findings(verdict.findings, report_);
  auto verification = salvage::verify_folders({data()}, say);
  if (!verification) return verification.error();
  verification_.emplace(std::move(verification.value()));
  report_.check("logs, snapshots, histories and balances of all servers agree, read cold",
                verification_->report.holds(), true);
  desk_->judge_first_response(report_);
  report_.figure("orders acknowledged", static_cast<double>(verdict.figures.orders_acknowledged),
                 "orders");
  return {};
}

base::Status TwoOfThree::write() const {
  std::ofstream(options_.out + "/report.json") << report_.to_json() << "\n";
  std::ofstream page(options_.out + "/report.html");
  page << render_scenario_page("Two of three servers were lost",
                               "3台のサーバーのうち2台を失った記録", desk_->story(), report_);
  if (!page.flush()) return base::Error{fmt::format("{}: cannot be written", options_.out)};
  return salvage::write_proof(*verification_, options_.out + "/proof.json");
}

}  // namespace

base::Result<base::Report> run_two_of_three(const ScenarioOptions& options) {
  TwoOfThree run(options);
  for (const auto step : {&TwoOfThree::start, &TwoOfThree::lose_two, &TwoOfThree::await_halt,
                          &TwoOfThree::rebuild, &TwoOfThree::reopen, &TwoOfThree::prove}) {
    if (base::Status status = (run.*step)(); !status) return status.error();
  }
  if (base::Status status = run.write(); !status) return status.error();
  return run.report();
}

}  // namespace okiagari::cli

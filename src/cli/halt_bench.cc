#include "cli/halt_bench.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/halt_request.h"
#include "cli/operator_access.h"
#include "client/act_submission.h"
#include "client/halt_delivery.h"
#include "client/order_entry.h"
#include "deployment/deployment.h"
#include "wire/ouch.h"

namespace okiagari::cli {

namespace {

namespace ouch = wire::ouch;

constexpr std::uint64_t kOrderIntervalNs = 1'000'000;
constexpr std::uint64_t kAnswerMs = 5'000;
constexpr std::uint64_t kReadyMs = 30'000;
constexpr double kPromiseMs = 1'000;  // P4
// Orders that went to servers that are dead have no answer until those are back.
constexpr std::uint32_t kUnansweredMax = 4'000;

enum class Way : std::uint8_t { cluster, file, file_servers_dead };
constexpr std::array kWays = {Way::cluster, Way::file, Way::file_servers_dead};

std::string_view name_of(Way way) {
  switch (way) {
    case Way::cluster:
      return "by the cluster";
    case Way::file:
      return "by a file";
    case Way::file_servers_dead:
      return "by a file, every server dead";
  }
  return "";
}

// A member of one gateway that enters an order every millisecond and hears what becomes of it.
class Member final : public client::OrderEntrySession::Listener {
 public:
  Member(net::Loop& loop, const deployment::DeploymentFile& market, std::size_t gateway)
      : entry_(loop, *this,
               {.name = market.sessions[gateway].name,
                .token = market.sessions[gateway].token,
                .servers = {market.gateways[gateway].members}}) {
    ticket_.symbol = wire::alpha<8>(market.instruments.front().symbol);
    ticket_.quantity = 1;
    ticket_.price_e4 = 10'000;
    ticket_.time = client::OrderTicket::Time::immediate_or_cancel;
  }

  void turn() {
    entry_.tick(net::Loop::now_ms());
    const std::uint64_t now_ns = net::Loop::now_ns();
    if (entry_.is_ready() && now_ns >= due_ns_ && entry_.unanswered() < kUnansweredMax) {
      due_ns_ = now_ns + kOrderIntervalNs;
      const std::uint32_t order = entry_.enter(ticket_);
      if (order != 0) entered_ns_[order % entered_ns_.size()] = now_ns;
    }
    entry_.flush();
  }
  void decide(std::uint64_t now_ns) { decided_ns_ = now_ns; }
  void forget() { decided_ns_ = refused_ns_ = 0; }
  void forget_answers() { accepted_ = 0; }

  void on_accepted(std::uint64_t, const ouch::Accepted& message) override {
    ++accepted_;
    if (refused_ns_ != 0 && entered_ns(message.user_reference) > refused_ns_) ++broken_;
  }
  void on_rejected(std::uint64_t, const ouch::Rejected& message) override { hear(message.reason); }
  void on_refusal(const ouch::LocalRefusal& message) override { hear(message.reason); }

  [[nodiscard]] bool is_trading() const { return accepted_ > 0; }
  [[nodiscard]] bool is_refused() const { return refused_ns_ != 0; }
  // From the decision to the first refusal of an order, as told to the member.
  [[nodiscard]] double took_ms() const {
    return static_cast<double>(refused_ns_ - decided_ns_) / 1e6;
  }
  // Orders accepted that were entered after the member had been told that there is a halt.
  [[nodiscard]] std::int64_t broken() const { return broken_; }

 private:
  [[nodiscard]] std::uint64_t entered_ns(std::uint32_t order) const {
    return entered_ns_[order % entered_ns_.size()];
  }
  void hear(std::uint16_t reason) {
    const auto code = static_cast<ouch::RejectCode>(reason);
    const bool is_halt = code == ouch::RejectCode::halted || code == ouch::RejectCode::halt_order;
    if (is_halt && decided_ns_ != 0 && refused_ns_ == 0) refused_ns_ = net::Loop::now_ns();
  }

  client::OrderEntrySession entry_;
  client::OrderTicket ticket_;
  std::array<std::uint64_t, 4'096> entered_ns_{};
  std::uint64_t due_ns_ = 0;
  std::uint64_t decided_ns_ = 0;
  std::uint64_t refused_ns_ = 0;
  std::uint64_t accepted_ = 0;
  std::int64_t broken_ = 0;
};

class Rounds {
 public:
  explicit Rounds(const HaltBenchOptions& options) : options_(options) {}

  base::Result<base::Report> run();

 private:
  base::Status start();
  base::Status round(Way way);
  // The market is stopped, or started again; from a thread of its own while members trade.
  [[nodiscard]] base::Status act(bool is_lift);
  [[nodiscard]] base::Status hand_over(bool is_lift);
  base::Status meanwhile(std::future<base::Status> work);
  base::Status kill_servers();
  base::Status revive_servers();
  bool until(const std::function<bool()>& condition, std::uint64_t limit_ms);
  [[nodiscard]] bool everyone(bool (Member::*is)() const) const {
    return std::all_of(members_.begin(), members_.end(),
                       [is](const auto& member) { return (*member.*is)(); });
  }

  const HaltBenchOptions& options_;
  net::Loop loop_;
  std::unique_ptr<deployment::Deployment> market_;
  std::vector<Signer> signers_;
  std::vector<std::unique_ptr<Member>> members_;  // one at each gateway
  std::uint64_t number_ = 0;                      // of the last document
  std::uint64_t control_number_ = 0;
  NodeId leader_ = 0;
  std::array<std::vector<double>, kWays.size()> took_ms_;
};

base::Status Rounds::start() {
  deployment::DeploymentOptions deployment;
  deployment.folder = options_.folder;
  deployment.sessions = deployment.gateways;
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
  number_ = control_number_ = net::Loop::wall_ns() / 1'000'000;
  for (std::size_t gateway = 0; gateway < market_->file().gateways.size(); ++gateway) {
    members_.push_back(std::make_unique<Member>(loop_, market_->file(), gateway));
  }
  return {};
}

bool Rounds::until(const std::function<bool()>& condition, std::uint64_t limit_ms) {
  const std::uint64_t end_ms = net::Loop::now_ms() + limit_ms;
  while (!condition()) {
    const std::uint64_t now_ms = net::Loop::now_ms();
    if (now_ms >= end_ms) return false;
    for (const auto& member : members_) member->turn();
    market_->supervise();
    loop_.turn(now_ms + 1);
  }
  return true;
}

base::Status Rounds::act(bool is_lift) {
  const auto state = is_lift ? venue::InstrumentState::full : venue::InstrumentState::cancel_only;
  client::MarketAct act = client::make_act(market_->file().cluster, venue::Scope::market, 0, state,
                                           ++control_number_, "");
  for (std::size_t i = 0; i < (is_lift ? 2u : 1u); ++i) {
    const auto until_s = static_cast<std::uint32_t>(wall_s() + 60);
    if (!client::approve_act(act, signers_[i].operator_id, signers_[i].keys.secret_key, until_s)) {
      return base::Error{"the act cannot be signed"};
    }
  }
  for (const deployment::NodePlace& node : market_->file().nodes) {
    if (node.node != leader_) continue;
    auto done = client::submit_act(node.gateways, act, kAnswerMs);
    if (!done) return done.error();
    if (done.value().reason == venue::Reason::none) return {};
  }
  return base::Error{"the leader did not carry it out"};
}

base::Status Rounds::hand_over(bool is_lift) {
  wire::HaltDocument document;
  document.kind = is_lift ? wire::HaltKind::lift : wire::HaltKind::halt;
  document.cluster = market_->file().cluster;
  document.lifts = is_lift ? number_ : 0;
  document.number = ++number_;
  document.reason = "measurement";
  document.issued_at_s = wall_s();
  document.accept_until_s = wall_s() + 60;
  for (std::size_t i = 0; i < (is_lift ? 2u : 1u); ++i) {
    wire::sign_halt_document(document, signers_[i].operator_id, signers_[i].keys.secret_key);
  }
  const std::string text = wire::to_json(document);
  std::vector<std::future<base::Status>> hands;
  for (const deployment::GatewayPlace& gateway : market_->file().gateways) {
    hands.push_back(std::async(std::launch::async, [&]() -> base::Status {
      const std::string name = fmt::format("{}.halt", document.number);
      auto delivered = client::deliver_halt(gateway.folder, name, text, kAnswerMs);
      if (!delivered) return delivered.error();
      if (!delivered.value().carried_out) return base::Error{delivered.value().answer};
      return {};
    }));
  }
  base::Status status;
  for (auto& hand : hands) {
    if (base::Status one = hand.get(); !one) status = one;
  }
  return status;
}

base::Status Rounds::meanwhile(std::future<base::Status> work) {
  const auto is_done = [&work] {
    return work.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  if (!until(is_done, 2 * kAnswerMs)) return base::Error{"nothing came of a halt or its lift"};
  return work.get();
}

base::Status Rounds::kill_servers() {
  for (const deployment::NodePlace& node : market_->file().nodes) {
    market_->hold_node(node.node, true);
    market_->signal_node(node.node, SIGKILL);
  }
  const auto are_dead = [this] {
    const auto& nodes = market_->file().nodes;
    return std::none_of(nodes.begin(), nodes.end(), [this](const deployment::NodePlace& node) {
      return market_->is_node_running(node.node);
    });
  };
  if (!until(are_dead, kAnswerMs)) return base::Error{"a server does not die"};
  return {};
}

base::Status Rounds::revive_servers() {
  for (const deployment::NodePlace& node : market_->file().nodes) {
    market_->hold_node(node.node, false);
    if (base::Status status = market_->start_node(node.node); !status) return status;
  }
  return {};
}

base::Status Rounds::round(Way way) {
  for (const auto& member : members_) member->forget_answers();
  if (!until([this] { return everyone(&Member::is_trading); }, kReadyMs)) {
    return base::Error{"members cannot trade"};
  }
  leader_ = market_->find_leader(kReadyMs);
  if (way == Way::file_servers_dead) {
    if (base::Status status = kill_servers(); !status) return status;
  }
  const auto go = [&](bool is_lift) {
    return meanwhile(std::async(std::launch::async, [this, way, is_lift] {
      return way == Way::cluster ? act(is_lift) : hand_over(is_lift);
    }));
  };
  const std::uint64_t decided_ns = net::Loop::now_ns();
  for (const auto& member : members_) member->decide(decided_ns);
  if (base::Status status = go(false); !status) return status;
  if (!until([this] { return everyone(&Member::is_refused); }, kAnswerMs)) {
    return base::Error{fmt::format("{}: a member was never told", name_of(way))};
  }
  double slowest_ms = 0;
  for (const auto& member : members_) slowest_ms = std::max(slowest_ms, member->took_ms());
  took_ms_[static_cast<std::size_t>(way)].push_back(slowest_ms);
  // Long enough for an order to slip through, if one could.
  (void)until([] { return false; }, 100);
  for (const auto& member : members_) member->forget();
  if (base::Status status = go(true); !status) return status;
  return way == Way::file_servers_dead ? revive_servers() : base::Status{};
}

base::Result<base::Report> Rounds::run() {
  if (base::Status status = start(); !status) return status.error();
  for (std::uint32_t i = 1; i <= options_.rounds; ++i) {
    for (const Way way : kWays) {
      if (base::Status status = round(way); !status) return status.error();
    }
    options_.progress(fmt::format("round {} of {}", i, options_.rounds));
  }
  market_->stop();
  base::Report report("bench halt", 0);
  for (const Way way : kWays) {
    std::vector<double>& took_ms = took_ms_[static_cast<std::size_t>(way)];
    std::sort(took_ms.begin(), took_ms.end());
    report.figure(fmt::format("{}, median", name_of(way)), took_ms[took_ms.size() / 2], "ms");
    report.figure_at_most(fmt::format("{}, largest", name_of(way)), took_ms.back(), "ms",
                          kPromiseMs);
  }
  std::int64_t broken = 0;
  for (const auto& member : members_) broken += member->broken();
  report.check("orders accepted from a member that had been told of the halt", broken,
               std::int64_t{0});
  return report;
}

}  // namespace

base::Result<base::Report> bench_halt(const HaltBenchOptions& options) {
  return Rounds(options).run();
}

}  // namespace okiagari::cli

#include "cli/drill_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/drill_rig.h"
#include "cli/stop_signal.h"
#include "drill/drill_plan.h"
#include "drill/injection.h"
#include "drill/own_world.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kLookMs = 500;
// What the desk thinks so long after its first answer is its answer.
constexpr std::uint64_t kAfterFirstMs = 8'000;
constexpr std::uint64_t kEarlyMs = 1'000;
constexpr std::uint64_t kRecoveryMs = 8'000;
constexpr std::uint64_t kOrdersAgain = 200;
constexpr std::size_t kEvidenceMax = 80;

class Drill {
 public:
  Drill(const DrillOptions& options, std::string program)
      : options_(options), program_(std::move(program)) {
    result_.fault = options.fault;
    result_.seed = options.seed;
  }

  base::Status start();
  base::Status trade();
  base::Status inflict();
  base::Status await_answer();
  base::Status take_back();
  base::Status read_answer();
  [[nodiscard]] const drill::DrillResult& result() const { return result_; }

 private:
  void turn_until(std::uint64_t end_ms, const std::function<bool()>& is_done);
  [[nodiscard]] bool inflictor_lives() const;
  void read_incidents(const DeskRecord& record);
  void read_evidence(const DeskRecord& record);
  [[nodiscard]] double ms_of(TimestampNs at_ns) const {
    return (static_cast<double>(at_ns) - static_cast<double>(result_.inflicted_ns)) / 1e6;
  }

  const DrillOptions& options_;
  std::string program_;
  drill::DrillResult result_;
  drill::Inflicted inflicted_;
  std::unique_ptr<DrillRig> rig_;
};

void Drill::turn_until(std::uint64_t end_ms, const std::function<bool()>& is_done) {
  std::uint64_t next_look_ms = 0;
  while (net::Loop::now_ms() < end_ms && !is_stop_asked()) {
    rig_->turn();
    if (net::Loop::now_ms() < next_look_ms) continue;
    next_look_ms = net::Loop::now_ms() + kLookMs;
    if (is_done()) return;
  }
}

base::Status Drill::start() {
  options_.tell("starting a fresh market of three nodes and two gateways, with a desk");
  auto rig = DrillRig::start({options_.out, options_.flow, program_, options_.tell});
  if (!rig) return rig.error();
  rig_ = std::move(rig.value());
  return {};
}

base::Status Drill::trade() {
  const drill::DrillTimes times = drill::draw_times(options_.seed);
  options_.tell("members trade the recorded flow");
  turn_until(net::Loop::now_ms() + times.before_ms, [] { return false; });
  if (is_stop_asked()) return base::Error{"stopped before the fault"};
  result_.acknowledged_before = rig_->acknowledged();
  if (result_.acknowledged_before == 0) return base::Error{"nobody could trade before the fault"};
  return {};
}

base::Status Drill::inflict() {
  check::Random random(options_.seed);
  auto inflicted =
      drill::inflict(options_.fault, rig_->target(), options_.target, random, rig_->guard());
  if (!inflicted) return inflicted.error();
  inflicted_ = std::move(inflicted.value());
  result_.target = inflicted_.target;
  result_.inflicted = inflicted_.words;
  result_.inflicted_ns = inflicted_.at_ns;
  options_.tell(fmt::format("inflicted: {}", result_.inflicted));
  return {};
}

bool Drill::inflictor_lives() const {
  if (inflicted_.inflictor == 0) return true;
  const char state = drill::look_at_process(inflicted_.inflictor).state;
  return state != 'Z' && state != '?';
}

base::Status Drill::await_answer() {
  options_.tell("waiting for what the desk has to say");
  const std::uint64_t inflicted_ms = net::Loop::now_ms();
  const std::uint64_t over_ms = inflicted_ms + drill::card_of(options_.fault).lasts_ms - kEarlyMs;
  std::uint64_t first_ms = 0;
  bool has_ended_early = false;
  turn_until(inflicted_ms + drill::draw_times(options_.seed).settle_ms, [&] {
    if (first_ms == 0) {
      const auto record = rig_->record();
      if (record && record.value().first("incident.causes", result_.inflicted_ns) != nullptr) {
        first_ms = net::Loop::now_ms();
      }
    }
    const std::uint64_t now_ms = net::Loop::now_ms();
    has_ended_early = !inflictor_lives() && now_ms < over_ms;
    return has_ended_early || (first_ms != 0 && now_ms >= first_ms + kAfterFirstMs);
  });
  if (!has_ended_early) return {};
  return base::Error{fmt::format(
      "the process that is the fault ended too early: {}/inflicted/inflictor.log", options_.out)};
}

base::Status Drill::take_back() {
  if (inflicted_.measure) result_.measured = inflicted_.measure();
  result_.is_taken_back = true;
  const auto note = [this](bool is_verified, const std::string& words) {
    result_.is_taken_back = result_.is_taken_back && is_verified;
    result_.taken_back += (result_.taken_back.empty() ? "" : "; ") + words;
  };
  if (inflicted_.guarded != 0) {
    auto taken = rig_->guard().take_back(inflicted_.guarded);
    if (!taken) return taken.error();
    note(taken.value().is_verified, taken.value().words);
  }
  if (inflicted_.amend) {
    const base::Status amended = inflicted_.amend();
    note(amended.ok(), amended ? inflicted_.amend_words : "LEFT: " + amended.error().message);
  }
  // A market that trades again shows it best.
  const std::uint64_t before = rig_->acknowledged();
  const auto trades = [&] { return rig_->acknowledged() >= before + kOrdersAgain; };
  turn_until(net::Loop::now_ms() + kRecoveryMs, trades);
  result_.acknowledged_after = rig_->acknowledged() - before;
  note(trades(), fmt::format("{} orders acknowledged afterwards", result_.acknowledged_after));
  options_.tell(fmt::format("taken back: {}", result_.taken_back));
  if (is_stop_asked()) return base::Error{"stopped before the desk's answer was complete"};
  return {};
}

base::Status Drill::read_answer() {
  auto record = rig_->record();
  if (!record) return record.error();
  read_incidents(record.value());
  read_evidence(record.value());
  rig_->stop();
  return {};
}

// The desk's answer to the fault: of the first incident that it opened afterwards, or else of the
// one that it had opened before and thought about again.
void Drill::read_incidents(const DeskRecord& record) {
  std::string incident;
  for (const DeskRecord::Item& item : record.items) {
    if (item.kind != "incident.opened") continue;
    if (item.at_ns < result_.inflicted_ns) {
      ++result_.incidents_before;
      incident = item.incident;
      continue;
    }
    incident = item.incident;
    result_.incident_ms = ms_of(item.at_ns);
    result_.incident_title = item.en;
    break;
  }
  for (const DeskRecord::Item& item : record.items) {
    if (item.incident != incident || !item.kind.starts_with("incident.causes") ||
        item.at_ns < result_.inflicted_ns) {
      continue;
    }
    auto causes = drill::read_told_causes(item.data);
    if (!causes) continue;
    drill::Answer answer{ms_of(item.at_ns), std::move(causes.value())};
    if (!result_.first) result_.first = answer;
    result_.last = std::move(answer);
  }
}

void Drill::read_evidence(const DeskRecord& record) {
  constexpr TimestampNs kBeforeNs = 2'000'000'000;
  for (const DeskRecord::Item& item : record.items) {
    if (!item.kind.starts_with("evidence.")) continue;
    if (item.at_ns + kBeforeNs < result_.inflicted_ns) continue;
    if (result_.evidence.size() == kEvidenceMax) return;
    result_.evidence.push_back(
        fmt::format("{:+.2f} s  {}  {}", ms_of(item.at_ns) / 1'000, item.kind.substr(9), item.en));
  }
}

}  // namespace

base::Result<drill::DrillResult> run_drill(const DrillOptions& options) {
  std::string program = base::own_program();
  if (drill::can_have_own_world()) {
    if (base::Status entered = drill::enter_own_world(); !entered) return entered.error();
  }
  Drill drill(options, std::move(program));
  for (const auto step : {&Drill::start, &Drill::trade, &Drill::inflict, &Drill::await_answer,
                          &Drill::take_back, &Drill::read_answer}) {
    if (base::Status status = (drill.*step)(); !status) return status.error();
  }
  return drill.result();
}

}  // namespace okiagari::cli

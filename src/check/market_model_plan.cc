// The day's plan in the model: docs/venue.md a second time.
#include <algorithm>
#include <utility>

#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr std::uint8_t kCancelOnly = 1;
constexpr std::uint8_t kClosed = 7;
constexpr std::uint8_t kDayEnd = 8;
constexpr std::uint8_t kScopeMarket = 0;
constexpr std::uint8_t kScopeInstrument = 1;
constexpr std::uint8_t kScopeSegment = 3;
constexpr std::uint64_t kLateMaxNs = 60'000'000'000;

}  // namespace

bool MarketModel::is_plan(const LoggedCommand& command) const {
  if (command.phase_count > LoggedCommand::kPhasesMax) return false;
  std::uint64_t last_ns = now_ns_;
  return std::all_of(command.phases.begin(), command.phases.end(), [&](const auto& phase) {
    if (phase.at_ns <= std::exchange(last_ns, phase.at_ns)) return false;
    if (phase.state == kDayEnd) {
      return &phase == &command.phases.back() && phase.scope == kScopeMarket && phase.target == 0 &&
             is_day_to_end(command.date);
    }
    if (phase.state > kClosed) return false;
    switch (phase.scope) {
      case kScopeMarket:
        return phase.target == 0;
      case kScopeInstrument:
        return instruments_.contains(phase.target);
      case kScopeSegment:
        return phase.target != 0 &&
               std::any_of(instruments_.begin(), instruments_.end(),
                           [&](const auto& one) { return one.second.segment == phase.target; });
      default:
        return false;
    }
  });
}

void MarketModel::set_plan(const LoggedCommand& command) {
  if (!is_plan(command) || command.number <= control_number_) return;
  const Approvers approvers = approvers_of(command);
  if (command.phases.empty() ? approvers.to_stop < 1 : approvers.to_start < 2) return;
  if (!has_had_plan_) {
    for (auto& [id, instrument] : instruments_)
      instrument.is_held = instrument.state <= kCancelOnly;
  }
  has_had_plan_ = true;
  plan_ = command.phases;
  plan_date_ = command.date;
  plan_digest_ = command.digest;
  control_number_ = command.number;
}

void MarketModel::advance_plan() {
  bool is_any_done = false;
  while (!plan_.empty() && plan_.front().at_ns <= now_ns_) {
    const LoggedCommand::Phase phase = plan_.front();
    if (phase.state == kDayEnd && day_end_.is_running) break;
    plan_.erase(plan_.begin());
    if (phase.state == kDayEnd) {
      if (is_day_to_end(plan_date_)) begin_day_end(plan_date_);
      continue;
    }
    const bool starts = phase.state > kCancelOnly && phase.state != kClosed;
    if (starts && now_ns_ - phase.at_ns > kLateMaxNs) continue;
    LoggedCommand as_if;
    as_if.scope = phase.scope;
    as_if.target = phase.target;
    as_if.state = phase.state;
    as_if.reason = phase.reason;
    is_any_done = set_state_of(as_if, {true, true}) || is_any_done;
  }
  is_any_done = end_timed_calls() || is_any_done;
  if (is_any_done) cancel_what_is_owed();
  go_on_with_day_end();
}

}  // namespace okiagari::check

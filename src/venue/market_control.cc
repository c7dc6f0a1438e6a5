#include "venue/market_control.h"

#include <algorithm>

#include "base/calendar_day.h"

namespace okiagari::venue {

namespace {

bool is_stop(InstrumentState state) {
  return state == InstrumentState::halted || state == InstrumentState::cancel_only;
}

// One person may stop. Letting cancels into a halted or closed book is already a step up.
bool one_may_change(InstrumentState from, InstrumentState to) {
  if (to == InstrumentState::halted) return true;
  const bool is_shut = from == InstrumentState::halted || from == InstrumentState::closed;
  return to == InstrumentState::cancel_only && !is_shut;
}

}  // namespace

template <typename Command>
Reason MarketControl::check_approvals(const Command& command, base::Bytes raw, int needed,
                                      int& starters) const {
  if (command.control_number <= state_.counters.control_number) {
    return Reason::stale_control_number;
  }
  const Operators::Count count = state_.operators.count_approvals(
      approval_digest(raw), command.approvals, state_.counters.timestamp_ns);
  if (count.fault != Reason::none) return count.fault;
  starters = count.to_start;
  return (needed == 1 ? count.to_stop : count.to_start) < needed ? Reason::approval_missing
                                                                 : Reason::none;
}

void MarketControl::set_state(const SetInstrumentState& command, base::Bytes raw) {
  Reason reason = check_target(command);
  int starters = 0;
  if (reason == Reason::none) {
    reason = check_approvals(command, raw, is_stop(command.state) ? 1 : 2, starters);
  }
  std::uint32_t affected = 0;
  if (reason == Reason::none) reason = apply(command, {starters}, affected);
  // An extension is carried out: the same command again would be another one.
  if (reason == Reason::none || reason == Reason::outside_collar) {
    state_.counters.control_number = command.control_number;
    sessions_.cancel_what_is_owed();
  }
  events_.answer(command.header, command.control_number, reason, affected);
}

Reason MarketControl::check_target(const SetInstrumentState& command) const {
  if (command.state > InstrumentState::closed) return Reason::malformed;
  switch (command.scope) {
    case Scope::market:
      return command.target == 0 ? Reason::none : Reason::malformed;
    case Scope::instrument:
      return state_.instruments.exists(command.target) ? Reason::none : Reason::unknown_instrument;
    case Scope::segment:
      return state_.instruments.has_segment(command.target) ? Reason::none
                                                            : Reason::unknown_segment;
    case Scope::member:
      if (!state_.members.exists(command.target)) return Reason::unknown_account;
      return is_stop(command.state) || command.state == InstrumentState::full
                 ? Reason::none
                 : Reason::not_supported;
  }
  return Reason::malformed;
}

bool MarketControl::may_change(const Instrument& instrument, InstrumentState to,
                               Authority authority) const {
  if (authority.is_plan && instrument.is_held && starts_trading(to)) return false;
  return authority.starters >= 2 || one_may_change(instrument.state, to);
}

Reason MarketControl::apply(const SetInstrumentState& command, Authority authority,
                            std::uint32_t& affected) {
  if (command.scope == Scope::market || command.scope == Scope::segment) {
    affected = apply_to_many(command, authority);
    return Reason::none;
  }
  if (command.scope == Scope::member) {
    apply_to_member(command);
    affected = 1;
    return Reason::none;
  }
  const InstrumentId instrument = command.target;
  if (!may_change(state_.instruments[instrument], command.state, authority)) {
    return Reason::approval_missing;
  }
  const Reason reason = prepare_call(instrument, command, authority);
  if (reason != Reason::none) return reason;
  if (change_state(instrument, command.state, command.reason, authority)) {
    affected = 1;
    tell_sessions(instrument, command, 0);
  }
  return Reason::none;
}

// A halt by one person stops what it may stop and leaves the rest as it is: it is never refused
// because of a book that is stopped more firmly. A call that cannot end goes on while others open.
std::uint32_t MarketControl::apply_to_many(const SetInstrumentState& command, Authority authority) {
  std::uint32_t affected = 0;
  bool is_any_to_follow = false;
  for (std::uint32_t id = 1; id <= state_.instruments.count(); ++id) {
    const auto instrument = static_cast<InstrumentId>(id);
    const Instrument& one = state_.instruments[instrument];
    if (command.scope == Scope::segment && one.segment != command.target) continue;
    if (!may_change(one, command.state, authority)) continue;
    if (prepare_call(instrument, command, authority) != Reason::none) {
      is_any_to_follow = is_any_to_follow || ends_.is_planned(instrument);
      continue;
    }
    if (change_state(instrument, command.state, command.reason, authority)) ++affected;
  }
  const bool is_told = affected > 0 || is_any_to_follow;
  if (is_told && command.scope == Scope::market) tell_feed_of_hours(command.state);
  tell_sessions(command.target, command, 0);
  return affected;
}

void MarketControl::apply_to_member(const SetInstrumentState& command) {
  state_.members[command.target].halted = is_stop(command.state);
  tell_sessions(0, command, command.target);
}

Reason MarketControl::prepare_call(InstrumentId id, const SetInstrumentState& command,
                                   Authority authority) {
  const Auction& auction = state_.instruments.auction(id);
  if (!auction.has_rules) return Reason::none;
  const bool is_called = state_.instruments[id].is_called;
  switch (command.state) {
    case InstrumentState::auction_call:
      // It is to last, whatever was planned for it.
      ends_.forget(id);
      if (!is_called) auctions_.open(id);
      return Reason::none;
    case InstrumentState::uncross:
    case InstrumentState::full:
    case InstrumentState::limit_only:
    case InstrumentState::post_only:
      if (!is_called) {
        return command.state == InstrumentState::uncross ? Reason::state_forbids : Reason::none;
      }
      if (authority.is_plan && ends_.is_planned(id)) {
        ends_.follow_with(id, command.state, command.reason);
        return Reason::nothing_due;
      }
      if (authority.is_plan && auction.rules.random_end_s != 0 &&
          state_.instruments[id].state == InstrumentState::auction_call) {
        ends_.plan(id, command.state, command.reason, 0, auction.rules.random_end_s);
        return Reason::nothing_due;
      }
      return uncross(id, command.state, command.reason);
    case InstrumentState::closed:
      // The day is over for them; what limits are left can be uncrossed another day.
      if (is_called) auctions_.expire(id);
      return Reason::none;
    case InstrumentState::halted:
    case InstrumentState::cancel_only:
      break;
  }
  return Reason::none;
}

Reason MarketControl::uncross(InstrumentId id, InstrumentState then, std::uint32_t reason) {
  ends_.forget(id);
  const Reason result = auctions_.uncross(id);
  const Auction& auction = state_.instruments.auction(id);
  // After the last extension a person decides.
  if (result == Reason::outside_collar && auction.rules.extension_s != 0 &&
      !auction.is_collar_off() && state_.instruments[id].state == InstrumentState::auction_call) {
    ends_.plan(id, then, reason, auction.rules.extension_s, auction.rules.random_end_s);
  }
  return result;
}

bool MarketControl::change_state(InstrumentId instrument, InstrumentState state,
                                 std::uint32_t reason, Authority authority) {
  Instrument& changed = state_.instruments[instrument];
  if (state_.plan.is_known() && !authority.is_plan) changed.is_held = is_stop(state);
  if (changed.state == state) return false;
  changed.state = state;
  ends_.forget(instrument);
  state_.stops.follow_state(state_.instruments, instrument);
  FeedState& published = events_.to_feed<FeedState>();
  published.instrument = instrument;
  published.state = state;
  published.reason = reason;
  return true;
}

// `member` 0: everybody who is logged in.
void MarketControl::tell_sessions(InstrumentId instrument, const SetInstrumentState& command,
                                  MemberId member) {
  for (std::uint32_t id = 1; id <= state_.sessions.count(); ++id) {
    Session& session = state_.sessions[static_cast<SessionId>(id)];
    if (!session.is_logged_in() || (member != 0 && session.member != member)) continue;
    SessionNotice& notice = events_.to_session<SessionNotice>(session, 0);
    notice.instrument = instrument;
    notice.state = command.state;
    notice.scope = command.scope;
    notice.reason = command.reason;
  }
}

// ITCH system events: Q begins the market hours, M ends them.
void MarketControl::tell_feed_of_hours(InstrumentState state) {
  if (state == InstrumentState::full) events_.to_feed<FeedSystem>().code = 'Q';
  if (state == InstrumentState::closed) events_.to_feed<FeedSystem>().code = 'M';
}

void MarketControl::set_price_limits(const SetPriceLimits& command, base::Bytes raw) {
  Reason reason = Reason::none;
  int starters = 0;
  if (!state_.instruments.exists(command.instrument)) {
    reason = Reason::unknown_instrument;
  } else if (!are_price_limits(command.low, command.high,
                               state_.instruments[command.instrument].tick_e4)) {
    reason = Reason::price_out_of_limits;
  } else if (state_.instruments[command.instrument].is_called) {
    reason = Reason::state_forbids;
  } else {
    reason = check_approvals(command, raw, 2, starters);
  }
  if (reason == Reason::none) {
    Instrument& instrument = state_.instruments[command.instrument];
    instrument.low_limit = command.low;
    instrument.high_limit = command.high;
    state_.books.set_price_limits(command.instrument, command.low, command.high);
    state_.counters.control_number = command.control_number;
  }
  events_.answer(command.header, command.control_number, reason, reason == Reason::none ? 1 : 0);
}

Reason MarketControl::check_plan(const SetTradingPlan& command) const {
  if (command.count > kPlannedPhasesMax) return Reason::malformed;
  TimestampNs last_ns = state_.counters.timestamp_ns;
  for (std::size_t i = 0; i < command.count; ++i) {
    const PlannedPhase& phase = command.phases[i];
    if (phase.at_ns <= last_ns) return Reason::times_not_ascending;
    last_ns = phase.at_ns;
    if (phase.state == kDayEnd) {
      if (const Reason reason = check_day_end(command, i); reason != Reason::none) return reason;
      continue;
    }
    SetInstrumentState as_if{};
    as_if.scope = phase.scope;
    as_if.state = phase.state;
    as_if.target = phase.target;
    if (phase.scope == Scope::member) return Reason::not_supported;
    if (const Reason reason = check_target(as_if); reason != Reason::none) return reason;
  }
  return Reason::none;
}

Reason MarketControl::check_day_end(const SetTradingPlan& command, std::size_t phase) const {
  const PlannedPhase& end = command.phases[phase];
  const std::uint16_t day = base::day_of(command.day);
  const bool is_last = phase + 1 == command.count;
  if (!is_last || day == 0 || end.scope != Scope::market || end.target != 0) {
    return Reason::malformed;
  }
  return day <= state_.day_end.day ? Reason::day_has_ended : Reason::none;
}

// A market without a plan remembers of nobody why its books are stopped.
void MarketControl::hold_what_is_stopped() {
  for (std::uint32_t id = 1; id <= state_.instruments.count(); ++id) {
    Instrument& instrument = state_.instruments[static_cast<InstrumentId>(id)];
    instrument.is_held = is_stop(instrument.state);
  }
}

void MarketControl::set_plan(const SetTradingPlan& command, base::Bytes raw) {
  Reason reason = check_plan(command);
  int starters = 0;
  if (reason == Reason::none) {
    reason = check_approvals(command, raw, command.count == 0 ? 1 : 2, starters);
  }
  if (reason == Reason::none) {
    if (!state_.plan.is_known()) hold_what_is_stopped();
    TradingPlan plan;
    plan.control_number = command.control_number;
    plan.day = command.day;
    plan.count = command.count;
    std::copy_n(command.phases.begin(), command.count, plan.phases.begin());
    plan.secret = base::digest(raw);
    state_.plan = plan;
    state_.counters.control_number = command.control_number;
  }
  events_.answer(command.header, command.control_number, reason, command.count);
}

// Whoever sends it: what is due was approved with its time, and the time is the batch's.
void MarketControl::advance_plan(const AdvancePlan& command) {
  const bool was_ending = state_.day_end.is_running;
  std::uint32_t affected = 0;
  Reason reason = carry_out_due(affected);
  if (const Reason of_calls = end_due_calls(affected); reason == Reason::nothing_due) {
    reason = of_calls;
  }
  if (affected > 0) sessions_.cancel_what_is_owed();
  if (state_.day_end.is_running) affected += expiry_.step();
  if (was_ending && reason == Reason::nothing_due) reason = Reason::none;
  events_.answer(command.header, state_.plan.control_number, reason, affected);
}

Reason MarketControl::carry_out_due(std::uint32_t& affected) {
  TradingPlan& plan = state_.plan;
  const TimestampNs now_ns = state_.counters.timestamp_ns;
  Reason reason = plan.is_due(now_ns) ? Reason::none : Reason::nothing_due;
  for (; plan.is_due(now_ns); ++plan.next) {
    const PlannedPhase& phase = plan.phases[plan.next];
    if (phase.state == kDayEnd) {
      const std::uint16_t day = base::day_of(plan.day);
      const Reason not_now = expiry_.check(day);
      if (not_now == Reason::none) {
        expiry_.begin(day);
      } else {
        reason = not_now;
      }
      // It waits for the one before it.
      if (not_now == Reason::day_is_ending) break;
      continue;
    }
    if (starts_trading(phase.state) && now_ns - phase.at_ns > TradingPlan::kLateMaxNs) {
      reason = Reason::phase_too_late;
      continue;
    }
    SetInstrumentState as_if{};
    as_if.scope = phase.scope;
    as_if.state = phase.state;
    as_if.target = phase.target;
    as_if.reason = phase.reason;
    std::uint32_t of_phase = 0;
    // One instrument that is held or whose call cannot end stays as it is.
    (void)apply(as_if, {2, true}, of_phase);
    affected += of_phase;
  }
  return reason;
}

Reason MarketControl::end_due_calls(std::uint32_t& affected) {
  if (!ends_.is_any_due()) return Reason::nothing_due;
  Reason reason = Reason::nothing_due;
  InstrumentId id = ends_.next_due(0);
  for (std::uint32_t count = 0; id != 0 && count < state_.limits.steps.calls_ended; ++count) {
    reason = end_due_call(id, affected);
    id = ends_.next_due(id);
  }
  ends_.find_earliest();
  return reason;
}

Reason MarketControl::end_due_call(InstrumentId id, std::uint32_t& affected) {
  const CallEnd end = state_.instruments.auction(id).end;
  // As with a phase: after an outage people decide how the market opens again.
  if (state_.counters.timestamp_ns - end.at_ns > TradingPlan::kLateMaxNs) {
    ends_.forget(id);
    return Reason::phase_too_late;
  }
  const Reason reason = uncross(id, end.then, end.reason);
  if (reason != Reason::none || !change_state(id, end.then, end.reason, {2, true})) return reason;
  ++affected;
  SetInstrumentState as_if{};
  as_if.scope = Scope::instrument;
  as_if.target = id;
  as_if.state = end.then;
  as_if.reason = end.reason;
  tell_sessions(id, as_if, 0);
  return Reason::none;
}

void MarketControl::end_day(const EndDay& command, base::Bytes raw) {
  const std::uint16_t day = base::day_of(command.day);
  Reason reason = expiry_.check(day);
  int starters = 0;
  if (reason == Reason::none) reason = check_approvals(command, raw, 2, starters);
  std::uint32_t affected = 0;
  if (reason == Reason::none) {
    state_.counters.control_number = command.control_number;
    expiry_.begin(day);
    affected = expiry_.step();
  }
  events_.answer(command.header, command.control_number, reason, affected);
}

void MarketControl::bust_trade(const TradeBust& command) {
  events_.answer(command.header, command.control_number, Reason::not_supported);
}

// The numbers inside the act need no second look: they are of the digest, and the market is held
// for that digest by the one who made it from the survivor's log.
Reason MarketControl::check_founding(const FoundCluster& command, base::Bytes raw) const {
  const Foundation& foundation = state_.foundation;
  if (!foundation.is_rebuilt) return Reason::not_supported;
  const base::Digest act = approval_digest(raw);
  if (act != foundation.act) return Reason::approval_wrong;
  if (!foundation.is_held) return Reason::already_exists;
  const Operators::Count count =
      state_.operators.count_approvals(act, command.approvals, state_.counters.timestamp_ns);
  if (count.fault != Reason::none) return count.fault;
  return count.to_start < 2 ? Reason::approval_missing : Reason::none;
}

void MarketControl::found_cluster(const FoundCluster& command, base::Bytes raw) {
  const Reason reason = check_founding(command, raw);
  std::uint32_t affected = 0;
  if (reason == Reason::none) {
    state_.foundation.is_held = false;
    SetInstrumentState as_if{};
    as_if.scope = Scope::market;
    as_if.state = InstrumentState::cancel_only;
    as_if.reason = static_cast<std::uint32_t>(Reason::market_held);
    affected = apply_to_many(as_if, {1});
    sessions_.cancel_what_is_owed();
  }
  events_.answer(command.header, command.new_cluster, reason, affected);
}

void MarketControl::halt(InstrumentId instrument, Reason reason) {
  const auto number = static_cast<std::uint32_t>(reason);
  if (!change_state(instrument, InstrumentState::halted, number, {})) return;
  SetInstrumentState as_if{};
  as_if.scope = Scope::instrument;
  as_if.state = InstrumentState::halted;
  as_if.reason = number;
  tell_sessions(instrument, as_if, 0);
}

}  // namespace okiagari::venue

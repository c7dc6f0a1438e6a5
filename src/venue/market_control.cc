#include "venue/market_control.h"

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
                                      int& count) const {
  if (command.control_number <= state_.counters.control_number) {
    return Reason::stale_control_number;
  }
  count = state_.operators.count_approvals(approval_digest(raw), command.approvals);
  if (count < 0) return Reason::approval_wrong;
  return count < needed ? Reason::approval_missing : Reason::none;
}

void MarketControl::set_state(const SetInstrumentState& command, base::Bytes raw) {
  Reason reason = check_target(command);
  int approvals = 0;
  if (reason == Reason::none) {
    reason = check_approvals(command, raw, is_stop(command.state) ? 1 : 2, approvals);
  }
  std::uint32_t affected = 0;
  if (reason == Reason::none) reason = apply(command, approvals, affected);
  if (reason == Reason::none) {
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
    case Scope::member:
      if (!state_.members.exists(command.target)) return Reason::unknown_account;
      return is_stop(command.state) || command.state == InstrumentState::full
                 ? Reason::none
                 : Reason::not_supported;
  }
  return Reason::malformed;
}

Reason MarketControl::apply(const SetInstrumentState& command, int approvals,
                            std::uint32_t& affected) {
  if (command.scope == Scope::market) {
    affected = apply_to_market(command, approvals);
    return Reason::none;
  }
  if (command.scope == Scope::member) {
    apply_to_member(command);
    affected = 1;
    return Reason::none;
  }
  const InstrumentId instrument = command.target;
  if (approvals < 2 && !one_may_change(state_.instruments[instrument].state, command.state)) {
    return Reason::approval_missing;
  }
  if (change_state(instrument, command.state, command.reason)) {
    affected = 1;
    tell_sessions(instrument, command, 0);
  }
  return Reason::none;
}

// A halt by one person stops what it may stop and leaves the rest as it is: it is never refused
// because of a book that is stopped more firmly.
std::uint32_t MarketControl::apply_to_market(const SetInstrumentState& command, int approvals) {
  std::uint32_t affected = 0;
  for (std::uint32_t id = 1; id <= state_.instruments.count(); ++id) {
    const auto instrument = static_cast<InstrumentId>(id);
    if (approvals < 2 && !one_may_change(state_.instruments[instrument].state, command.state)) {
      continue;
    }
    if (change_state(instrument, command.state, command.reason)) ++affected;
  }
  if (affected > 0) tell_feed_of_hours(command.state);
  tell_sessions(0, command, 0);
  return affected;
}

void MarketControl::apply_to_member(const SetInstrumentState& command) {
  state_.members[command.target].halted = is_stop(command.state);
  tell_sessions(0, command, command.target);
}

bool MarketControl::change_state(InstrumentId instrument, InstrumentState state,
                                 std::uint32_t reason) {
  Instrument& changed = state_.instruments[instrument];
  if (changed.state == state) return false;
  changed.state = state;
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
  int approvals = 0;
  if (!state_.instruments.exists(command.instrument)) {
    reason = Reason::unknown_instrument;
  } else if (!are_price_limits(command.low, command.high,
                               state_.instruments[command.instrument].tick_e4)) {
    reason = Reason::price_out_of_limits;
  } else {
    reason = check_approvals(command, raw, 2, approvals);
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

void MarketControl::bust_trade(const TradeBust& command) {
  events_.answer(command.header, command.control_number, Reason::not_supported);
}

void MarketControl::halt(InstrumentId instrument, Reason reason) {
  const auto number = static_cast<std::uint32_t>(reason);
  if (!change_state(instrument, InstrumentState::halted, number)) return;
  SetInstrumentState as_if{};
  as_if.scope = Scope::instrument;
  as_if.state = InstrumentState::halted;
  as_if.reason = number;
  tell_sessions(instrument, as_if, 0);
}

}  // namespace okiagari::venue

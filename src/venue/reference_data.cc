#include "venue/reference_data.h"

#include "venue/descriptions.h"

namespace okiagari::venue {

Reason ReferenceData::check_sender(const CommandHeader& header) const {
  return state_.operators.empty() || header.gateway == 0 ? Reason::none : Reason::approval_missing;
}

Reason ReferenceData::check_next(std::uint32_t number, std::uint32_t count,
                                 std::uint32_t count_max) {
  if (number == 0) return Reason::malformed;
  if (number <= count) return Reason::already_exists;
  if (number > count_max) return Reason::bound_reached;
  return number == count + 1 ? Reason::none : Reason::malformed;
}

Reason ReferenceData::check(const AddInstrument& command) const {
  const Reason bad = check_next(command.instrument, state_.instruments.count(),
                                state_.limits.books.max_instruments);
  if (bad != Reason::none) return bad;
  for (const char c : command.symbol) {
    if (c < ' ' || c > '~') return Reason::malformed;
  }
  if (command.symbol[0] == ' ' || command.money_per_tick_lot <= 0 ||
      command.state > InstrumentState::closed) {
    return Reason::malformed;
  }
  if (!are_price_limits(command.low_limit, command.high_limit, command.tick_e4)) {
    return Reason::price_out_of_limits;
  }
  return state_.instruments.find(command.symbol) == 0 ? Reason::none : Reason::symbol_taken;
}

void ReferenceData::add(const AddInstrument& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) {
    Instrument added;
    added.symbol = command.symbol;
    added.tick_e4 = command.tick_e4;
    added.state = command.state;
    added.low_limit = command.low_limit;
    added.high_limit = command.high_limit;
    added.money_per_tick_lot = command.money_per_tick_lot;
    added.segment = command.segment;
    state_.instruments.add(added);
    state_.ledger.add_asset();
    state_.books.add_instrument(command.instrument);
    state_.stops.add_instrument(command.instrument);
    state_.books.set_price_limits(command.instrument, command.low_limit, command.high_limit);
    publish(command.instrument);
  }
  events_.answer(command.header, 0, reason, reason == Reason::none ? 1 : 0);
}

void ReferenceData::publish(InstrumentId instrument) {
  const Instrument& added = state_.instruments[instrument];
  describe_instrument(added, instrument, events_.to_gateway<ReferenceInstrument>(kEveryGateway));
  if (added.segment != 0) {
    describe_segment(added, instrument, events_.to_gateway<ReferenceSegment>(kEveryGateway));
  }
  // ITCH system event O: messages begin.
  if (state_.counters.feed_number == 0) events_.to_feed<FeedSystem>().code = 'O';
  FeedInstrument& listed = events_.to_feed<FeedInstrument>();
  listed.instrument = instrument;
  listed.symbol = added.symbol;
  listed.tick_e4 = added.tick_e4;
  FeedState& published = events_.to_feed<FeedState>();
  published.instrument = instrument;
  published.state = added.state;
}

Reason ReferenceData::check(const AddMember& command) const {
  const Reason bad = check_next(command.member, state_.members.count(), state_.limits.max_members);
  if (bad != Reason::none) return bad;
  for (const char c : command.firm) {
    if (c < ' ' || c > '~') return Reason::malformed;
  }
  return Reason::none;
}

void ReferenceData::add(const AddMember& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) state_.members.add(command.firm);
  events_.answer(command.header, 0, reason, reason == Reason::none ? 1 : 0);
}

Reason ReferenceData::check(const AddAccount& command) const {
  const Reason bad =
      check_next(command.account, state_.ledger.accounts(), state_.limits.max_accounts);
  if (bad != Reason::none) return bad;
  return state_.members.exists(command.member) ? Reason::none : Reason::unknown_account;
}

void ReferenceData::add(const AddAccount& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) state_.ledger.add_account(command.member);
  events_.answer(command.header, 0, reason, reason == Reason::none ? 1 : 0);
}

Reason ReferenceData::check(const AddSession& command) const {
  const Reason bad =
      check_next(command.added_session, state_.sessions.count(), state_.limits.max_sessions);
  if (bad != Reason::none) return bad;
  const AccountId account = command.default_account;
  if (account == 0 || account > state_.ledger.accounts()) return Reason::unknown_account;
  return state_.members.exists(command.member) &&
                 state_.ledger.account(account).member == command.member
             ? Reason::none
             : Reason::unknown_account;
}

void ReferenceData::add(const AddSession& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) {
    const Session& added = state_.sessions.add(command.member, command.default_account);
    describe_session(added, state_.members[added.member],
                     events_.to_gateway<ReferenceSession>(kEveryGateway));
  }
  events_.answer(command.header, 0, reason, reason == Reason::none ? 1 : 0);
}

Reason ReferenceData::check(const AddOperator& command) const {
  if (state_.counters.control_number != 0) return Reason::approval_missing;
  return command.operator_id == 0 || command.stop_only > 1 ? Reason::malformed : Reason::none;
}

void ReferenceData::add(const AddOperator& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) {
    reason = state_.operators.add(command.operator_id, command.public_key, command.stop_only != 0);
  }
  events_.answer(command.header, 0, reason, reason == Reason::none ? 1 : 0);
}

Reason ReferenceData::check(const AdjustFunds& command) const {
  if (command.account == 0 || command.account > state_.ledger.accounts()) {
    return Reason::unknown_account;
  }
  if (command.asset >= state_.ledger.assets()) return Reason::unknown_instrument;
  return command.transfer_number == 0 ? Reason::malformed : Reason::none;
}

void ReferenceData::adjust(const AdjustFunds& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) {
    const auto high = static_cast<unsigned __int128>(command.amount_high) << 64;
    const auto amount = static_cast<Money>(high | static_cast<std::uint64_t>(command.amount_low));
    reason = state_.ledger.adjust(command.account, command.asset, command.transfer_number, amount);
  }
  events_.answer(command.header, command.transfer_number, reason, reason == Reason::none ? 1 : 0);
}

Reason ReferenceData::check(const SetAuctionRules& command) const {
  if (!state_.instruments.exists(command.instrument)) return Reason::unknown_instrument;
  const Instrument& instrument = state_.instruments[command.instrument];
  if (!are_auction_rules(command)) return Reason::malformed;
  if (command.base_price != 0 &&
      !are_price_limits(command.base_price, command.base_price, instrument.tick_e4)) {
    return Reason::price_out_of_limits;
  }
  return instrument.is_called ? Reason::state_forbids : Reason::none;
}

void ReferenceData::set(const SetAuctionRules& command) {
  Reason reason = check_sender(command.header);
  if (reason == Reason::none) reason = check(command);
  if (reason == Reason::none) {
    Auction& auction = state_.instruments.auction(command.instrument);
    auction.has_rules = true;
    auction.rules = auction_rules(command);
    // What it could not be without them.
    const InstrumentState state = state_.instruments[command.instrument].state;
    if (state == InstrumentState::auction_call) auctions_.open(command.instrument);
  }
  events_.answer(command.header, command.instrument, reason, reason == Reason::none ? 1 : 0);
}

}  // namespace okiagari::venue

#include "venue/snapshot_format.h"

namespace okiagari::venue::snapshot {

Amount record_of(Money money) {
  return Amount{static_cast<std::uint64_t>(money), static_cast<std::int64_t>(money >> 64)};
}

Money money_of(const Amount& amount) {
  const auto high = static_cast<unsigned __int128>(amount.high) << 64;
  return static_cast<Money>(high | amount.low);
}

LimitsRecord record_of(const Limits& limits) {
  LimitsRecord record{};
  record.max_live_orders = limits.books.max_live_orders;
  record.max_accounts = limits.max_accounts;
  record.max_positions = limits.max_positions;
  record.max_instruments = limits.books.max_instruments;
  record.max_members = limits.max_members;
  record.max_sessions = limits.max_sessions;
  record.max_nodes = limits.max_nodes;
  return record;
}

CountersRecord record_of(const Counters& counters) {
  CountersRecord record{};
  record.sequence = counters.sequence;
  record.event_number = counters.event_number;
  record.feed_number = counters.feed_number;
  record.order_reference = counters.order_reference;
  record.match_number = counters.match_number;
  record.control_number = counters.control_number;
  record.checkpoints = counters.checkpoints;
  record.timestamp_ns = counters.timestamp_ns;
  record.state_hash = counters.state_hash;
  return record;
}

InstrumentRecord record_of(const Instrument& instrument, Money came_in) {
  InstrumentRecord record{};
  record.symbol = instrument.symbol;
  record.tick_e4 = instrument.tick_e4;
  record.state = instrument.state;
  record.low_limit = instrument.low_limit;
  record.high_limit = instrument.high_limit;
  record.money_per_tick_lot = instrument.money_per_tick_lot;
  record.last_price = instrument.last_price;
  record.last_match = instrument.last_match;
  record.traded_lots = instrument.traded_lots;
  record.came_in = record_of(came_in);
  return record;
}

MemberRecord record_of(const Member& member) {
  MemberRecord record{};
  record.firm = member.firm;
  record.halted = member.halted ? 1 : 0;
  return record;
}

AccountRecord record_of(const Ledger::Account& account) {
  AccountRecord record{};
  record.member = account.member;
  record.last_transfer_number = account.last_transfer_number;
  record.total = record_of(account.cash.total);
  record.held = record_of(account.cash.reserved);
  return record;
}

PositionRecord record_of(const Ledger::Position& position) {
  PositionRecord record{};
  record.account = position.account;
  record.instrument = position.instrument;
  record.total = record_of(position.balance.total);
  record.held = record_of(position.balance.reserved);
  return record;
}

SessionRecord record_of(const Session& session) {
  SessionRecord record{};
  record.member = session.member;
  record.gateway = session.gateway;
  record.default_account = session.default_account;
  record.cancel_on_disconnect = session.cancel_on_disconnect ? 1 : 0;
  record.owes_cancels = session.owes_cancels ? 1 : 0;
  record.gaps = static_cast<std::uint16_t>(session.numbers.gaps().size());
  record.epoch = session.epoch;
  record.next_stream_number = session.next_stream_number;
  record.next_session_number = session.next_session_number;
  record.mark = session.numbers.mark();
  record.floor = session.numbers.floor();
  for (std::size_t i = 0; i < record.past_logins.size(); ++i) {
    const PastLogin& login = session.past_logins[i];
    record.past_logins[i] = LoginRecord{login.gateway, 0, login.epoch, login.nonce};
  }
  return record;
}

OperatorRecord record_of(const Operators::Operator& known) {
  OperatorRecord record{};
  record.id = known.id;
  record.public_key = known.public_key;
  return record;
}

CheckpointRecord record_of(const Attestations::Record& record) {
  return CheckpointRecord{record.checkpoint, record.sequence,
                          static_cast<std::uint32_t>(record.findings.size()), 0};
}

FindingRecord record_of(const Attestations::Finding& finding) {
  FindingRecord record{};
  record.node = finding.node;
  record.state_hash = finding.state_hash;
  record.scrub_hash = finding.scrub_hash;
  record.chain = finding.chain;
  return record;
}

OrderRecord record_of(const market::Order& order) {
  OrderRecord record{};
  record.key = order.key;
  record.reference = order.reference;
  record.price = order.price;
  record.remaining = order.remaining;
  record.executed = order.executed;
  record.account = order.account;
  record.instrument = order.instrument;
  record.side = static_cast<std::uint8_t>(order.side);
  record.time_in_force = static_cast<std::uint8_t>(order.time_in_force);
  record.self_trade = static_cast<std::uint8_t>(order.self_trade);
  return record;
}

}  // namespace okiagari::venue::snapshot

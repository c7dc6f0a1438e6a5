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
  record.held = instrument.is_held ? 1 : 0;
  record.low_limit = instrument.low_limit;
  record.high_limit = instrument.high_limit;
  record.money_per_tick_lot = instrument.money_per_tick_lot;
  record.last_price = instrument.last_price;
  record.last_match = instrument.last_match;
  record.traded_lots = instrument.traded_lots;
  record.segment = instrument.segment;
  record.came_in = record_of(came_in);
  return record;
}

AuctionRecord record_of(const Auction& auction, bool is_called) {
  const AuctionRules& rules = auction.rules;
  AuctionRecord record{};
  record.ruled = auction.has_rules ? 1 : 0;
  record.called = is_called ? 1 : 0;
  record.extensions = auction.extensions;
  record.price_method = static_cast<std::uint8_t>(rules.uncross.price.method);
  record.candidates = static_cast<std::uint8_t>(rules.uncross.price.candidates);
  record.allocation = static_cast<std::uint8_t>(rules.uncross.allocation);
  record.takes_market_orders = rules.takes_market_orders ? 1 : 0;
  record.collar_unit = static_cast<std::uint8_t>(rules.collar.unit);
  record.extensions_max = rules.extensions_max;
  record.collar_low = auction.collar.low;
  record.collar_high = auction.collar.high;
  record.base_price = rules.base_price;
  record.collar = rules.collar.amount;
  record.collar_step = rules.collar_step.amount;
  record.call_s = rules.call_s;
  record.extension_s = rules.extension_s;
  record.random_end_s = rules.random_end_s;
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
  record.stop_only = known.stop_only ? 1 : 0;
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
  record.last_day = order.last_day;
  return record;
}

IcebergRecord record_of(const market::Order& order, const market::Reserve& reserve) {
  return IcebergRecord{order.key, reserve.peak, reserve.hidden};
}

StopRecord record_of(const market::Stop& stop) {
  StopRecord record{};
  record.key = stop.key;
  record.reference = stop.reference;
  record.trigger = stop.trigger;
  record.price = stop.price;
  record.quantity = stop.quantity;
  record.account = stop.account;
  record.instrument = stop.instrument;
  record.side = static_cast<std::uint8_t>(stop.side);
  record.price_type = static_cast<std::uint8_t>(stop.type);
  record.time_in_force = static_cast<std::uint8_t>(stop.time_in_force);
  record.self_trade = static_cast<std::uint8_t>(stop.self_trade);
  record.last_day = stop.last_day;
  return record;
}

TrailingStopRecord trailing_record_of(const market::Stop& stop) {
  return TrailingStopRecord{stop.reference, stop.distance, 0};
}

ReachRecord record_of(InstrumentId instrument, const Stops::Reach& reach) {
  return ReachRecord{instrument, 0, reach.low, reach.high};
}

CallEndRecord record_of(InstrumentId instrument, const CallEnd& end) {
  CallEndRecord record{};
  record.at_ns = end.at_ns;
  record.reason = end.reason;
  record.instrument = instrument;
  record.then = static_cast<std::uint8_t>(end.then);
  return record;
}

PlanRecord record_of(const TradingPlan& plan) {
  PlanRecord record{};
  record.control_number = plan.control_number;
  record.day = plan.day;
  record.count = plan.count;
  record.next = plan.next;
  record.phases = plan.phases;
  return record;
}

WalkRecord record_of(const market::OrderBooks::WalkPlace& place) {
  return {place.key, place.instrument, static_cast<std::uint8_t>(place.side), 0, {}};
}

WalkRecord record_of(const market::StopOrders::WalkPlace& place) {
  return {place.key,
          place.instrument,
          static_cast<std::uint8_t>(place.side),
          static_cast<std::uint8_t>(place.trails ? 1 : 0),
          {}};
}

DayEndRecord record_of(const DayEnd& end) {
  DayEndRecord record{};
  record.day = end.day;
  record.running = end.is_running ? 1 : 0;
  record.shelf = static_cast<std::uint8_t>(end.shelf);
  record.instrument = end.instrument;
  record.key = end.place.key;
  record.reference = end.place.reference;
  record.price = end.place.price;
  record.newest = end.newest;
  return record;
}

FoundationRecord record_of(const Foundation& foundation) {
  FoundationRecord record{};
  record.act = foundation.act;
  record.held = foundation.is_held ? 1 : 0;
  return record;
}

}  // namespace okiagari::venue::snapshot

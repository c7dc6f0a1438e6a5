#include "check/logged_command.h"

#include <fmt/format.h>

#include <string_view>

namespace okiagari::check {
namespace {

constexpr std::uint16_t kBatchVersion = 1;
constexpr std::uint8_t kCommandVersion = 1;
constexpr std::size_t kCommandHeaderBytes = 16;

void read_new_order(base::ByteReader& reader, LoggedCommand& into) {
  into.user_reference = reader.little<std::uint32_t>();
  into.quantity = reader.little<std::uint32_t>();
  into.price_e4 = reader.little<std::uint64_t>();
  into.account = reader.little<std::uint32_t>();
  into.instrument = reader.little<std::uint16_t>();
  into.side = reader.little<std::uint8_t>();
  into.price_type = reader.little<std::uint8_t>();
  into.time_in_force = reader.little<std::uint8_t>();
  into.self_trade = reader.little<std::uint8_t>();
  into.post_only = reader.little<std::uint8_t>();
  (void)reader.bytes(1);
  (void)reader.object(into.client_order_id);
  into.last_day = reader.little<std::uint16_t>();
}

void read_replace_order(base::ByteReader& reader, LoggedCommand& into) {
  into.original_user_reference = reader.little<std::uint32_t>();
  into.user_reference = reader.little<std::uint32_t>();
  into.quantity = reader.little<std::uint32_t>();
  into.last_day = reader.little<std::uint16_t>();
  (void)reader.bytes(2);
  into.price_e4 = reader.little<std::uint64_t>();
  into.time_in_force = reader.little<std::uint8_t>();
  into.post_only = reader.little<std::uint8_t>();
  (void)reader.object(into.client_order_id);
}

void read_mass_cancel(base::ByteReader& reader, LoggedCommand& into) {
  into.instrument = reader.little<std::uint16_t>();
  into.side = reader.little<std::uint8_t>();
  (void)reader.bytes(1);
  into.user_reference = reader.little<std::uint32_t>();
}

// False for a type that no session sends.
bool read_session_command(base::ByteReader& reader, LoggedCommand& into) {
  switch (into.type) {
    case LoggedType::new_order:
      read_new_order(reader, into);
      return true;
    case LoggedType::replace_order:
      read_replace_order(reader, into);
      return true;
    case LoggedType::cancel_order:
      into.user_reference = reader.little<std::uint32_t>();
      into.quantity = reader.little<std::uint32_t>();
      return true;
    case LoggedType::new_stop:
      read_new_order(reader, into);
      into.trigger_e4 = reader.little<std::uint64_t>();
      return true;
    case LoggedType::replace_stop:
      read_replace_order(reader, into);
      into.trigger_e4 = reader.little<std::uint64_t>();
      into.price_type = reader.little<std::uint8_t>();
      (void)reader.bytes(7);
      return true;
    case LoggedType::new_iceberg:
      read_new_order(reader, into);
      into.display = reader.little<std::uint32_t>();
      (void)reader.bytes(4);
      return true;
    case LoggedType::replace_iceberg:
      read_replace_order(reader, into);
      into.display = reader.little<std::uint32_t>();
      (void)reader.bytes(4);
      return true;
    case LoggedType::new_trailing_stop:
      read_new_order(reader, into);
      into.distance_e4 = reader.little<std::uint64_t>();
      return true;
    case LoggedType::replace_trailing_stop:
      read_replace_order(reader, into);
      into.distance_e4 = reader.little<std::uint64_t>();
      into.price_type = reader.little<std::uint8_t>();
      (void)reader.bytes(7);
      return true;
    case LoggedType::mass_cancel:
      read_mass_cancel(reader, into);
      return true;
    case LoggedType::login:
      into.nonce = reader.little<std::uint64_t>();
      into.cancel_on_disconnect = reader.little<std::uint8_t>();
      (void)reader.bytes(7);
      return true;
    case LoggedType::logout:
      into.logout_reason = reader.little<std::uint8_t>();
      (void)reader.bytes(7);
      return true;
    default:
      return false;
  }
}

void read_approvals(base::ByteReader& reader, LoggedCommand& into) {
  constexpr std::size_t kApprovalBytes = 72;
  for (LoggedCommand::Approval& approval : into.approvals) {
    approval.operator_id = reader.little<std::uint16_t>();
    approval.accept_until_s = reader.little<std::uint32_t>();
    (void)reader.bytes(kApprovalBytes - 6);
  }
}

void read_phases(base::ByteReader& reader, LoggedCommand& into) {
  for (std::size_t i = 0; i < LoggedCommand::kPhasesMax; ++i) {
    LoggedCommand::Phase phase;
    phase.at_ns = reader.little<std::uint64_t>();
    phase.reason = reader.little<std::uint32_t>();
    phase.target = reader.little<std::uint16_t>();
    phase.scope = reader.little<std::uint8_t>();
    phase.state = reader.little<std::uint8_t>();
    if (i < into.phase_count) into.phases.push_back(phase);
  }
}

// False for a type that is no market control.
bool read_control_command(base::ByteReader& reader, LoggedCommand& into) {
  switch (into.type) {
    case LoggedType::set_instrument_state:
      into.number = reader.little<std::uint64_t>();
      into.scope = reader.little<std::uint8_t>();
      into.state = reader.little<std::uint8_t>();
      into.target = reader.little<std::uint16_t>();
      into.reason = reader.little<std::uint32_t>();
      read_approvals(reader, into);
      return true;
    case LoggedType::set_price_limits:
      into.number = reader.little<std::uint64_t>();
      into.instrument = reader.little<std::uint16_t>();
      (void)reader.bytes(6);
      into.low_ticks = reader.little<std::int32_t>();
      into.high_ticks = reader.little<std::int32_t>();
      read_approvals(reader, into);
      return true;
    case LoggedType::found_cluster:
      into.old_cluster = reader.little<std::uint64_t>();
      into.number = reader.little<std::uint64_t>();
      into.founded_on = reader.little<std::uint64_t>();
      (void)reader.bytes(8 + 8);  // its term, the sequence there
      into.state_hash = reader.little<std::uint64_t>();
      (void)reader.bytes(std::size_t{3} * 32);  // chain, voters, losses
      into.node = reader.little<std::uint16_t>();
      (void)reader.bytes(6);
      read_approvals(reader, into);
      return true;
    case LoggedType::set_trading_plan:
      into.number = reader.little<std::uint64_t>();
      into.date = reader.little<std::uint32_t>();
      into.phase_count = reader.little<std::uint16_t>();
      (void)reader.little<std::uint16_t>();
      read_phases(reader, into);
      read_approvals(reader, into);
      return true;
    case LoggedType::advance_plan:
      return true;
    case LoggedType::end_day:
      into.number = reader.little<std::uint64_t>();
      into.date = reader.little<std::uint32_t>();
      (void)reader.bytes(4);
      read_approvals(reader, into);
      return true;
    case LoggedType::trade_bust:
      (void)reader.little<std::uint64_t>();
      into.number = reader.little<std::uint64_t>();
      read_approvals(reader, into);
      return true;
    default:
      return false;
  }
}

void read_add_instrument(base::ByteReader& reader, LoggedCommand& into) {
  into.instrument = reader.little<std::uint16_t>();
  (void)reader.object(into.symbol);
  into.segment = reader.little<std::uint16_t>();
  into.tick_e4 = reader.little<std::uint32_t>();
  into.money_per_tick_lot = reader.little<std::int64_t>();
  into.low_ticks = reader.little<std::int32_t>();
  into.high_ticks = reader.little<std::int32_t>();
  into.state = reader.little<std::uint8_t>();
  (void)reader.bytes(7);
}

// False for a type that is no reference data.
bool read_reference_command(base::ByteReader& reader, LoggedCommand& into) {
  switch (into.type) {
    case LoggedType::add_instrument:
      read_add_instrument(reader, into);
      return true;
    case LoggedType::add_member:
      into.member = reader.little<std::uint16_t>();
      (void)reader.object(into.firm);
      (void)reader.bytes(2);
      return true;
    case LoggedType::add_account:
      into.account = reader.little<std::uint32_t>();
      into.member = reader.little<std::uint16_t>();
      (void)reader.bytes(2);
      return true;
    case LoggedType::add_session:
      into.added_session = reader.little<std::uint16_t>();
      into.member = reader.little<std::uint16_t>();
      into.account = reader.little<std::uint32_t>();
      return true;
    case LoggedType::add_operator:
      into.operator_id = reader.little<std::uint16_t>();
      into.stop_only = reader.little<std::uint8_t>();
      (void)reader.bytes(37);
      return true;
    case LoggedType::adjust_funds:
      into.account = reader.little<std::uint32_t>();
      into.instrument = reader.little<std::uint16_t>();
      (void)reader.bytes(2);
      into.number = reader.little<std::uint64_t>();
      into.amount_low = reader.little<std::int64_t>();
      into.amount_high = reader.little<std::int64_t>();
      return true;
    case LoggedType::set_auction_rules:
      into.instrument = reader.little<std::uint16_t>();
      into.price_method = reader.little<std::uint8_t>();
      into.candidates = reader.little<std::uint8_t>();
      into.allocation = reader.little<std::uint8_t>();
      into.takes_market_orders = reader.little<std::uint8_t>();
      into.collar_unit = reader.little<std::uint8_t>();
      into.extensions_max = reader.little<std::uint8_t>();
      into.base_price = reader.little<std::int32_t>();
      into.collar = reader.little<std::uint32_t>();
      into.collar_step = reader.little<std::uint32_t>();
      (void)reader.bytes(4);  // the calendar's
      into.extension_s = reader.little<std::uint32_t>();
      into.random_end_s = reader.little<std::uint32_t>();
      return true;
    default:
      return false;
  }
}

bool read_replica_command(base::ByteReader& reader, LoggedCommand& into) {
  switch (into.type) {
    case LoggedType::checkpoint:
    case LoggedType::quarantine:
      into.number = reader.little<std::uint64_t>();
      return true;
    case LoggedType::checkpoint_in_steps:
      into.number = reader.little<std::uint64_t>();
      (void)reader.bytes(8);  // how many orders it looks at
      return true;
    case LoggedType::attest:
      into.node = reader.little<std::uint16_t>();
      (void)reader.bytes(6);
      into.number = reader.little<std::uint64_t>();
      (void)reader.little<std::uint64_t>();  // sequence
      into.state_hash = reader.little<std::uint64_t>();
      (void)reader.bytes(8 + 32);
      return true;
    case LoggedType::no_operation:
      return true;
    default:
      return false;
  }
}

bool decode_command(base::Bytes bytes, LoggedCommand& into) {
  base::ByteReader reader(bytes);
  (void)reader.little<std::uint16_t>();
  into.type = static_cast<LoggedType>(reader.little<std::uint8_t>());
  const auto version = reader.little<std::uint8_t>();
  into.session = reader.little<std::uint16_t>();
  into.gateway = reader.little<std::uint16_t>();
  into.epoch = reader.little<std::uint32_t>();
  into.stream_number = reader.little<std::uint32_t>();
  if (!reader.ok() || version != kCommandVersion) return false;
  const bool known = read_session_command(reader, into) || read_control_command(reader, into) ||
                     read_reference_command(reader, into) || read_replica_command(reader, into);
  if (into.type == LoggedType::set_trading_plan) into.digest = base::digest(bytes);
  return known && reader.at_end();
}

}  // namespace

bool decode_batch(base::Bytes payload, LoggedBatch& batch) {
  base::ByteReader reader(payload);
  const auto version = reader.little<std::uint16_t>();
  (void)reader.little<std::uint16_t>();
  const auto count = reader.little<std::uint32_t>();
  const auto size_bytes = reader.little<std::uint32_t>();
  (void)reader.little<std::uint32_t>();
  batch.timestamp_ns = reader.little<std::uint64_t>();
  batch.commands.clear();
  if (!reader.ok() || version != kBatchVersion || size_bytes != payload.size()) return false;
  base::Bytes rest = payload.subspan(reader.offset());
  for (std::uint32_t number = 0; number < count; ++number) {
    if (rest.size() < kCommandHeaderBytes) return false;
    const auto command_bytes = base::load_little<std::uint16_t>(rest.data());
    if (command_bytes < kCommandHeaderBytes || command_bytes > rest.size()) return false;
    LoggedCommand command;
    if (!decode_command(rest.first(command_bytes), command)) return false;
    batch.commands.push_back(command);
    rest = rest.subspan(command_bytes);
  }
  return rest.empty();
}

std::string describe(const LoggedCommand& command) {
  return fmt::format(
      "command {} of session {} (epoch {}, number {}): reference {} (was {}), side {}, {} at {}, "
      "instrument {}",
      static_cast<int>(command.type), command.session, command.epoch, command.stream_number,
      command.user_reference, command.original_user_reference, command.side, command.quantity,
      command.price_e4, command.instrument);
}

}  // namespace okiagari::check

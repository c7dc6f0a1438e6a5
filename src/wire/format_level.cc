#include "wire/format_level.h"

#include <algorithm>
#include <cstring>

#include "venue/snapshot_format.h"
#include "venue/venue.h"  // the enumerations of the market

namespace okiagari::wire {

namespace {

using venue::CommandType;

static_assert(venue::snapshot::kVersion == 4, "a new version of snapshots is of a new level");

// Nothing when it is not of its type's size: every program answers that it is malformed.
template <typename Command>
bool read(base::Bytes bytes, Command& into) {
  if (bytes.size() != sizeof into) return false;
  std::memcpy(&into, bytes.data(), sizeof into);
  return true;
}

FormatLevel level_of_time_in_force(std::uint8_t time_in_force) {
  switch (static_cast<market::TimeInForce>(time_in_force)) {
    case market::TimeInForce::good_till_date:
      return kDayEndLevel;
    case market::TimeInForce::at_auction:
      return kCallsLevel;
    default:
      return kLowestFormatLevel;
  }
}

FormatLevel level_of_order(base::Bytes bytes) {
  venue::NewOrder order;
  return read(bytes, order) ? level_of_time_in_force(order.time_in_force) : kLowestFormatLevel;
}

FormatLevel level_of_replacement(base::Bytes bytes) {
  venue::ReplaceOrder order;
  if (!read(bytes, order)) return kLowestFormatLevel;
  // The field was reserved before orders had a date.
  return order.last_day != 0 ? kDayEndLevel : level_of_time_in_force(order.time_in_force);
}

FormatLevel level_of_stop(base::Bytes bytes) {
  venue::NewStop stop;
  if (!read(bytes, stop)) return kStopsLevel;
  return std::max(kStopsLevel, level_of_time_in_force(stop.time_in_force));
}

FormatLevel level_of_stop_replacement(base::Bytes bytes) {
  venue::ReplaceStop stop;
  if (!read(bytes, stop)) return kStopsLevel;
  const FormatLevel level = stop.last_day != 0 ? kDayEndLevel : kStopsLevel;
  return std::max(level, level_of_time_in_force(stop.time_in_force));
}

FormatLevel level_of_plan(base::Bytes bytes) {
  venue::SetTradingPlan plan;
  if (!read(bytes, plan)) return kStopsLevel;
  const bool ends_day = std::any_of(plan.phases.begin(), plan.phases.end(), [](const auto& phase) {
    return phase.state == venue::kDayEnd;
  });
  return ends_day ? kDayEndLevel : kStopsLevel;
}

FormatLevel level_of_statement(const venue::CommandHeader& header) {
  if (!is_level_statement(header)) return kLowestFormatLevel;
  return static_cast<FormatLevel>(std::min<std::uint32_t>(header.epoch, kUnknownFormatLevel));
}

}  // namespace

FormatLevel level_of(base::Bytes command) {
  venue::CommandHeader header;
  if (command.size() < sizeof header) return kLowestFormatLevel;
  std::memcpy(&header, command.data(), sizeof header);
  switch (header.type) {
    case CommandType::new_order:
      return level_of_order(command);
    case CommandType::replace_order:
      return level_of_replacement(command);
    case CommandType::new_stop:
      return level_of_stop(command);
    case CommandType::replace_stop:
      return level_of_stop_replacement(command);
    case CommandType::set_trading_plan:
      return level_of_plan(command);
    case CommandType::no_operation:
      return level_of_statement(header);
    case CommandType::cancel_order:
    case CommandType::mass_cancel:
    case CommandType::login:
    case CommandType::logout:
    case CommandType::set_instrument_state:
    case CommandType::set_price_limits:
    case CommandType::trade_bust:
    case CommandType::add_instrument:
    case CommandType::add_member:
    case CommandType::add_account:
    case CommandType::add_session:
    case CommandType::add_operator:
    case CommandType::adjust_funds:
    case CommandType::checkpoint:
    case CommandType::attest:
    case CommandType::quarantine:
    case CommandType::found_cluster:
      return kLowestFormatLevel;
    case CommandType::set_auction_rules:
      return kCallsLevel;
    case CommandType::advance_plan:
      return kStopsLevel;
    case CommandType::end_day:
    case CommandType::checkpoint_in_steps:
      return kDayEndLevel;
    case CommandType::new_iceberg:
    case CommandType::replace_iceberg:
      return kIcebergsLevel;
    case CommandType::new_trailing_stop:
    case CommandType::replace_trailing_stop:
      return kTrailingStopsLevel;
  }
  return kUnknownFormatLevel;
}

venue::NoOperation level_statement(FormatLevel level) {
  venue::NoOperation statement{};
  statement.header.size_bytes = sizeof statement;
  statement.header.type = venue::NoOperation::kType;
  statement.header.version = venue::kCommandVersion;
  statement.header.epoch = level;
  return statement;
}

bool is_level_statement(const venue::CommandHeader& command) {
  return command.type == CommandType::no_operation && command.gateway == 0 && command.epoch != 0;
}

}  // namespace okiagari::wire

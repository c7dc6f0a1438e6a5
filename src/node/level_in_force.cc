#include "node/level_in_force.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "venue/batch_reader.h"
#include "venue/order_commands.h"

namespace okiagari::node {

namespace {

template <typename Command>
void take_names(const venue::CommandHeader& from, Command& into) {
  into.header = from;
  into.header.type = Command::kType;
  into.header.size_bytes = sizeof into;
}

}  // namespace

base::Status LevelInForce::raise(wire::FormatLevel to) {
  if (to <= in_force_) return {};
  if (to > understood_) {
    return base::Error{fmt::format(
        "the log holds commands of format level {}, and this server understands level {}: {}. "
        "Nothing of them was applied",
        to, understood_,
        to > wire::kNewestFormatLevel ? "install the program of the other servers here"
                                      : "take `format_level` out of its configuration")};
  }
  in_force_ = to;
  return {};
}

base::Status LevelInForce::take_batch(base::Bytes batch) {
  venue::BatchReader reader(batch);
  if (!reader.is_whole()) return {};
  venue::CommandHeader header;
  base::Bytes raw;
  wire::FormatLevel highest = in_force_;
  while (reader.next(header, raw)) {
    const wire::FormatLevel level = wire::level_of(raw);
    const bool says_level = level != wire::kUnknownFormatLevel || wire::is_level_statement(header);
    if (says_level) highest = std::max(highest, level);
  }
  return raise(highest);
}

base::Status LevelInForce::take_snapshot(std::uint32_t in_force) {
  return raise(
      static_cast<wire::FormatLevel>(std::min<std::uint32_t>(in_force, wire::kUnknownFormatLevel)));
}

wire::FormatLevel LevelInForce::let_in() const { return std::max(in_force_, stated_); }

wire::FormatLevel level_told(const ToldLevels& told, NodeId node) {
  const auto found = told.find(node);
  return found == told.end() ? 0 : found->second;
}

LeastServer least_server(const journal::Configuration& servers, const ToldLevels& told,
                         const LeastServer& own, bool is_log_empty) {
  LeastServer least = own;
  for (const journal::Server& server : servers) {
    if (server.node == own.node) continue;
    wire::FormatLevel level = level_told(told, server.node);
    if (level == 0) level = is_log_empty ? own.level : wire::kLowestFormatLevel;
    if (level < least.level) least = {server.node, level};
  }
  return least;
}

std::string words_of_refusal(const LeastServer& least, wire::FormatLevel needed) {
  return fmt::format("server {} understands format level {}, this needs {}: renew it first",
                     least.node, least.level, needed);
}

bool has_stand_in(const venue::CommandHeader& command) {
  return venue::enters_order(command.type) || venue::replaces_order(command.type);
}

// Instrument 0 is no instrument, and user reference 0 no order.
StandIn::StandIn(const venue::CommandHeader& command)
    : is_replacement_(venue::replaces_order(command.type)) {
  ASSERT(has_stand_in(command), "command {}", static_cast<int>(command.type));
  if (is_replacement_) {
    take_names(command, replacement_);
    replacement_.user_reference =
        reinterpret_cast<const venue::ReplaceOrder&>(command).user_reference;
    replacement_.quantity = 1;
    replacement_.time_in_force = venue::kTimeInForceAsBefore;
  } else {
    take_names(command, order_);
    const auto& meant = reinterpret_cast<const venue::NewOrder&>(command);
    order_.user_reference = meant.user_reference;
    order_.quantity = meant.quantity;
    order_.side = meant.side;
    order_.client_order_id = meant.client_order_id;
  }
}

const venue::CommandHeader& StandIn::command() const {
  return is_replacement_ ? replacement_.header : order_.header;
}

}  // namespace okiagari::node

// Which commands enter an order and which replace one, whatever kind of order it is. Those that
// enter one begin as NewOrder does, those that replace one as ReplaceOrder (venue/command.h).
#pragma once

#include "venue/command.h"

namespace okiagari::venue {

[[nodiscard]] constexpr bool enters_order(CommandType type) {
  return type == CommandType::new_order || type == CommandType::new_stop ||
         type == CommandType::new_iceberg || type == CommandType::new_trailing_stop;
}

[[nodiscard]] constexpr bool replaces_order(CommandType type) {
  return type == CommandType::replace_order || type == CommandType::replace_stop ||
         type == CommandType::replace_iceberg || type == CommandType::replace_trailing_stop;
}

}  // namespace okiagari::venue

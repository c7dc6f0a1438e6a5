// What the messages told to members and to the public must agree on among themselves, whatever the
// journal says: each trade is told to both of its sides and to the public once, with one price and
// one size, and what was accepted of an order is what was filled, what was taken away and what is
// still open.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "check/findings.h"
#include "check/session_history.h"

namespace okiagari::check {

struct OpenOrder {
  std::uint32_t open = 0;
  std::uint64_t price_e4 = 0;
  char side = 0;

  bool operator==(const OpenOrder&) const = default;
};

// By order reference number.
using OpenOrders = std::map<std::uint64_t, OpenOrder>;

// Orders that members must believe to be open after all they were told.
[[nodiscard]] OpenOrders open_by_members(const std::map<std::uint16_t, SessionHistory>& sessions,
                                         Findings& findings);
// Orders that the public must believe to be open.
[[nodiscard]] OpenOrders open_by_feed(const std::vector<base::Bytes>& feed, Findings& findings);

void compare_trades(const std::map<std::uint16_t, SessionHistory>& sessions,
                    const std::vector<base::Bytes>& feed, Findings& findings);
void compare_open_orders(const OpenOrders& members, const OpenOrders& feed, Findings& findings);

}  // namespace okiagari::check

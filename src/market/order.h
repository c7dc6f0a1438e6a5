// What the order books take in, hold and give back: orders, results, levels, limits.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace okiagari::market {

// Names an order for its owner, unique among live orders: (session << 32) | user reference number.
using OrderKey = std::uint64_t;

[[nodiscard]] constexpr std::uint32_t owner_of(OrderKey key) {
  return static_cast<std::uint32_t>(key >> 32);
}

enum class TimeInForce : std::uint8_t {
  day = 0,
  good_till_cancel = 1,
  immediate_or_cancel = 2,
  fill_or_kill = 3,
};
enum class PriceType : std::uint8_t { limit = 0, market = 1 };
// What happens when an order meets one of the same member; the incoming order's choice counts.
enum class SelfTradePrevention : std::uint8_t {
  none = 0,           // they trade
  cancel_newest = 1,  // the rest of the incoming order is dropped
  cancel_oldest = 2,  // the resting order is cancelled and matching goes on
  cancel_both = 3,
};

// In place of an order's slot: there is none.
inline constexpr std::uint32_t kNoOrder = 0;

// A live order. Copies are cheap; a reference into the books is valid until the next call that
// changes a book. One cache line: whoever cancels touches this line before any other.
struct alignas(64) Order {
  OrderKey key;
  OrderReference reference;
  // Counts the orders that came to rest, in all books. Sorting by it and resting the orders anew
  // gives back every queue and every owner's orders by age; the numbers themselves are not state.
  // 48 bits last for eight years at a million a second.
  std::uint64_t entry : 48;
  MemberId member;  // self-trade prevention compares members
  PriceTicks price;
  QuantityLots remaining;
  QuantityLots executed;  // before it came to rest and since
  AccountId account;
  InstrumentId instrument;
  Side side;
  TimeInForce time_in_force : 4;  // day or good_till_cancel
  SelfTradePrevention self_trade : 4;
  // Links of the FIFO at one price, and of those orders of one owner (key >> 32) that its window no
  // longer holds, in no order (owners_orders.h); kNoOrder at the ends. Kept by the book; slots are
  // an accident of history, not state.
  std::uint32_t previous;
  std::uint32_t next;
  std::uint32_t owner_previous;
  std::uint32_t owner_next;
  std::uint32_t level;  // where in the price tree it queues
};
static_assert(sizeof(Order) == 64);
// Chains the slots that hold no order.
inline std::uint32_t& free_link(Order& order) { return order.next; }

struct Incoming {
  OrderKey key;
  OrderReference reference;  // used for the part that rests
  PriceTicks price;          // ignored for PriceType::market
  QuantityLots quantity;     // at least 1
  AccountId account;
  InstrumentId instrument;
  MemberId member;
  Side side;
  PriceType type;
  TimeInForce time_in_force;
  SelfTradePrevention self_trade;
  bool post_only;             // refused when it would trade at once
  QuantityLots executed = 0;  // by the order whose place it takes
};

enum class SubmitResult : std::uint8_t {
  done,                 // filled, rests, or its rest was dropped: see the quantities
  duplicate_key,        // nothing changed
  would_trade,          // post-only; nothing changed
  cannot_fill,          // fill-or-kill; nothing changed
  price_out_of_limits,  // nothing changed
  books_full,           // Limits::max_live_orders reached and it would rest; nothing changed
};

struct Submitted {
  SubmitResult result;
  QuantityLots filled = 0;
  QuantityLots resting = 0;  // now in the book
  QuantityLots dropped = 0;  // IOC or market rest, or cancelled by self-trade prevention
  bool dropped_by_self_trade_prevention = false;
};

struct Limits {
  std::uint32_t max_live_orders = 16'000'000;
  std::uint16_t max_instruments = 10'000;
};

struct Level {
  PriceTicks price;
  std::uint64_t quantity;  // sum of remaining lots
};

}  // namespace okiagari::market

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
  at_auction = 4,  // for the call that is open alone
  good_till_date = 5,
};
// Whether what is left of an order may wait for others.
[[nodiscard]] constexpr bool is_lasting(TimeInForce time_in_force) {
  return time_in_force == TimeInForce::day || time_in_force == TimeInForce::good_till_cancel ||
         time_in_force == TimeInForce::good_till_date;
}
// The same, in a call.
[[nodiscard]] constexpr bool may_wait(TimeInForce time_in_force) {
  return is_lasting(time_in_force) || time_in_force == TimeInForce::at_auction;
}
enum class PriceType : std::uint8_t { limit = 0, market = 1 };

// Where a market order rests in a call: before any limit of its side.
[[nodiscard]] constexpr PriceTicks market_price(Side side) {
  return side == Side::buy ? 0x7FFFFFFF : 0;
}

// What happens when an order meets one of the same member; the incoming order's choice counts.
enum class SelfTradePrevention : std::uint8_t {
  none = 0,           // they trade
  cancel_newest = 1,  // the rest of the incoming order is dropped
  cancel_oldest = 2,  // the resting order is cancelled and matching goes on
  cancel_both = 3,
};

// What an order's field of its account holds.
inline constexpr AccountId kMaxAccount = (1u << 24) - 1;

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
  QuantityLots remaining;  // displayed; of an iceberg more is open: OrderBooks::open_lots()
  QuantityLots executed;   // before it came to rest and since
  AccountId account : 24;  // up to kMaxAccount
  Side side : 1;
  TimeInForce time_in_force : 3;  // of those that last; in a call at_auction, too
  SelfTradePrevention self_trade : 2;
  std::uint8_t is_iceberg : 1;  // OrderBooks::reserve() has what is not displayed
  InstrumentId instrument;
  std::uint16_t last_day;  // of good_till_date: days since the epoch; else 0
  // Links of the FIFO at one price, and of those orders of one owner (key >> 32) that its window no
  // longer holds, in no order (owners_orders.h); kNoOrder at the ends. Kept by the book; slots are
  // an accident of history, not state.
  std::uint32_t previous;
  std::uint32_t next;
  std::uint32_t owner_previous;
  std::uint32_t owner_next;
  std::uint32_t level;  // where in the price tree it queues

  [[nodiscard]] bool is_market() const { return price == market_price(side); }
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
  bool post_only;              // refused when it would trade at once
  QuantityLots executed = 0;   // by the order whose place it takes
  std::uint16_t last_day = 0;  // of good_till_date: days since the epoch
  QuantityLots display = 0;    // of an iceberg: its peak, the most that is shown at a time; else 0
};

// What an iceberg does not display.
struct Reserve {
  QuantityLots peak = 0;
  QuantityLots hidden = 0;
};

// An iceberg of more peaks than this would make whoever sweeps it wait: the venue refuses it. So
// one maker is at most so many fills of a command.
inline constexpr std::uint32_t kPeaksMax = 100;

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

// Where in the orders of one side something stands or stood: by price, and at a price by reference,
// which rises from the first to the last.
struct QueuePlace {
  OrderKey key = 0;              // of the order that stood there; a hint
  OrderReference reference = 0;  // 0: before the first of all
  PriceTicks price = 0;
};

struct Level {
  PriceTicks price;
  std::uint64_t quantity;  // sum of remaining lots
};

}  // namespace okiagari::market

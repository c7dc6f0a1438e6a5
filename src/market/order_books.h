// All order books of a venue: price-time priority matching over shared pools. What belongs here: orders,
// levels, priority, matching, self-trade prevention, price limits. What does not: members, funds,
// sessions, phases, time; those are the venue's. No I/O, clock, thread or randomness; nothing is
// allocated once the pools have grown to the number of live orders.
//
// One hash index (key -> order) and one order pool serve every instrument, so memory follows the number
// of live orders, not the number of instruments or the width of prices. A side of a book is a radix tree
// over the price with a bitmap in each node: 16 price levels to a leaf, 64 children to a node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.h"

namespace okiagari::market {

// Names an order for its owner, unique among live orders: (session << 32) | user reference number.
using OrderKey = std::uint64_t;

enum class TimeInForce : std::uint8_t { day = 0, good_till_cancel = 1, immediate_or_cancel = 2, fill_or_kill = 3 };
enum class PriceType : std::uint8_t { limit = 0, market = 1 };
enum class SelfTradePrevention : std::uint8_t { none = 0, cancel_newest = 1, cancel_oldest = 2, cancel_both = 3 };

// A live order. Copies are cheap; a reference into the pool is valid until the next call that changes a book.
struct Order {
  OrderKey key;
  OrderReference reference;
  PriceTicks price;
  QuantityLots remaining;
  AccountId account;
  InstrumentId instrument;
  MemberId member;  // self-trade prevention compares members
  Side side;
  TimeInForce time_in_force;  // day or good_till_cancel
  SelfTradePrevention self_trade;
  std::uint8_t reserved = 0;
  // Links of the FIFO at one price, and of all live orders of one owner (key >> 32) in order of entry;
  // kNoOrder at the ends. Kept by the book. The owner's list makes a mass cancel cost what it cancels.
  std::uint32_t previous;
  std::uint32_t next;
  std::uint32_t owner_previous;
  std::uint32_t owner_next;
};

struct Incoming {
  OrderKey key;
  OrderReference reference;  // used for the part that rests
  PriceTicks price;          // ignored for PriceType::market
  QuantityLots quantity;
  AccountId account;
  InstrumentId instrument;
  MemberId member;
  Side side;
  PriceType type;
  TimeInForce time_in_force;
  SelfTradePrevention self_trade;
  bool post_only;  // refused when it would trade at once
};

enum class SubmitResult : std::uint8_t {
  done,               // filled, rests, or its rest was dropped: see the quantities
  duplicate_key,      // nothing changed
  would_trade,        // post-only; nothing changed
  cannot_fill,        // fill-or-kill; nothing changed
  price_out_of_limits,// nothing changed
  books_full,         // Limits::max_live_orders reached and the order would rest; nothing changed
};

struct Submitted {
  SubmitResult result;
  QuantityLots filled = 0;
  QuantityLots resting = 0;   // now in the book
  QuantityLots dropped = 0;   // IOC or market rest, or cancelled by self-trade prevention
  bool dropped_by_self_trade_prevention = false;
};

struct Limits {
  std::uint32_t max_live_orders = 16'000'000;
  std::uint16_t max_instruments = 10'000;
};

struct Level {
  PriceTicks price;
  std::uint64_t quantity;  // sum of remaining lots
  std::uint32_t orders;
};

// The contract of the Listener passed to submit():
//   void on_fill(const Order& maker, QuantityLots quantity);   before maker.remaining is reduced; the price
//                                                              is maker.price
//   void on_self_trade_cancel(const Order& resting);           before the resting order is taken out
class OrderBooks {
 public:
  explicit OrderBooks(const Limits& limits);
  ~OrderBooks();
  OrderBooks(OrderBooks&&) noexcept;
  OrderBooks& operator=(OrderBooks&&) noexcept;

  // Instruments are dense from 1; both limits inclusive, 1..kMaxPriceTicks by default.
  void add_instrument(InstrumentId instrument);
  void set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high);

  // Matches against the other side best price first, first in first out, at the resting price; then rests or
  // drops what is left. Price limits bound both an order's own price and how far a market order walks.
  template <typename Listener>
  Submitted submit(const Incoming& incoming, Listener& listener);

  // Puts an order into the book behind its price without matching: for snapshots and for phases in which
  // nothing matches. False when the key is live or the books are full.
  [[nodiscard]] bool rest(const Incoming& incoming);

  // The live order of that key, or null.
  [[nodiscard]] const Order* find(OrderKey key) const;
  // Takes the order out; the copy is what it was. False when it does not live.
  bool cancel(OrderKey key, Order* removed = nullptr);
  // Lowers the remaining quantity and keeps the priority; new_remaining in 1..remaining. False when not.
  [[nodiscard]] bool reduce(OrderKey key, QuantityLots new_remaining);
  // Gives the live order a new key (a replace that keeps priority). False when `from` does not live or `to` does.
  [[nodiscard]] bool rename(OrderKey from, OrderKey to, OrderReference new_reference);

  [[nodiscard]] bool best(InstrumentId instrument, Side side, Level& level) const;
  // Levels from the best outward, at most `max_levels`, appended to `into`.
  void levels(InstrumentId instrument, Side side, std::size_t max_levels, std::vector<Level>& into) const;
  // Calls visit(const Order&) in price-time order from the best outward.
  template <typename Visitor>
  void for_each_order(InstrumentId instrument, Side side, Visitor&& visit) const;
  // Keys of all live orders of one owner (key >> 32), oldest first, appended to `into`.
  void keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const;
  // The first order in the queue of the best level; null when the side is empty.
  [[nodiscard]] const Order* front(InstrumentId instrument, Side side) const;

  [[nodiscard]] std::uint32_t live_orders() const;
  // Bytes held by pools and index, for the figures in the documentation.
  [[nodiscard]] std::size_t memory_bytes() const;
};

}  // namespace okiagari::market

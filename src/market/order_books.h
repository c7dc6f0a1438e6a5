// All order books of a venue: price-time priority matching over shared pools. What belongs here:
// orders, levels, priority, matching, self-trade prevention, price limits. What does not: members,
// funds, sessions, phases, time; those are the venue's. No I/O, clock, thread or randomness;
// nothing is allocated once the pools have grown to the number of live orders.
//
// One order pool and one index (key -> order) serve every instrument, so memory follows the number
// of live orders, not the number of instruments or the width of prices. A side of a book is a radix
// tree over the price with a bitmap in each node. docs/market.md has costs and bounds.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "base/types.h"
#include "market/order.h"
#include "market/owners_orders.h"
#include "market/price_tree.h"
#include "market/slot_pool.h"

namespace okiagari::market {

// The contract of the Listener passed to submit(); it may look at the books, not change them:
//   void on_fill(const Order& maker, QuantityLots quantity);   before maker.remaining is reduced;
//                                                              the price is maker.price
//   void on_self_trade_cancel(const Order& resting);           before the resting order is taken
//                                                              out
//   OrderReference on_replenish(const Order& maker, QuantityLots shown);
// of an iceberg whose displayed part is used up, before the next `shown` lots of it stand at the
// back of its queue under the reference that is returned; 0: the order is taken out instead. Who
// has no such function meets no icebergs.
class OrderBooks {
 public:
  explicit OrderBooks(const Limits& limits);
  ~OrderBooks();
  OrderBooks(OrderBooks&&) noexcept;
  OrderBooks& operator=(OrderBooks&&) noexcept;

  // Instruments are dense from 1; both limits inclusive, 1..kMaxPriceTicks by default. Orders that
  // rest outside new limits stay, and trade at their price, until they are cancelled.
  void add_instrument(InstrumentId instrument);
  // The walk over all orders goes past this one while it is empty, as if it were not there.
  void add_passed_by(InstrumentId instrument);
  void set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high);

  // Matches against the other side best price first, first in first out, at the resting price; then
  // rests or drops what is left. Price limits bound both an order's own price and how far a market
  // order walks. Reasons to refuse are looked for in this order: duplicate key, price limits,
  // post-only, fill-or-kill, books full.
  //
  // Fill-or-kill counts what it could trade with: not its own member's orders, and with
  // cancel_newest or cancel_both nothing that stands behind the first of them.
  template <typename Listener>
  Submitted submit(const Incoming& incoming, Listener& listener);

  // Puts an order into the book behind its price without matching: for snapshots and for calls. A
  // market order rests before all limits of its side (market_price()); no order may be submitted
  // while it does. Price limits are not looked at. False when the key is live or the books are
  // full.
  [[nodiscard]] bool rest(const Incoming& incoming);

  // Hints that this key will be asked for, entered or taken out some commands from now; they change
  // nothing. Each fetches what the next one reads, so they are given in turn with some work
  // between: first the key's place in the index, then the order, then what stands around it.
  void prefetch_place(OrderKey key) const { owners_.prefetch(key); }
  void prefetch_order(OrderKey key) const;
  void prefetch_neighbours(OrderKey key) const;
  // The same for an order that is going to be entered: first the level of its price, then the last
  // order there.
  void prefetch_level(InstrumentId instrument, Side side, PriceTicks price) const;
  void prefetch_tail(InstrumentId instrument, Side side, PriceTicks price) const;

  // The live order of that key, or null.
  [[nodiscard]] const Order* find(OrderKey key) const;
  // Takes the order out; the copy is what it was. False when it does not live.
  bool cancel(OrderKey key, Order* removed = nullptr);
  // Lowers what is open and keeps the priority; new_open in 1..open_lots(). Of an iceberg the
  // hidden part goes first. False when not.
  [[nodiscard]] bool reduce(OrderKey key, QuantityLots new_open);
  // What a live order gets of an auction: lowers what is open, takes out an order of which nothing
  // is left. `lots` in 1..open_lots(). An iceberg takes part as a whole; when its displayed part is
  // used up the listener's on_replenish() is called as in submit(). Others are not touched.
  template <typename Listener>
  void execute(const Order& order, QuantityLots lots, Listener& listener);
  // All that is open of a live order, or of a copy of one that still lives.
  [[nodiscard]] QuantityLots open_lots(const Order& order) const {
    return order.remaining + reserve(order).hidden;
  }
  // Nothing, of an order that is no iceberg.
  [[nodiscard]] Reserve reserve(const Order& order) const;
  // Makes a live order an iceberg of which this much is displayed, for snapshots. False when it
  // does not live or is one already, when more is displayed than the peak or nothing is one.
  [[nodiscard]] bool set_reserve(OrderKey key, const Reserve& reserve);
  // Calls visit(const Order&, const Reserve&) for the icebergs of one side, in no order.
  template <typename Visitor>
  void for_each_iceberg(InstrumentId instrument, Side side, Visitor&& visit) const;
  // Gives the live order a new key of the same owner (a replace that keeps priority). False when
  // `from` does not live, `to` does, or the owner is another.
  [[nodiscard]] bool rename(OrderKey from, OrderKey to, OrderReference new_reference);

  [[nodiscard]] bool best(InstrumentId instrument, Side side, Level& level) const;
  // Whether an order rests at that price.
  [[nodiscard]] bool has_level(InstrumentId instrument, Side side, PriceTicks price) const {
    const LevelId level =
        tree_.find(side_of(book(instrument), side), static_cast<Rank>(price) ^ rank_mask(side));
    return level != 0 && tree_.queue(level).head != kNoOrder;
  }
  // Levels from the best outward, at most `max_levels`, appended to `into`.
  void levels(InstrumentId instrument, Side side, std::size_t max_levels,
              std::vector<Level>& into) const;
  // Calls visit(const Level&) for each level from the best outward until it returns false.
  template <typename Visitor>
  void for_each_level_while(InstrumentId instrument, Side side, Visitor&& visit) const {
    LevelId level = side_of(book(instrument), side).best;
    while (level != 0 && visit(view(level))) level = tree_.next(level);
  }
  // Calls visit(const Order&) for the first in the queue of each level from the best outward until
  // it returns false.
  template <typename Visitor>
  void for_each_front_while(InstrumentId instrument, Side side, Visitor&& visit) const {
    LevelId level = side_of(book(instrument), side).best;
    while (level != 0 && visit(orders_[tree_.queue(level).head])) level = tree_.next(level);
  }
  // What an order of that member would trade with on `side`, up to a price, as matching would take
  // it: calls visit(PriceTicks, std::uint64_t lots) in turn until it returns false.
  template <typename Visitor>
  void for_each_match(InstrumentId instrument, Side side, PriceTicks worst, MemberId member,
                      SelfTradePrevention self_trade, Visitor&& visit) const;
  // All that is open at the best price, hidden parts too; 0 when the side is empty.
  [[nodiscard]] std::uint64_t open_at_best(InstrumentId instrument, Side side) const;
  // Calls visit(const Order&) in price-time order from the best outward. A visitor that returns
  // bool is called until it returns false.
  template <typename Visitor>
  void for_each_order(InstrumentId instrument, Side side, Visitor&& visit) const;
  // Goes on with a walk over all live orders, for work that must stay small at a time: instrument
  // by instrument, first its buys and then its sells, each from the best outward, and then from the
  // beginning again. Calls visit(const Order&) for the next ones, for none twice. Orders come and
  // go meanwhile; those that stay are all met.
  template <typename Visitor>
  void walk_on(std::uint32_t orders_max, Visitor&& visit);
  // Where it goes on. Whose books have the same orders and the same place walks the same way.
  struct WalkPlace {
    OrderKey key = 0;  // of the order that comes next; 0: the first of that side, if there is one
    InstrumentId instrument = 1;
    Side side = Side::buy;
    bool operator==(const WalkPlace&) const = default;
  };
  [[nodiscard]] WalkPlace walk_place() const;
  // False when there is no such place.
  [[nodiscard]] bool set_walk_place(const WalkPlace& place);
  // Calls visit(const Order&) for the orders of that side behind a place in price-time order, until
  // it returns false. One after another, place after place, they are all visited once, whatever
  // comes and goes between; what stood at the place may be gone.
  template <typename Visitor>
  void for_each_order_behind(const QueuePlace& place, InstrumentId instrument, Side side,
                             Visitor&& visit) const;
  // Keys of all live orders of one owner (key >> 32), oldest first, appended to `into`. Not for two
  // threads at a time.
  void keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const;
  // All live orders in order of entry, appended to `into`: rest() them in this order in other books
  // and every queue and keys_of_owner() is the same. Slow, for snapshots.
  void orders_by_entry(std::vector<const Order*>& into) const;
  // The first order in the queue of the best level; null when the side is empty.
  [[nodiscard]] const Order* front(InstrumentId instrument, Side side) const;

  [[nodiscard]] std::uint32_t live_orders() const { return orders_.taken(); }
  // Live orders that their owners' windows no longer hold (owners_orders.h).
  [[nodiscard]] std::uint32_t old_orders() const { return owners_.old_orders(); }
  // Bytes held by pools and index, for the figures in the documentation.
  [[nodiscard]] std::size_t memory_bytes() const;
  // Recomputes what can be derived (index, windows, queues, sums, bitmaps) and compares; the
  // error says what differs. Slow, for verification and tests.
  [[nodiscard]] base::Status check_invariants() const;

 private:
  static constexpr std::uint64_t kEntryMask = (std::uint64_t{1} << 48) - 1;

  struct Book {
    std::array<PriceSide, 2> sides;
    PriceTicks low = 0;  // 0: there is no such instrument
    PriceTicks high = 0;
    bool is_passed_by = false;

    [[nodiscard]] bool is_empty() const { return sides[0].best == 0 && sides[1].best == 0; }
  };

  [[nodiscard]] Book& book(InstrumentId instrument) {
    ASSERT(instrument < books_.size() && books_[instrument].low != 0, "no instrument {}",
           instrument);
    return books_[instrument];
  }
  [[nodiscard]] const Book& book(InstrumentId instrument) const {
    return const_cast<OrderBooks*>(this)->book(instrument);
  }
  [[nodiscard]] static PriceSide& side_of(Book& book, Side side) {
    return book.sides[static_cast<std::size_t>(side)];
  }
  [[nodiscard]] static const PriceSide& side_of(const Book& book, Side side) {
    return book.sides[static_cast<std::size_t>(side)];
  }
  [[nodiscard]] static bool may_rest(const Incoming& incoming) {
    return incoming.type == PriceType::limit && is_lasting(incoming.time_in_force);
  }

  [[nodiscard]] SubmitResult reason_to_refuse(const Incoming& incoming, const Book& book,
                                              Rank bound) const;
  [[nodiscard]] bool can_fill(const Incoming& incoming, const PriceSide& makers, Rank bound) const;
  // What there is of an iceberg beside its order.
  struct Hidden {
    Reserve reserve;
    std::uint32_t previous = kNoOrder;  // of its instrument's icebergs of that side
    std::uint32_t next = kNoOrder;
  };
  [[nodiscard]] std::uint32_t& first_iceberg(InstrumentId instrument, Side side) {
    return icebergs_[instrument][static_cast<std::size_t>(side)];
  }
  [[nodiscard]] std::uint32_t first_iceberg(InstrumentId instrument, Side side) const {
    return icebergs_[instrument][static_cast<std::size_t>(side)];
  }
  [[nodiscard]] Hidden& hidden_of(std::uint32_t slot) {
    return static_cast<Hidden*>(hidden_.begin())[slot];
  }
  [[nodiscard]] const Hidden& hidden_of(std::uint32_t slot) const {
    return static_cast<const Hidden*>(hidden_.begin())[slot];
  }
  void begin_iceberg(std::uint32_t slot, const Reserve& reserve);
  void end_iceberg(std::uint32_t slot);
  // The order has no displayed lots left and stands wherever it stood.
  template <typename Listener>
  void replenish(std::uint32_t slot, Listener& listener);
  void to_back(std::uint32_t slot);
  template <typename Listener>
  void match(const Incoming& incoming, PriceSide& makers, Rank bound, Submitted& submitted,
             Listener& listener);

  void put_in(const Incoming& incoming, Book& book, QuantityLots quantity, std::uint64_t entry);
  void take_out(std::uint32_t slot);
  // The same for the first in the queue of the side's best level.
  void take_out_first(PriceSide& side, std::uint32_t slot);
  [[nodiscard]] Level view(LevelId level) const;
  // Behind it on its side; kNoOrder at the end.
  [[nodiscard]] std::uint32_t behind(const Order& order) const {
    if (order.next != kNoOrder) return order.next;
    const LevelId level = tree_.next(order.level);
    return level == 0 ? kNoOrder : tree_.queue(level).head;
  }
  // The walk leaves the order at which it would go on.
  void walk_past(const Order& order);
  void walk_to_next_side();
  // The first order behind a place; kNoOrder when there is none.
  [[nodiscard]] std::uint32_t first_behind(const QueuePlace& place, const PriceSide& orders,
                                           Side side) const;

  [[nodiscard]] base::Status check_side(InstrumentId instrument, Side side,
                                        std::uint32_t& orders_seen) const;
  [[nodiscard]] base::Status check_queue(InstrumentId instrument, Side side, LevelId level,
                                         std::uint32_t& orders_seen) const;
  [[nodiscard]] base::Status check_icebergs(InstrumentId instrument, Side side) const;

  Limits limits_;
  std::uint64_t last_entry_ = 0;
  // Of the walk: the order that comes next or, without one, the side that begins.
  std::uint32_t walk_slot_ = kNoOrder;
  InstrumentId walk_instrument_ = 1;
  Side walk_side_ = Side::buy;
  OrderPool orders_;
  OwnersOrders owners_;
  PriceTree tree_;
  std::vector<Book> books_;  // by instrument
  // By slot. Apart from the orders, so that those that hide nothing never touch it; its pages come
  // when an iceberg first lies there.
  ZeroedMemory hidden_;
  std::vector<std::array<std::uint32_t, 2>> icebergs_;  // by instrument: the first of each side
  mutable std::vector<std::pair<std::uint64_t, std::uint32_t>>
      found_;  // scratch of keys_of_owner()
};

inline void OrderBooks::prefetch_order(OrderKey key) const {
  const std::uint32_t slot = owners_.probable_slot(key);
  if (slot != kNoOrder) __builtin_prefetch(&orders_[slot], 1);
}

inline void OrderBooks::prefetch_neighbours(OrderKey key) const {
  const std::uint32_t slot = owners_.probable_slot(key);
  if (slot == kNoOrder) return;
  const Order& order = orders_[slot];
  __builtin_prefetch(&orders_[order.previous], 1);
  __builtin_prefetch(&orders_[order.next], 1);
  __builtin_prefetch(&orders_[order.owner_previous], 1);
  __builtin_prefetch(&orders_[order.owner_next], 1);
  tree_.prefetch(order.level);
}

inline void OrderBooks::prefetch_level(InstrumentId instrument, Side side, PriceTicks price) const {
  const Rank rank = static_cast<Rank>(price) ^ rank_mask(side);
  tree_.prefetch(tree_.find(side_of(book(instrument), side), rank));
}

inline void OrderBooks::prefetch_tail(InstrumentId instrument, Side side, PriceTicks price) const {
  const Rank rank = static_cast<Rank>(price) ^ rank_mask(side);
  const LevelId level = tree_.find(side_of(book(instrument), side), rank);
  __builtin_prefetch(&orders_[tree_.queue(level).tail], 1);
}

inline SubmitResult OrderBooks::reason_to_refuse(const Incoming& incoming, const Book& book,
                                                 Rank bound) const {
  if (owners_.find(incoming.key, orders_) != kNoOrder) return SubmitResult::duplicate_key;
  const bool is_limit = incoming.type == PriceType::limit;
  if (is_limit && (incoming.price < book.low || incoming.price > book.high)) {
    return SubmitResult::price_out_of_limits;
  }
  const PriceSide& makers = side_of(book, opposite(incoming.side));
  const bool meets_makers = makers.best_rank <= bound;
  if (incoming.post_only && meets_makers) return SubmitResult::would_trade;
  if (incoming.time_in_force == TimeInForce::fill_or_kill && !can_fill(incoming, makers, bound)) {
    return SubmitResult::cannot_fill;
  }
  // One that meets makers and still has a rest has taken the first of them out, which makes room.
  const bool is_full = live_orders() == limits_.max_live_orders;
  if (is_full && !meets_makers && may_rest(incoming)) return SubmitResult::books_full;
  return SubmitResult::done;
}

// Here and below, slot 0 takes the writes that would go to a neighbour that is not there.
inline void OrderBooks::put_in(const Incoming& incoming, Book& book, QuantityLots quantity,
                               std::uint64_t entry) {
  ASSERT((1 <= incoming.price && incoming.price <= kMaxPriceTicks) ||
             incoming.price == market_price(incoming.side),
         "price {}", incoming.price);
  PriceSide& side = side_of(book, incoming.side);
  const Rank rank = static_cast<Rank>(incoming.price) ^ rank_mask(incoming.side);
  const LevelId level = tree_.reach(side, rank);
  const std::uint32_t slot = orders_.take();
  Queue& queue = tree_.queue(level);
  const std::uint32_t previous = queue.tail;
  const bool is_iceberg = incoming.display != 0;
  const QuantityLots shown = is_iceberg ? std::min(incoming.display, quantity) : quantity;
  orders_[slot] = Order{.key = incoming.key,
                        .reference = incoming.reference,
                        .entry = entry & kEntryMask,
                        .member = incoming.member,
                        .price = incoming.price,
                        .remaining = shown,
                        .executed = incoming.executed + (incoming.quantity - quantity),
                        .account = incoming.account & kMaxAccount,
                        .side = incoming.side,
                        .time_in_force = incoming.time_in_force,
                        .self_trade = incoming.self_trade,
                        .is_iceberg = is_iceberg,
                        .instrument = incoming.instrument,
                        .last_day = incoming.last_day,
                        .previous = previous,
                        .next = kNoOrder,
                        .owner_previous = kNoOrder,
                        .owner_next = kNoOrder,
                        .level = level};
  orders_[previous].next = slot;
  queue.tail = slot;
  queue.quantity_lots += shown;
  if (previous == kNoOrder) {
    queue.head = slot;
    tree_.occupy(side, level, rank);
  }
  owners_.insert(slot, orders_);
  if (is_iceberg) [[unlikely]] {
    begin_iceberg(slot, {.peak = incoming.display, .hidden = quantity - shown});
  }
}

inline void OrderBooks::take_out_first(PriceSide& side, std::uint32_t slot) {
  Order& order = orders_[slot];
  if (slot == walk_slot_) [[unlikely]] {
    walk_past(order);
  }
  Queue& queue = tree_.queue(side.best);
  owners_.erase(order.key, slot, orders_);
  const std::uint32_t next = order.next;
  queue.head = next;
  queue.quantity_lots -= order.remaining;
  orders_[next].previous = kNoOrder;
  if (next == kNoOrder) {
    queue.tail = kNoOrder;
    tree_.vacate(side, side.best);
  }
  if (order.is_iceberg != 0) [[unlikely]] {
    end_iceberg(slot);
  }
  order.instrument = 0;  // a slot without an order
  orders_.give_back(slot);
}

inline Reserve OrderBooks::reserve(const Order& order) const {
  if (order.is_iceberg == 0) [[likely]] {
    return {};
  }
  return hidden_of(owners_.find(order.key, orders_)).reserve;
}

template <typename Listener>
Submitted OrderBooks::submit(const Incoming& incoming, Listener& listener) {
  ASSERT(incoming.quantity != 0, "order {:#x} of no quantity", incoming.key);
  Book& book = this->book(incoming.instrument);
  const Side other = opposite(incoming.side);
  const bool is_buy = incoming.side == Side::buy;
  const PriceTicks price = incoming.type == PriceType::limit ? incoming.price
                           : is_buy                          ? book.high
                                                             : book.low;
  // The worst rank of the other side that it trades with.
  const Rank bound = static_cast<Rank>(price) ^ rank_mask(other);

  const SubmitResult refusal = reason_to_refuse(incoming, book, bound);
  if (refusal != SubmitResult::done) [[unlikely]] {
    return Submitted{.result = refusal};
  }
  Submitted submitted{.result = SubmitResult::done};
  // Before those of icebergs that it makes show more: entries rise as references do.
  const std::uint64_t entry = ++last_entry_;
  PriceSide& makers = side_of(book, other);
  if (makers.best_rank <= bound) match(incoming, makers, bound, submitted, listener);

  const QuantityLots left = incoming.quantity - submitted.filled;
  if (left != 0) {
    if (may_rest(incoming) && !submitted.dropped_by_self_trade_prevention) {
      put_in(incoming, book, left, entry);
      submitted.resting = left;
    } else {
      submitted.dropped = left;
    }
  }
  return submitted;
}

template <typename Listener>
void OrderBooks::match(const Incoming& incoming, PriceSide& makers, Rank bound,
                       Submitted& submitted, Listener& listener) {
  QuantityLots left = incoming.quantity;
  while (left != 0 && makers.best_rank <= bound) {
    Queue& queue = tree_.queue(makers.best);
    const std::uint32_t slot = queue.head;
    Order& maker = orders_[slot];
    __builtin_prefetch(&orders_[maker.next]);
    if (maker.member == incoming.member && incoming.self_trade != SelfTradePrevention::none)
        [[unlikely]] {
      const bool drops_incoming = incoming.self_trade != SelfTradePrevention::cancel_oldest;
      if (incoming.self_trade != SelfTradePrevention::cancel_newest) {
        listener.on_self_trade_cancel(maker);
        take_out_first(makers, slot);
      }
      submitted.dropped_by_self_trade_prevention = drops_incoming;
      if (drops_incoming) break;
      continue;
    }
    const QuantityLots quantity = left < maker.remaining ? left : maker.remaining;
    listener.on_fill(maker, quantity);
    left -= quantity;
    if (quantity == maker.remaining) {
      if (maker.is_iceberg != 0) [[unlikely]] {
        maker.remaining = 0;
        maker.executed += quantity;
        queue.quantity_lots -= quantity;
        replenish(slot, listener);
      } else {
        take_out_first(makers, slot);
      }
    } else {
      maker.remaining -= quantity;
      maker.executed += quantity;
      queue.quantity_lots -= quantity;
    }
  }
  submitted.filled = incoming.quantity - left;
}

template <typename Listener>
void OrderBooks::replenish(std::uint32_t slot, Listener& listener) {
  Order& order = orders_[slot];
  Reserve& reserve = hidden_of(slot).reserve;
  const QuantityLots shown = std::min(reserve.peak, reserve.hidden);
  if (shown == 0) return take_out(slot);
  OrderReference reference = 0;
  if constexpr (requires { listener.on_replenish(order, shown); }) {
    reference = listener.on_replenish(order, shown);
  } else {
    ASSERT(false, "iceberg {:#x} meets somebody who knows none", order.key);
  }
  if (reference == 0) return take_out(slot);
  reserve.hidden -= shown;
  order.remaining = shown;
  order.reference = reference;
  tree_.queue(order.level).quantity_lots += shown;
  to_back(slot);
}

template <typename Listener>
void OrderBooks::execute(const Order& order, QuantityLots lots, Listener& listener) {
  const auto slot = static_cast<std::uint32_t>(&order - &orders_[0]);
  ASSERT(1 <= lots && lots <= open_lots(order), "{} lots of {}", lots, open_lots(order));
  if (lots == open_lots(order)) return take_out(slot);
  Order& executed = orders_[slot];
  const QuantityLots displayed = std::min(lots, executed.remaining);
  executed.remaining -= displayed;
  executed.executed += lots;
  tree_.queue(executed.level).quantity_lots -= displayed;
  if (executed.remaining > 0) return;
  hidden_of(slot).reserve.hidden -= lots - displayed;
  replenish(slot, listener);
}

template <typename Visitor>
void OrderBooks::for_each_iceberg(InstrumentId instrument, Side side, Visitor&& visit) const {
  for (std::uint32_t slot = first_iceberg(instrument, side); slot != kNoOrder;
       slot = hidden_of(slot).next) {
    visit(orders_[slot], hidden_of(slot).reserve);
  }
}

// Hidden parts of a price stand behind all that is displayed there. So whoever stops at an own
// order comes to none of them.
template <typename Visitor>
void OrderBooks::for_each_match(InstrumentId instrument, Side side, PriceTicks worst,
                                MemberId member, SelfTradePrevention self_trade,
                                Visitor&& visit) const {
  const Rank bound = static_cast<Rank>(worst) ^ rank_mask(side);
  for (LevelId level = side_of(book(instrument), side).best;
       level != 0 && tree_.rank(level) <= bound; level = tree_.next(level)) {
    std::uint64_t hidden = 0;
    PriceTicks price = 0;
    for (std::uint32_t slot = tree_.queue(level).head; slot != kNoOrder;
         slot = orders_[slot].next) {
      const Order& maker = orders_[slot];
      price = maker.price;
      if (maker.member == member && self_trade != SelfTradePrevention::none) {
        if (self_trade != SelfTradePrevention::cancel_oldest) return;
        continue;
      }
      if (!visit(price, std::uint64_t{maker.remaining})) return;
      if (maker.is_iceberg != 0) hidden += hidden_of(slot).reserve.hidden;
    }
    if (hidden > 0 && !visit(price, hidden)) return;
  }
}

template <typename Visitor>
void OrderBooks::for_each_order(InstrumentId instrument, Side side, Visitor&& visit) const {
  for (LevelId level = side_of(book(instrument), side).best; level != 0;
       level = tree_.next(level)) {
    for (std::uint32_t slot = tree_.queue(level).head; slot != kNoOrder;
         slot = orders_[slot].next) {
      if constexpr (std::is_same_v<decltype(visit(orders_[slot])), bool>) {
        if (!visit(orders_[slot])) return;
      } else {
        visit(orders_[slot]);
      }
    }
  }
}

template <typename Visitor>
void OrderBooks::walk_on(std::uint32_t orders_max, Visitor&& visit) {
  std::uint32_t left = std::min(orders_max, live_orders());
  while (left > 0) {
    if (walk_slot_ == kNoOrder) {
      const bool is_there = walk_instrument_ < books_.size();
      const LevelId best = is_there ? side_of(books_[walk_instrument_], walk_side_).best : 0;
      if (best == 0) {
        walk_to_next_side();
        continue;
      }
      walk_slot_ = tree_.queue(best).head;
    }
    const Order& order = orders_[walk_slot_];
    visit(order);
    --left;
    walk_past(order);
  }
}

template <typename Visitor>
void OrderBooks::for_each_order_behind(const QueuePlace& place, InstrumentId instrument, Side side,
                                       Visitor&& visit) const {
  std::uint32_t slot = first_behind(place, side_of(book(instrument), side), side);
  while (slot != kNoOrder) {
    const Order& order = orders_[slot];
    if (!visit(order)) return;
    slot = order.next;
    if (slot != kNoOrder) continue;
    const LevelId level = tree_.next(order.level);
    if (level != 0) slot = tree_.queue(level).head;
  }
}

}  // namespace okiagari::market

#include "market/order_books.h"

#include <algorithm>
#include <utility>

namespace okiagari::market {

OrderBooks::OrderBooks(const Limits& limits)
    : limits_(limits),
      orders_(limits.max_live_orders),
      tree_(limits.max_live_orders, 2u * limits.max_instruments) {}
OrderBooks::~OrderBooks() = default;
OrderBooks::OrderBooks(OrderBooks&&) noexcept = default;
OrderBooks& OrderBooks::operator=(OrderBooks&&) noexcept = default;

void OrderBooks::add_instrument(InstrumentId instrument) {
  ASSERT(instrument >= 1 && instrument <= limits_.max_instruments, "instrument {} of {}",
         instrument, limits_.max_instruments);
  if (instrument >= books_.size()) {
    books_.resize(instrument + std::size_t{1});
    icebergs_.resize(books_.size(), {kNoOrder, kNoOrder});
  }
  ASSERT(books_[instrument].low == 0, "instrument {} is there already", instrument);
  books_[instrument].low = 1;
  books_[instrument].high = kMaxPriceTicks;
}

void OrderBooks::add_passed_by(InstrumentId instrument) {
  add_instrument(instrument);
  books_[instrument].is_passed_by = true;
}

void OrderBooks::set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high) {
  ASSERT(1 <= low && low <= high && high <= kMaxPriceTicks, "price limits {} to {}", low, high);
  book(instrument).low = low;
  book(instrument).high = high;
}

bool OrderBooks::can_fill(const Incoming& incoming, const PriceSide& makers, Rank bound) const {
  std::uint64_t reachable_lots = 0;
  LevelId level = makers.best;
  while (level != 0 && reachable_lots < incoming.quantity && tree_.rank(level) <= bound) {
    reachable_lots += tree_.queue(level).quantity_lots;
    level = tree_.next(level);
  }
  const bool is_enough = reachable_lots >= incoming.quantity;
  // Only who has enough in the levels, or may find it hidden, is worth a walk over orders.
  if (incoming.self_trade == SelfTradePrevention::none && is_enough) return true;
  const Side side = opposite(incoming.side);
  if (!is_enough && first_iceberg(incoming.instrument, side) == kNoOrder) return false;
  std::uint64_t needed = incoming.quantity;
  for_each_match(incoming.instrument, side, static_cast<PriceTicks>(bound ^ rank_mask(side)),
                 incoming.member, incoming.self_trade,
                 [&](PriceTicks /*price*/, std::uint64_t lots) {
                   needed -= std::min(needed, lots);
                   return needed > 0;
                 });
  return needed == 0;
}

bool OrderBooks::rest(const Incoming& incoming) {
  ASSERT(incoming.quantity != 0 && may_wait(incoming.time_in_force), "order {:#x} cannot rest",
         incoming.key);
  if (owners_.find(incoming.key, orders_) != kNoOrder) return false;
  if (live_orders() == limits_.max_live_orders) return false;
  Incoming resting = incoming;
  if (incoming.type == PriceType::market) resting.price = market_price(incoming.side);
  put_in(resting, book(incoming.instrument), incoming.quantity, ++last_entry_);
  return true;
}

void OrderBooks::walk_to_next_side() {
  if (walk_side_ == Side::buy) {
    walk_side_ = Side::sell;
    return;
  }
  walk_side_ = Side::buy;
  std::size_t next = walk_instrument_;
  do {
    next = next + 1 < books_.size() ? next + 1 : 1;
  } while (next != 1 && books_[next].is_passed_by && books_[next].is_empty());
  walk_instrument_ = static_cast<InstrumentId>(next);
}

void OrderBooks::walk_past(const Order& order) {
  walk_slot_ = behind(order);
  walk_instrument_ = order.instrument;
  walk_side_ = order.side;
  if (walk_slot_ == kNoOrder) walk_to_next_side();
}

OrderBooks::WalkPlace OrderBooks::walk_place() const {
  return {.key = walk_slot_ == kNoOrder ? 0 : orders_[walk_slot_].key,
          .instrument = walk_instrument_,
          .side = walk_side_};
}

bool OrderBooks::set_walk_place(const WalkPlace& place) {
  const bool is_beginning = place == WalkPlace{};
  if (!is_beginning && (place.instrument >= books_.size() || books_[place.instrument].low == 0)) {
    return false;
  }
  const std::uint32_t slot = place.key == 0 ? kNoOrder : owners_.find(place.key, orders_);
  if (place.key != 0) {
    if (slot == kNoOrder) return false;
    if (orders_[slot].instrument != place.instrument || orders_[slot].side != place.side) {
      return false;
    }
  }
  walk_slot_ = slot;
  walk_instrument_ = place.instrument;
  walk_side_ = place.side;
  return true;
}

void OrderBooks::take_out(std::uint32_t slot) {
  Order& order = orders_[slot];
  if (slot == walk_slot_) [[unlikely]] {
    walk_past(order);
  }
  const std::uint32_t previous = order.previous;
  const std::uint32_t next = order.next;
  const LevelId level = order.level;
  Queue& queue = tree_.queue(level);
  owners_.erase(order.key, slot, orders_);

  orders_[previous].next = next;
  orders_[next].previous = previous;
  if (previous == kNoOrder) queue.head = next;
  if (next == kNoOrder) queue.tail = previous;
  queue.quantity_lots -= order.remaining;

  if (queue.head == kNoOrder) {
    tree_.vacate(side_of(books_[order.instrument], order.side), level);
  }
  if (order.is_iceberg != 0) end_iceberg(slot);
  order.instrument = 0;  // a slot without an order
  orders_.give_back(slot);
}

const Order* OrderBooks::find(OrderKey key) const {
  const std::uint32_t slot = owners_.find(key, orders_);
  return slot == kNoOrder ? nullptr : &orders_[slot];
}

bool OrderBooks::cancel(OrderKey key, Order* removed) {
  const std::uint32_t slot = owners_.find(key, orders_);
  if (slot == kNoOrder) return false;
  if (removed != nullptr) *removed = orders_[slot];
  take_out(slot);
  return true;
}

bool OrderBooks::reduce(OrderKey key, QuantityLots new_open) {
  const std::uint32_t slot = owners_.find(key, orders_);
  if (slot == kNoOrder) return false;
  Order& order = orders_[slot];
  QuantityLots open = order.remaining;
  if (order.is_iceberg != 0) open += hidden_of(slot).reserve.hidden;
  if (new_open < 1 || new_open > open) return false;
  const QuantityLots shown = std::min(order.remaining, new_open);
  if (order.is_iceberg != 0) hidden_of(slot).reserve.hidden = new_open - shown;
  tree_.queue(order.level).quantity_lots -= order.remaining - shown;
  order.remaining = shown;
  return true;
}

// The memory comes with the first one: most books never see any, and some are made for a moment.
void OrderBooks::begin_iceberg(std::uint32_t slot, const Reserve& reserve) {
  if (hidden_.size_bytes() == 0) {
    hidden_ = ZeroedMemory((std::size_t{limits_.max_live_orders} + 1) * sizeof(Hidden));
  }
  std::uint32_t& first = first_iceberg(orders_[slot].instrument, orders_[slot].side);
  hidden_of(slot) = {.reserve = reserve, .previous = kNoOrder, .next = first};
  hidden_of(first).previous = slot;
  first = slot;
}

void OrderBooks::end_iceberg(std::uint32_t slot) {
  const Hidden& hidden = hidden_of(slot);
  hidden_of(hidden.next).previous = hidden.previous;
  hidden_of(hidden.previous).next = hidden.next;
  if (hidden.previous == kNoOrder) {
    first_iceberg(orders_[slot].instrument, orders_[slot].side) = hidden.next;
  }
}

bool OrderBooks::set_reserve(OrderKey key, const Reserve& reserve) {
  const std::uint32_t slot = owners_.find(key, orders_);
  if (slot == kNoOrder || orders_[slot].is_iceberg != 0) return false;
  if (reserve.peak == 0 || orders_[slot].remaining > reserve.peak) return false;
  orders_[slot].is_iceberg = 1;
  begin_iceberg(slot, reserve);
  return true;
}

// A walk that stands at the order goes on with what was behind it, and comes to it at its new
// place.
void OrderBooks::to_back(std::uint32_t slot) {
  Order& order = orders_[slot];
  order.entry = ++last_entry_ & kEntryMask;
  if (order.next == kNoOrder) return;
  if (slot == walk_slot_) walk_past(order);
  Queue& queue = tree_.queue(order.level);
  orders_[order.previous].next = order.next;
  orders_[order.next].previous = order.previous;
  if (order.previous == kNoOrder) queue.head = order.next;
  orders_[queue.tail].next = slot;
  order.previous = queue.tail;
  order.next = kNoOrder;
  queue.tail = slot;
}

std::uint64_t OrderBooks::open_at_best(InstrumentId instrument, Side side) const {
  const LevelId level = side_of(book(instrument), side).best;
  if (level == 0) return 0;
  std::uint64_t lots = tree_.queue(level).quantity_lots;
  if (first_iceberg(instrument, side) == kNoOrder) return lots;
  for (std::uint32_t slot = tree_.queue(level).head; slot != kNoOrder; slot = orders_[slot].next) {
    if (orders_[slot].is_iceberg != 0) lots += hidden_of(slot).reserve.hidden;
  }
  return lots;
}

bool OrderBooks::rename(OrderKey from, OrderKey to, OrderReference new_reference) {
  if (owner_of(from) != owner_of(to)) return false;
  const std::uint32_t slot = owners_.find(from, orders_);
  if (slot == kNoOrder || owners_.find(to, orders_) != kNoOrder) return false;
  owners_.erase(from, slot, orders_);
  orders_[slot].key = to;
  orders_[slot].reference = new_reference;
  owners_.insert(slot, orders_);
  return true;
}

bool OrderBooks::best(InstrumentId instrument, Side side, Level& level) const {
  const LevelId best = side_of(book(instrument), side).best;
  if (best == 0) return false;
  level = view(best);
  return true;
}

Level OrderBooks::view(LevelId level) const {
  const Queue& queue = tree_.queue(level);
  return {.price = orders_[queue.head].price, .quantity = queue.quantity_lots};
}

void OrderBooks::levels(InstrumentId instrument, Side side, std::size_t max_levels,
                        std::vector<Level>& into) const {
  LevelId level = side_of(book(instrument), side).best;
  for (std::size_t i = 0; i < max_levels && level != 0; ++i, level = tree_.next(level)) {
    into.push_back(view(level));
  }
}

void OrderBooks::keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const {
  found_.clear();
  owners_.for_each(owner, orders_,
                   [this](std::uint32_t slot) { found_.emplace_back(orders_[slot].entry, slot); });
  std::sort(found_.begin(), found_.end());
  for (const auto& [entry, slot] : found_) into.push_back(orders_[slot].key);
}

void OrderBooks::orders_by_entry(std::vector<const Order*>& into) const {
  // Entries beside the pointers: a sort that had to look at the orders would be mostly waiting.
  std::vector<std::pair<std::uint64_t, const Order*>> entries;
  entries.reserve(live_orders());
  for (std::uint32_t slot = 1; slot <= orders_.highest(); ++slot) {
    if (orders_[slot].instrument != 0) entries.emplace_back(orders_[slot].entry, &orders_[slot]);
  }
  std::sort(entries.begin(), entries.end());
  into.reserve(into.size() + entries.size());
  for (const auto& [entry, order] : entries) into.push_back(order);
}

const Order* OrderBooks::front(InstrumentId instrument, Side side) const {
  const LevelId best = side_of(book(instrument), side).best;
  return best == 0 ? nullptr : &orders_[tree_.queue(best).head];
}

// Only when the order at the place is gone is anything counted off, and then what stands before it
// at its price alone.
std::uint32_t OrderBooks::first_behind(const QueuePlace& place, const PriceSide& orders,
                                       Side side) const {
  if (place.reference == 0) return orders.best == 0 ? kNoOrder : tree_.queue(orders.best).head;
  const Rank rank = static_cast<Rank>(place.price) ^ rank_mask(side);
  LevelId level = tree_.find(orders, rank);
  std::uint32_t slot = owners_.find(place.key, orders_);
  const bool is_there = slot != kNoOrder && level != 0 && orders_[slot].level == level &&
                        orders_[slot].reference == place.reference;
  if (is_there) {
    slot = orders_[slot].next;
  } else {
    slot = level == 0 ? kNoOrder : tree_.queue(level).head;
    while (slot != kNoOrder && orders_[slot].reference <= place.reference) {
      slot = orders_[slot].next;
    }
  }
  if (slot != kNoOrder) return slot;
  if (level != 0) {
    level = tree_.next(level);
  } else {
    level = orders.best;
    while (level != 0 && tree_.rank(level) < rank) level = tree_.next(level);
  }
  return level == 0 ? kNoOrder : tree_.queue(level).head;
}

std::size_t OrderBooks::memory_bytes() const {
  return orders_.memory_bytes() + owners_.memory_bytes() + tree_.memory_bytes() +
         books_.capacity() * sizeof(Book);
}

}  // namespace okiagari::market

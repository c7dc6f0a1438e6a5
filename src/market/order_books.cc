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
  if (instrument >= books_.size()) books_.resize(instrument + std::size_t{1});
  ASSERT(books_[instrument].low == 0, "instrument {} is there already", instrument);
  books_[instrument].low = 1;
  books_[instrument].high = kMaxPriceTicks;
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
  if (reachable_lots < incoming.quantity) return false;
  // Only who has enough in the levels is worth a walk over orders.
  return incoming.self_trade == SelfTradePrevention::none ||
         can_fill_from_others(incoming, makers, bound);
}

bool OrderBooks::can_fill_from_others(const Incoming& incoming, const PriceSide& makers,
                                      Rank bound) const {
  const bool passes_own = incoming.self_trade == SelfTradePrevention::cancel_oldest;
  QuantityLots needed = incoming.quantity;
  for (LevelId level = makers.best; level != 0 && tree_.rank(level) <= bound;
       level = tree_.next(level)) {
    for (std::uint32_t slot = tree_.queue(level).head; slot != kNoOrder;
         slot = orders_[slot].next) {
      const Order& maker = orders_[slot];
      if (maker.member == incoming.member) {
        if (!passes_own) return false;
        continue;
      }
      if (maker.remaining >= needed) return true;
      needed -= maker.remaining;
    }
  }
  return false;
}

bool OrderBooks::rest(const Incoming& incoming) {
  ASSERT(incoming.quantity != 0 && may_rest(incoming), "order {:#x} cannot rest", incoming.key);
  if (index_.find(incoming.key, orders_) != kNoOrder) return false;
  if (live_orders() == limits_.max_live_orders) return false;
  put_in(incoming, book(incoming.instrument), incoming.quantity);
  return true;
}

// Here and below, slot 0 takes the writes that would go to a neighbour that is not there.
void OrderBooks::put_in(const Incoming& incoming, Book& book, QuantityLots quantity) {
  ASSERT(1 <= incoming.price && incoming.price <= kMaxPriceTicks, "price {}", incoming.price);
  PriceSide& side = side_of(book, incoming.side);
  const Rank rank = static_cast<Rank>(incoming.price) ^ rank_mask(incoming.side);
  const LevelId level = tree_.reach(side, rank);
  const std::uint32_t owner = owner_of(incoming.key);
  if (owner >= owners_.size()) [[unlikely]] {
    ASSERT(owner <= kMaxOwner, "owner {} of order {:#x}", owner, incoming.key);
    owners_.resize(owner + std::size_t{1});
  }

  const std::uint32_t slot = orders_.take();
  Queue& queue = tree_.queue(level);
  OwnersOrders& owners_orders = owners_[owner];
  orders_[slot] = Order{.key = incoming.key,
                        .reference = incoming.reference,
                        .entry = ++last_entry_ & kEntryMask,
                        .member = incoming.member,
                        .price = incoming.price,
                        .remaining = quantity,
                        .executed = incoming.executed + (incoming.quantity - quantity),
                        .account = incoming.account,
                        .instrument = incoming.instrument,
                        .side = incoming.side,
                        .time_in_force = incoming.time_in_force,
                        .self_trade = incoming.self_trade,
                        .previous = queue.tail,
                        .next = kNoOrder,
                        .owner_previous = owners_orders.last,
                        .owner_next = kNoOrder,
                        .level = level};
  index_.insert(slot, orders_);

  if (queue.head == kNoOrder) {
    queue.head = slot;
    tree_.occupy(side, level, rank);
  } else {
    orders_[queue.tail].next = slot;
  }
  queue.tail = slot;
  queue.quantity_lots += quantity;
  ++tree_.order_count(level);

  if (owners_orders.first == kNoOrder) owners_orders.first = slot;
  orders_[owners_orders.last].owner_next = slot;
  owners_orders.last = slot;
}

void OrderBooks::take_out(std::uint32_t slot) {
  Order& order = orders_[slot];
  const std::uint32_t previous = order.previous;
  const std::uint32_t next = order.next;
  const std::uint32_t owner_previous = order.owner_previous;
  const std::uint32_t owner_next = order.owner_next;
  const LevelId level = order.level;
  Queue& queue = tree_.queue(level);
  index_.erase(order.key, slot);

  orders_[previous].next = next;
  orders_[next].previous = previous;
  if (previous == kNoOrder) queue.head = next;
  if (next == kNoOrder) queue.tail = previous;
  queue.quantity_lots -= order.remaining;
  --tree_.order_count(level);

  OwnersOrders& owners_orders = owners_[owner_of(order.key)];
  orders_[owner_previous].owner_next = owner_next;
  orders_[owner_next].owner_previous = owner_previous;
  if (owner_previous == kNoOrder) owners_orders.first = owner_next;
  if (owner_next == kNoOrder) owners_orders.last = owner_previous;

  if (queue.head == kNoOrder) {
    tree_.vacate(side_of(books_[order.instrument], order.side), level);
  }
  order.instrument = 0;  // a slot without an order
  orders_.give_back(slot);
}

const Order* OrderBooks::find(OrderKey key) const {
  const std::uint32_t slot = index_.find(key, orders_);
  return slot == kNoOrder ? nullptr : &orders_[slot];
}

bool OrderBooks::cancel(OrderKey key, Order* removed) {
  const std::uint32_t slot = index_.find(key, orders_);
  if (slot == kNoOrder) return false;
  if (removed != nullptr) *removed = orders_[slot];
  take_out(slot);
  return true;
}

bool OrderBooks::reduce(OrderKey key, QuantityLots new_remaining) {
  const std::uint32_t slot = index_.find(key, orders_);
  if (slot == kNoOrder) return false;
  Order& order = orders_[slot];
  if (new_remaining < 1 || new_remaining > order.remaining) return false;
  tree_.queue(order.level).quantity_lots -= order.remaining - new_remaining;
  order.remaining = new_remaining;
  return true;
}

bool OrderBooks::rename(OrderKey from, OrderKey to, OrderReference new_reference) {
  if (owner_of(from) != owner_of(to)) return false;
  const std::uint32_t slot = index_.find(from, orders_);
  if (slot == kNoOrder || index_.find(to, orders_) != kNoOrder) return false;
  index_.erase(from, slot);
  orders_[slot].key = to;
  orders_[slot].reference = new_reference;
  index_.insert(slot, orders_);
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
  return {.price = orders_[queue.head].price,
          .quantity = queue.quantity_lots,
          .orders = tree_.order_count(level)};
}

void OrderBooks::levels(InstrumentId instrument, Side side, std::size_t max_levels,
                        std::vector<Level>& into) const {
  LevelId level = side_of(book(instrument), side).best;
  for (std::size_t i = 0; i < max_levels && level != 0; ++i, level = tree_.next(level)) {
    into.push_back(view(level));
  }
}

void OrderBooks::keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const {
  if (owner >= owners_.size()) return;
  for (std::uint32_t slot = owners_[owner].first; slot != kNoOrder;
       slot = orders_[slot].owner_next) {
    into.push_back(orders_[slot].key);
  }
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

std::size_t OrderBooks::memory_bytes() const {
  return orders_.memory_bytes() + index_.memory_bytes() + tree_.memory_bytes() +
         books_.capacity() * sizeof(Book) + owners_.capacity() * sizeof(OwnersOrders);
}

}  // namespace okiagari::market

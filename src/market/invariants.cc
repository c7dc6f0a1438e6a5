// OrderBooks::check_invariants(): everything that is kept beside the orders, derived anew from
// them.
#include <fmt/format.h>

#include "market/order_books.h"

namespace okiagari::market {

base::Status OrderBooks::check_invariants() const {
  std::uint32_t orders_seen = 0;
  for (std::size_t instrument = 1; instrument < books_.size(); ++instrument) {
    if (books_[instrument].low == 0) continue;
    for (const Side side : {Side::buy, Side::sell}) {
      auto checked = check_side(static_cast<InstrumentId>(instrument), side, orders_seen);
      if (!checked.ok()) return checked;
    }
  }
  if (orders_seen != live_orders()) {
    return base::Error{
        fmt::format("{} orders in the books, {} in the pool", orders_seen, live_orders())};
  }
  return owners_.check(orders_, orders_seen);
}

base::Status OrderBooks::check_side(InstrumentId instrument, Side side,
                                    std::uint32_t& orders_seen) const {
  const PriceSide& prices = side_of(book(instrument), side);
  const auto wrong = [&](std::string_view what) {
    return base::Error{fmt::format("instrument {}, {} side: {}", instrument,
                                   side == Side::buy ? "buy" : "sell", what)};
  };
  if (!tree_.is_sound(prices)) return wrong("a bitmap, a link or the best price is wrong");
  std::int64_t last_rank = -1;  // of a market order: 0
  for (LevelId level = prices.best; level != 0; level = tree_.next(level)) {
    if (tree_.rank(level) <= last_rank) return wrong("levels out of order");
    last_rank = tree_.rank(level);
    auto checked = check_queue(instrument, side, level, orders_seen);
    if (!checked.ok()) return checked;
  }
  return check_icebergs(instrument, side);
}

base::Status OrderBooks::check_icebergs(InstrumentId instrument, Side side) const {
  std::uint32_t icebergs = 0;
  for_each_order(instrument, side, [&](const Order& order) { icebergs += order.is_iceberg; });
  std::uint32_t previous = kNoOrder;
  for (std::uint32_t slot = first_iceberg(instrument, side); slot != kNoOrder;
       slot = hidden_of(slot).next) {
    const Order& order = orders_[slot];
    const Hidden& hidden = hidden_of(slot);
    const bool belongs =
        order.instrument == instrument && order.side == side && order.is_iceberg != 0;
    if (!belongs || hidden.previous != previous || order.remaining > hidden.reserve.peak ||
        icebergs == 0) {
      return base::Error{
          fmt::format("order {:#x} of instrument {} is an iceberg by one account "
                      "alone, or displays more than its peak",
                      order.key, instrument)};
    }
    previous = slot;
    --icebergs;
  }
  if (icebergs == 0) return {};
  return base::Error{fmt::format("{} icebergs of instrument {} are lost", icebergs, instrument)};
}

base::Status OrderBooks::check_queue(InstrumentId instrument, Side side, LevelId level,
                                     std::uint32_t& orders_seen) const {
  const auto price = static_cast<PriceTicks>(tree_.rank(level) ^ rank_mask(side));
  const Queue& queue = tree_.queue(level);
  std::uint64_t lots = 0;
  std::uint32_t previous = kNoOrder;
  std::uint64_t entry = 0;
  for (std::uint32_t slot = queue.head; slot != kNoOrder; slot = orders_[slot].next) {
    const Order& order = orders_[slot];
    const bool belongs = order.instrument == instrument && order.side == side &&
                         order.price == price && order.level == level;
    const bool stands_right = order.previous == previous && order.entry > entry;
    const bool is_found = owners_.find(order.key, orders_) == slot;
    if (!belongs || !stands_right || !is_found || order.remaining == 0) {
      return base::Error{fmt::format("order {:#x} of instrument {} at {}: {}", order.key,
                                     instrument, price,
                                     !belongs        ? "it belongs elsewhere"
                                     : !stands_right ? "it is out of order"
                                     : !is_found     ? "it is not found by its key"
                                                     : "nothing is left of it")};
    }
    previous = slot;
    entry = order.entry;
    lots += order.remaining;
    ++orders_seen;
  }
  if (queue.tail != previous || queue.quantity_lots != lots) {
    return base::Error{fmt::format("instrument {} at {}: {} lots, said to be {}, or another end",
                                   instrument, price, lots, queue.quantity_lots)};
  }
  return {};
}

}  // namespace okiagari::market

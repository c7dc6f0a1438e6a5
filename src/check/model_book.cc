#include "check/model_book.h"

#include <algorithm>

#include "base/assert.h"

namespace okiagari::check {

void ModelBooks::set_limits(std::uint16_t instrument, std::int32_t low_ticks,
                            std::int32_t high_ticks) {
  books_[instrument].low_ticks = low_ticks;
  books_[instrument].high_ticks = high_ticks;
}

std::int64_t ModelBooks::reach(const ModelOrder& incoming, const Book& book) const {
  const std::int32_t market_price = incoming.side == 0 ? book.high_ticks : book.low_ticks;
  const std::int32_t price = incoming.is_market ? market_price : incoming.price_ticks;
  return rank(incoming.side ^ 1, price);
}

ModelBooks::Outcome ModelBooks::judge(const ModelOrder& incoming) const {
  const Book& book = books_.at(incoming.instrument);
  const bool is_outside =
      incoming.price_ticks < book.low_ticks || incoming.price_ticks > book.high_ticks;
  if (!incoming.is_market && is_outside) return Outcome::price_out_of_limits;
  const auto& makers = book.sides[incoming.side ^ 1];
  const bool meets = !makers.empty() && makers.begin()->first <= reach(incoming, book);
  if (incoming.post_only && meets) return Outcome::would_trade;
  const bool all_or_nothing = incoming.time_in_force == 3;
  return all_or_nothing && !can_fill(incoming, book) ? Outcome::cannot_fill : Outcome::taken;
}

bool ModelBooks::can_fill(const ModelOrder& incoming, const Book& book) const {
  std::uint64_t found = 0;
  const std::int64_t worst = reach(incoming, book);
  for (const auto& [level, queue] : book.sides[incoming.side ^ 1]) {
    if (level > worst) break;
    // Comes up behind all that is shown there.
    std::uint64_t hidden = 0;
    for (const ModelOrder& maker : queue) {
      if (found >= incoming.open) return true;
      const bool own = maker.member == incoming.member && incoming.self_trade != 0;
      if (own && incoming.self_trade != 2) return false;
      if (own) continue;
      found += maker.shown();
      hidden += maker.hidden;
    }
    found += hidden;
  }
  return found >= incoming.open;
}

ModelBooks::Submitted ModelBooks::submit(const ModelOrder& incoming, const Listener& listener) {
  Book& book = books_.at(incoming.instrument);
  auto& makers = book.sides[incoming.side ^ 1];
  const std::int64_t worst = reach(incoming, book);
  Submitted submitted;
  const std::uint64_t entry = ++last_entry_;
  std::uint32_t left = incoming.open;
  while (left > 0 && !makers.empty() && makers.begin()->first <= worst) {
    ModelOrder& maker = makers.begin()->second.front();
    if (maker.member == incoming.member && incoming.self_trade != 0) {
      if (incoming.self_trade != 1) {
        listener.on_self_trade_cancel(maker);
        remove(maker.key);
      }
      submitted.dropped_by_self_trade = incoming.self_trade != 2;
      if (submitted.dropped_by_self_trade) break;
      continue;
    }
    const std::uint32_t quantity = std::min(left, maker.shown());
    listener.on_fill(maker, quantity);
    left -= quantity;
    maker.open -= quantity;
    maker.executed += quantity;
    if (maker.open == 0) {
      remove(maker.key);
    } else if (maker.shown() == 0) {
      const std::uint64_t reference = listener.on_nothing_shown(maker);
      if (reference == 0) {
        remove(maker.key);
      } else {
        show(maker.key, reference);
      }
    }
  }
  if (left == 0) return submitted;
  if (incoming.may_rest() && !submitted.dropped_by_self_trade) {
    submitted.resting = left;
    rest(incoming, left, incoming.open - left, entry);
  } else {
    submitted.dropped = left;
  }
  return submitted;
}

void ModelBooks::rest(const ModelOrder& incoming, std::uint32_t quantity, std::uint32_t filled,
                      std::uint64_t entry) {
  Queue& queue = books_.at(incoming.instrument)
                     .sides[incoming.side][rank(incoming.side, incoming.price_ticks)];
  queue.push_back(incoming);
  ModelOrder& order = queue.back();
  order.open = quantity;
  order.hidden = order.display == 0 ? 0 : quantity - std::min(quantity, order.display);
  order.executed += filled;
  order.entry = entry;
  places_[order.key] = std::prev(queue.end());
}

const ModelOrder* ModelBooks::find(std::uint64_t key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &*place->second;
}

void ModelBooks::remove(std::uint64_t key) {
  const auto place = places_.find(key);
  ASSERT(place != places_.end(), "order {:#x} does not live in the model", key);
  const ModelOrder& order = *place->second;
  auto& side = books_.at(order.instrument).sides[order.side];
  const auto level = side.find(rank(order.side, order.price_ticks));
  level->second.erase(place->second);
  if (level->second.empty()) side.erase(level);
  places_.erase(place);
}

bool ModelBooks::execute(std::uint64_t key, std::uint32_t lots) {
  ModelOrder& order = *places_.at(key);
  order.hidden -= lots - std::min(lots, order.shown());
  order.open -= lots;
  order.executed += lots;
  const bool is_over = order.open == 0;
  const bool shows_nothing = order.shown() == 0;
  if (is_over) remove(key);
  return shows_nothing && !is_over;
}

void ModelBooks::show(std::uint64_t key, std::uint64_t reference) {
  const Queue::iterator place = places_.at(key);
  place->hidden -= std::min(place->hidden, place->display);
  place->reference = reference;
  place->entry = ++last_entry_;
  Queue& queue =
      books_.at(place->instrument).sides[place->side].at(rank(place->side, place->price_ticks));
  queue.splice(queue.end(), queue, place);
}

void ModelBooks::reduce(std::uint64_t key, std::uint32_t open) {
  ModelOrder& order = *places_.at(key);
  order.hidden -= std::min(order.hidden, order.open - open);
  order.open = open;
}

void ModelBooks::rename(std::uint64_t from, std::uint64_t to) {
  const auto place = places_.at(from);
  places_.erase(from);
  place->key = to;
  places_[to] = place;
}

std::vector<std::uint64_t> ModelBooks::keys_of(std::uint16_t session) const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  for (const auto& [key, place] : places_) {
    if (key >> 32 == session) found.emplace_back(place->entry, key);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::uint64_t> keys;
  for (const auto& [entry, key] : found) keys.push_back(key);
  return keys;
}

std::vector<ModelOrder> ModelBooks::orders_of(std::uint16_t instrument) const {
  std::vector<ModelOrder> orders;
  for (const auto& side : books_.at(instrument).sides) {
    for (const auto& [level, queue] : side) orders.insert(orders.end(), queue.begin(), queue.end());
  }
  std::sort(orders.begin(), orders.end(),
            [](const ModelOrder& a, const ModelOrder& b) { return a.entry < b.entry; });
  return orders;
}

void ModelBooks::for_each(const std::function<void(const ModelOrder&)>& visit) const {
  for (const auto& [key, place] : places_) visit(*place);
}

}  // namespace okiagari::check

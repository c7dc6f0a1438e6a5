// Calls in the model: docs/venue.md and docs/auctions.md a second time.
#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr std::uint8_t kPostOnly = 2;
constexpr std::uint8_t kAuctionCall = 3;
constexpr std::uint8_t kUncross = 4;
constexpr std::uint8_t kLimitOnly = 5;
constexpr std::uint8_t kFull = 6;
constexpr std::uint8_t kClosed = 7;
constexpr char kAuctionEnded = 'c';
constexpr std::int32_t kPriceMax = 2'000'000'000;
constexpr std::uint8_t kScopeInstrument = 1;
constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kLateMaxNs = 60 * kSecondNs;

std::uint32_t e4(std::int32_t price, std::uint32_t tick_e4) {
  return static_cast<std::uint32_t>(price) * tick_e4;
}

// How far from the reference, as ITCH grades it.
char variation(std::uint32_t price_e4, std::uint32_t reference_e4) {
  if (price_e4 == 0 || reference_e4 == 0) return ' ';
  const std::uint64_t apart =
      std::max(price_e4, reference_e4) - std::uint64_t{std::min(price_e4, reference_e4)};
  const std::uint64_t percent = apart * 100 / reference_e4;
  if (percent == 0) return 'L';
  if (percent >= 30) return 'C';
  if (percent >= 20) return 'B';
  return percent >= 10 ? 'A' : static_cast<char>('0' + percent);
}

}  // namespace

void MarketModel::set_auction_rules(const LoggedCommand& command) {
  const auto found = instruments_.find(command.instrument);
  if (found == instruments_.end() || found->second.is_called) return;
  if (command.gateway != 0 && !operators_.empty()) return;
  const bool malformed = command.price_method > 1 || command.candidates > 2 ||
                         command.allocation > 1 || command.takes_market_orders > 1 ||
                         command.collar_unit > 2 || command.base_price < 0 ||
                         command.collar > kPriceMax || command.collar_step > kPriceMax;
  const std::uint64_t base_e4 =
      static_cast<std::uint64_t>(command.base_price) * found->second.tick_e4;
  if (malformed || command.base_price > kPriceMax || base_e4 > 0xFFFF'FFFF) return;
  found->second.has_rules = true;
  found->second.rules = {.is_largest_volume = command.price_method == 1,
                         .only_named_prices = command.candidates >= 1,
                         .and_the_reference = command.candidates == 2,
                         .members_in_turn = command.allocation == 1,
                         .takes_market_orders = command.takes_market_orders == 1,
                         .collar_unit = command.collar_unit,
                         .extensions_max = command.extensions_max,
                         .base_price = command.base_price,
                         .collar = command.collar,
                         .collar_step = command.collar_step,
                         .extension_s = command.extension_s,
                         .random_end_s = command.random_end_s};
  if (found->second.state == kAuctionCall) open_call(command.instrument);
}

ModelPriceRange MarketModel::price_range(const Instrument& instrument) {
  const std::int32_t known =
      instrument.last_price != 0 ? instrument.last_price : instrument.rules.base_price;
  return {
      .reference = known == 0 ? 0 : std::clamp(known, instrument.low_ticks, instrument.high_ticks),
      .low = instrument.low_ticks,
      .high = instrument.high_ticks};
}

// In ticks; 0: there is none.
std::int32_t MarketModel::width(const Instrument& instrument, std::uint32_t amount) {
  const std::int32_t reference = price_range(instrument).reference;
  if (reference == 0 || amount == 0 || instrument.rules.collar_unit == 0) return 0;
  const std::int64_t ticks = instrument.rules.collar_unit == 1
                                 ? std::int64_t{amount}
                                 : std::int64_t{reference} * amount / 10'000;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(ticks, 1, kPriceMax));
}

MarketModel::CallEnd MarketModel::prepare_call(std::uint16_t id, const LoggedCommand& command,
                                               Word word) {
  Instrument& instrument = instruments_.at(id);
  const std::uint8_t state = command.state;
  if (!instrument.has_rules) return CallEnd::ended;
  if (state == kAuctionCall) instrument.timed_end = {};
  if (state == kAuctionCall && !instrument.is_called) open_call(id);
  if (state == kClosed && instrument.is_called) expire_orders_of_call(id);
  if (state == kUncross && !instrument.is_called) return CallEnd::goes_on;
  const bool ends =
      state == kUncross || state == kFull || state == kLimitOnly || state == kPostOnly;
  if (!ends || !instrument.is_called) return CallEnd::ended;
  TimedEnd& end = instrument.timed_end;
  const bool is_timed_now = instrument.rules.random_end_s != 0 && instrument.state == kAuctionCall;
  if (word.is_of_plan && (end.at_ns != 0 || is_timed_now)) {
    if (end.at_ns == 0) end.at_ns = now_ns_ + drawn_ns(id);
    end.state = state;
    end.reason = command.reason;
    return CallEnd::comes_later;
  }
  return try_to_uncross(id, state, command.reason);
}

MarketModel::CallEnd MarketModel::try_to_uncross(std::uint16_t id, std::uint8_t state,
                                                 std::uint32_t reason) {
  Instrument& instrument = instruments_.at(id);
  const ModelAuctionRules& rules = instrument.rules;
  instrument.timed_end = {};
  const CallEnd end = uncross(id);
  const bool may_extend_again =
      rules.extensions_max == 0 || instrument.extensions < rules.extensions_max;
  if (end == CallEnd::extended && rules.extension_s != 0 && may_extend_again &&
      instrument.state == kAuctionCall) {
    const std::uint64_t extension_ns = rules.extension_s * kSecondNs;
    instrument.timed_end = {now_ns_ + extension_ns + drawn_ns(id), state, reason};
  }
  return end;
}

// BLAKE2b-256 over the plan's, the time of the batch and the instrument: docs/venue.md.
std::uint64_t MarketModel::drawn_ns(std::uint16_t id) const {
  const std::uint32_t random_end_s = instruments_.at(id).rules.random_end_s;
  if (!has_had_plan_ || random_end_s == 0) return 0;
  base::ByteWriter moment;
  moment.little(now_ns_);
  moment.little(id);
  const base::Digest drawn = base::digest(plan_digest_, moment.view());
  return base::load_little<std::uint64_t>(drawn.data()) % (random_end_s * kSecondNs + 1);
}

// As many at a time as docs/venue.md says.
bool MarketModel::end_timed_calls() {
  constexpr int kEndsAtOnce = 32;
  bool is_any_done = false;
  int ended = 0;
  for (auto& [id, instrument] : instruments_) {
    const TimedEnd end = instrument.timed_end;
    if (end.at_ns == 0 || end.at_ns > now_ns_) continue;
    if (ended++ == kEndsAtOnce) break;
    instrument.timed_end = {};
    if (now_ns_ - end.at_ns > kLateMaxNs) continue;
    if (try_to_uncross(id, end.state, end.reason) != CallEnd::ended) continue;
    if (!change_state(id, end.state, {true, true})) continue;
    is_any_done = true;
    LoggedCommand as_if;
    as_if.scope = kScopeInstrument;
    as_if.target = id;
    as_if.state = end.state;
    as_if.reason = end.reason;
    tell_sessions(as_if, id, 0);
  }
  return is_any_done;
}

void MarketModel::open_call(std::uint16_t id) {
  Instrument& instrument = instruments_.at(id);
  instrument.is_called = true;
  instrument.extensions = 0;
  instrument.told = {};
  instrument.collar_low = 1;
  instrument.collar_high = kPriceMax;
  if (const std::int32_t half = width(instrument, instrument.rules.collar); half > 0) {
    const std::int64_t reference = price_range(instrument).reference;
    instrument.collar_low =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(reference - half, 1, kPriceMax));
    instrument.collar_high =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(reference + half, 1, kPriceMax));
    tell_collar(id);
  }
  touch_call(id);
}

MarketModel::CallEnd MarketModel::uncross(std::uint16_t id) {
  Instrument& instrument = instruments_.at(id);
  const ModelAuction auction(books_.orders_of(id), price_range(instrument));
  const ModelAuctionPrice price = auction.price(instrument.rules);
  const ModelAuctionRules& rules = instrument.rules;
  if (price.price == 0) {
    const bool must_fill = !rules.is_largest_volume && auction.has_market_orders();
    if (must_fill || auction.is_crossed()) return CallEnd::goes_on;
  }
  const bool is_held = rules.extensions_max == 0 || instrument.extensions < rules.extensions_max;
  const bool is_low = price.price < instrument.collar_low;
  const bool is_high = price.price > instrument.collar_high;
  if (price.price != 0 && is_held && (is_low || is_high)) {
    const std::int64_t step = width(instrument, rules.collar_step);
    std::int32_t& side = is_low ? instrument.collar_low : instrument.collar_high;
    side = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(side + (is_low ? -step : step), 1, kPriceMax));
    ++instrument.extensions;
    tell_collar(id);
    return CallEnd::extended;
  }
  if (price.price != 0) trade_at(id, auction, price);
  instrument.is_called = false;
  expire_orders_of_call(id);
  return CallEnd::ended;
}

void MarketModel::trade_at(std::uint16_t id, const ModelAuction& auction,
                           const ModelAuctionPrice& price) {
  Instrument& instrument = instruments_.at(id);
  const char type = instrument.last_price == 0 ? 'O' : 'H';
  const std::uint32_t price_e4 = e4(price.price, instrument.tick_e4);
  ++match_;
  instrument.last_price = price.price;
  for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}}) {
    for (const ModelAuction::Fill& fill :
         auction.fills(side, price.volume, instrument.rules.members_in_turn)) {
      const ModelOrder& order = fill.order;
      Session& owner = sessions_.at(static_cast<std::uint16_t>(order.key >> 32));
      OuchAnswer& answer = say(owner, kOuchExecuted, static_cast<std::uint32_t>(order.key));
      answer.quantity = fill.lots;
      answer.price_e4 = price_e4;
      answer.match = match_;
      answer.liquidity = 'H';
      ItchMessage& published = publish(kItchExecutedAtPrice, id, order.reference);
      published.quantity = std::min(fill.lots, order.shown());
      published.match = match_;
      published.price_e4 = price_e4;
      published.detail = 'N';
      if (!books_.execute(order.key, fill.lots)) continue;
      const std::uint64_t reference = say_shown(*books_.find(order.key));
      if (reference == 0) {
        books_.remove(order.key);
      } else {
        books_.show(order.key, reference);
      }
    }
  }
  ItchMessage& cross = publish(kItchCross, id, 0);
  cross.volume = static_cast<std::uint64_t>(price.volume);
  cross.symbol = instrument.symbol;
  cross.price_e4 = price_e4;
  cross.match = match_;
  cross.detail = type;
}

void MarketModel::expire_orders_of_call(std::uint16_t id) {
  for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}}) {
    std::vector<ModelOrder> orders = books_.orders_of(id);
    std::erase_if(orders, [&](const ModelOrder& order) {
      return order.side != side || (!order.is_market && order.time_in_force != kAtAuction);
    });
    // As they queue: market orders have the price that puts them first.
    std::stable_sort(orders.begin(), orders.end(), [&](const ModelOrder& a, const ModelOrder& b) {
      return side == 0 ? a.price_ticks > b.price_ticks : a.price_ticks < b.price_ticks;
    });
    for (const ModelOrder& order : orders) take_out(order, kAuctionEnded);
  }
}

void MarketModel::touch_call(std::uint16_t id) {
  if (!instruments_.at(id).is_called) return;
  if (std::find(touched_calls_.begin(), touched_calls_.end(), id) == touched_calls_.end()) {
    touched_calls_.push_back(id);
  }
}

void MarketModel::tell_collar(std::uint16_t id) {
  const Instrument& instrument = instruments_.at(id);
  ItchMessage& message = publish(kItchCollar, id, 0);
  message.symbol = instrument.symbol;
  message.reference_price_e4 = e4(price_range(instrument).reference, instrument.tick_e4);
  message.low_e4 = e4(std::max(instrument.collar_low, instrument.low_ticks), instrument.tick_e4);
  message.high_e4 = e4(std::min(instrument.collar_high, instrument.high_ticks), instrument.tick_e4);
  message.extensions = instrument.extensions;
}

void MarketModel::tell_calls() {
  for (const std::uint16_t id : touched_calls_) {
    Instrument& instrument = instruments_.at(id);
    if (!instrument.is_called) continue;
    const ModelPriceRange range = price_range(instrument);
    const ModelAuctionPrice now = ModelAuction(books_.orders_of(id), range).price(instrument.rules);
    if (now == instrument.told) continue;
    instrument.told = now;
    ItchMessage& message = publish(kItchImbalance, id, 0);
    message.volume = static_cast<std::uint64_t>(now.volume);
    message.imbalance = static_cast<std::uint64_t>(now.surplus < 0 ? -now.surplus : now.surplus);
    message.side = now.price == 0 ? 'O' : now.surplus > 0 ? 'B' : now.surplus < 0 ? 'S' : 'N';
    message.symbol = instrument.symbol;
    message.price_e4 = e4(now.price, instrument.tick_e4);
    message.far_price_e4 = message.price_e4;  // every order is in the call
    message.reference_price_e4 = e4(range.reference, instrument.tick_e4);
    message.detail = instrument.last_price == 0 ? 'O' : 'H';
    message.code = variation(message.price_e4, message.reference_price_e4);
  }
  touched_calls_.clear();
}

}  // namespace okiagari::check

// Stop orders in the model: docs/venue.md a second time.
#include <algorithm>

#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr std::uint16_t kNone = 0;
constexpr std::uint16_t kStateForbids = 0x07;
constexpr std::uint16_t kPriceOffTick = 0x103;
constexpr std::uint16_t kPriceOutOfLimits = 0x104;
constexpr std::uint16_t kPriceTooLarge = 0x105;
constexpr std::uint16_t kMemberHalted = 0x10B;
constexpr std::uint16_t kUnknownOrder = 0x111;
constexpr std::uint16_t kMalformed = 0x112;
constexpr std::uint16_t kNotSupported = 0x117;
constexpr std::uint16_t kNothingToFollow = 0x129;
constexpr std::uint16_t kTooManyDistances = 0x12A;
constexpr std::uint8_t kPostOnly = 2;
constexpr std::uint8_t kAuctionCall = 3;
constexpr std::uint8_t kLimitOnly = 5;
constexpr std::uint8_t kFull = 6;
constexpr char kByMember = 'U';
constexpr char kHaltedMember = 'H';
constexpr char kStopRefused = 'd';
constexpr char kDayOver = 'T';
// After one command.
constexpr std::uint32_t kGoAtOnce = 256;
// Of an instrument and side.
constexpr std::size_t kDistancesMax = 256;
constexpr std::uint64_t kPriceTicksMax = 2'000'000'000;

// What is there only when an order is told of may neither be immediate nor insist on resting.
std::uint16_t waiting_refusal(const LoggedCommand& command) {
  if (command.time_in_force > kGoodTillDate || command.post_only > 1) return kMalformed;
  const bool lasts = command.time_in_force <= 1 || command.time_in_force == kGoodTillDate;
  return !lasts || command.post_only == 1 ? kNotSupported : kNone;
}

bool trails(const LoggedCommand& command) {
  return command.type == LoggedType::new_trailing_stop ||
         command.type == LoggedType::replace_trailing_stop;
}

std::uint32_t reference_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

}  // namespace

void MarketModel::enter_stop(const LoggedCommand& command, Session& session) {
  if (!take_order_number(command, session)) return;
  ModelStop stop;
  std::uint16_t reason = waiting_refusal(command);
  if (reason == kNone) reason = check_terms(command, session, stop.order);
  if (reason == kNone) reason = take_trigger(command, nullptr, stop);
  if (reason == kNone) reason = refusal_for_funds(command);
  if (reason != kNone) return say_rejected(session, command, reason);
  OuchAnswer& answer = say_waiting(session, command, stop, kOuchAccepted);
  const std::uint32_t account = command.account == 0 ? session.default_account : command.account;
  append_number(answer.appendage, kTagAccount, account);
  if (command.self_trade != 0) {
    append_number(answer.appendage, kTagSelfTrade, static_cast<char>('0' + command.self_trade));
  }
  say_trigger(stop, answer);
  begin_to_wait(stop);
}

void MarketModel::replace_stop(const LoggedCommand& as_sent, Session& session) {
  if (!take_order_number(as_sent, session)) return;
  ModelStop* found = stops_.find(model_key(session.id, as_sent.original_user_reference));
  if (found == nullptr) return say_rejected(session, as_sent, kUnknownOrder);
  const LoggedCommand command = with_time_of(as_sent, found->order);
  ModelStop stop = *found;
  std::uint16_t reason = command.price_type > 1 ? kMalformed : waiting_refusal(command);
  if (reason == kNone) reason = check_time(command, stop.order.instrument);
  if (reason == kNone) reason = quantity_refusal(command.quantity);
  stop.order.key = model_key(session.id, command.user_reference);
  stop.order.open = command.quantity;
  stop.order.time_in_force = command.time_in_force;
  stop.order.last_day = command.time_in_force == kGoodTillDate ? command.last_day : 0;
  stop.order.is_market = command.price_type == 1;
  if (reason == kNone && !stop.order.is_market) {
    reason = check_price(instruments_.at(stop.order.instrument), command.price_e4,
                         stop.order.price_ticks);
  }
  if (reason == kNone) reason = take_trigger(command, found, stop);
  const bool keeps_place = stop.keeps_place_of(*found);
  if (reason == kNone && !keeps_place) reason = refusal_for_funds(command);
  if (reason != kNone) return say_rejected(session, command, reason);
  if (!keeps_place) stop.order.reference = reference_ + 1;
  OuchAnswer& answer = say_waiting(session, command, stop, kOuchReplaced);
  answer.original_user_reference = command.original_user_reference;
  say_trigger(stop, answer);
  if (keeps_place) {
    *found = stop;
    return;
  }
  stops_.remove(found->order.key);
  begin_to_wait(stop);
}

// The trigger, a market order's worst price, and whether one may wait there now. One that keeps its
// place keeps the trigger that it followed to.
std::uint16_t MarketModel::take_trigger(const LoggedCommand& command, const ModelStop* original,
                                        ModelStop& stop) const {
  const Instrument& instrument = instruments_.at(stop.order.instrument);
  stop.is_market = stop.order.is_market;
  stop.order.is_market = false;
  if (stop.is_market) {
    stop.order.price_ticks = stop.order.side == 0 ? instrument.high_ticks : instrument.low_ticks;
  }
  stop.distance_ticks = 0;
  std::uint16_t reason = trails(command)
                             ? take_distance(instrument, command, stop)
                             : check_price(instrument, command.trigger_e4, stop.trigger_ticks);
  const bool is_new = original == nullptr || !stop.keeps_place_of(*original);
  const bool begins = stop.distance_ticks != 0 && is_new;
  if (reason == kNone && begins) reason = begin_to_follow(instrument, stop);
  if (reason == kNone) reason = refusal_to_wait(instrument, stop);
  if (reason != kNone || !begins) return reason;
  const std::uint64_t leaving = original == nullptr ? 0 : original->order.key;
  const bool is_taken = stops_.distances_with(stop, leaving) <= kDistancesMax;
  return is_taken ? kNone : kTooManyDistances;
}

std::uint16_t MarketModel::refusal_to_wait(const Instrument& instrument,
                                           const ModelStop& stop) const {
  switch (instrument.state) {
    case kFull:
      if (stops_.next(stop.order.instrument) != nullptr) return kStateForbids;
      break;
    case kLimitOnly:
    case kPostOnly:
      break;
    case kAuctionCall:
      if (!instrument.has_rules) return kNotSupported;
      break;
    default:
      return kStateForbids;
  }
  return members_.at(stop.order.member) ? kMemberHalted : kNone;
}

std::uint16_t MarketModel::take_distance(const Instrument& instrument, const LoggedCommand& command,
                                         ModelStop& stop) {
  if (command.distance_e4 == 0) return kMalformed;
  if (command.distance_e4 > 0xFFFF'FFFF) return kPriceTooLarge;
  if (command.distance_e4 % instrument.tick_e4 != 0) return kPriceOffTick;
  const std::uint64_t distance = command.distance_e4 / instrument.tick_e4;
  if (distance >= kPriceTicksMax) return kPriceOutOfLimits;
  stop.distance_ticks = static_cast<std::int32_t>(distance);
  return kNone;
}

// At the last price.
std::uint16_t MarketModel::begin_to_follow(const Instrument& instrument, ModelStop& stop) {
  if (instrument.last_price == 0) return kNothingToFollow;
  const std::int64_t distance = stop.order.side == 0 ? stop.distance_ticks : -stop.distance_ticks;
  const std::int64_t trigger = instrument.last_price + distance;
  if (trigger < instrument.low_ticks || trigger > instrument.high_ticks) return kPriceOutOfLimits;
  stop.trigger_ticks = static_cast<std::int32_t>(trigger);
  return kNone;
}

// The trigger with which it begins, and how far it follows.
void MarketModel::say_trigger(const ModelStop& stop, OuchAnswer& answer) const {
  const std::uint64_t tick_e4 = instruments_.at(stop.order.instrument).tick_e4;
  append_number(answer.appendage, kTagTrigger,
                static_cast<std::uint32_t>(stop.trigger_ticks) * tick_e4);
  if (stop.distance_ticks == 0) return;
  append_number(answer.appendage, kTagTrail,
                static_cast<std::uint32_t>(stop.distance_ticks) * tick_e4);
}

OuchAnswer& MarketModel::say_waiting(Session& session, const LoggedCommand& command,
                                     const ModelStop& stop, char type) {
  OuchAnswer& answer = say(session, type, command.user_reference);
  answer.side = stop.order.side == 0 ? 'B' : 'S';
  answer.quantity = command.quantity;
  answer.symbol = instruments_.at(stop.order.instrument).symbol;
  answer.price_e4 = stop.is_market ? kOuchMarketPrice : command.price_e4;
  answer.display = 'Y';
  answer.order_reference = stop.order.reference;
  answer.capacity = 'A';
  answer.sweep = 'N';
  answer.cross = 'N';
  answer.order_state = 'L';
  answer.client_order_id = command.client_order_id;
  answer.time_in_force = say_time_in_force(stop.order, answer.appendage);
  return answer;
}

void MarketModel::begin_to_wait(ModelStop stop) {
  const Instrument& instrument = instruments_.at(stop.order.instrument);
  reference_ = stop.order.reference;
  const bool is_reached = instrument.state == kFull && instrument.last_price != 0 &&
                          stop.goes_at(instrument.last_price);
  if (is_reached) stops_.reach(stop);
  stops_.add(stop, instrument.last_price);
}

// False when no such one waits.
bool MarketModel::cancel_stop(const LoggedCommand& command, Session& session) {
  ModelStop* stop = stops_.find(model_key(session.id, command.user_reference));
  if (stop == nullptr) return false;
  if (!takes_cancels(stop->order.instrument)) {
    say_cancel_rejected(session, command.user_reference, kStateForbids);
  } else if (command.quantity < stop->order.open) {
    say_canceled(session, command.user_reference, stop->order.open - command.quantity, kByMember);
    stop->order.open = command.quantity;
    if (command.quantity == 0) stops_.remove(stop->order.key);
  }
  return true;
}

// How many were left because their instruments take no cancels.
std::uint32_t MarketModel::remove_stops(Session& session, std::uint16_t instrument,
                                        std::uint8_t side, char letter) {
  std::uint32_t left = 0;
  for (const std::uint64_t key : stops_.keys_of(session.id)) {
    const ModelOrder order = stops_.find(key)->order;
    if (instrument != 0 && instrument != order.instrument) continue;
    if (side != 2 && side != order.side) continue;
    if (takes_cancels(order.instrument)) {
      say_canceled(session, reference_of(key), order.open, letter);
      stops_.remove(key);
    } else {
      ++left;
    }
  }
  return left;
}

void MarketModel::reach_stops(std::uint16_t instrument, std::int32_t ticks) {
  if (instruments_.at(instrument).state == kFull) stops_.count(instrument, ticks);
}

void MarketModel::follow_state_with_stops(std::uint16_t instrument) {
  stops_.forget_reached(instrument);
  const std::int32_t last = instruments_.at(instrument).last_price;
  if (last != 0) reach_stops(instrument, last);
}

void MarketModel::let_stops_go() {
  std::uint32_t gone = 0;
  for (const auto& [id, instrument] : instruments_) {
    do {
      while (const ModelStop* next = stops_.next(id)) {
        if (gone++ == kGoAtOnce) return;
        const ModelStop stop = *next;
        stops_.remove(stop.order.key);
        let_go(stop);
      }
    } while (stops_.end_of_going(id, instrument.last_price));
  }
}

void MarketModel::let_go(const ModelStop& stop) {
  ModelOrder order = stop.order;
  Session& session = sessions_.at(static_cast<std::uint16_t>(order.key >> 32));
  const std::uint32_t user_reference = reference_of(order.key);
  if (is_over(order)) return say_canceled(session, user_reference, order.open, kDayOver);
  if (members_.at(order.member)) {
    return say_canceled(session, user_reference, order.open, kHaltedMember);
  }
  const Instrument& instrument = instruments_.at(order.instrument);
  order.reference = reference_ + 1;
  if (stop.is_market) {
    order.time_in_force = 2;
    order.price_ticks =
        order.side == 0 ? std::min(order.price_ticks, instrument.high_ticks) : instrument.low_ticks;
  }
  if (refusal_by_book(order) != kNone) {
    return say_canceled(session, user_reference, order.open, kStopRefused);
  }
  reference_ = order.reference;
  submit_stop(session, order);
}

}  // namespace okiagari::check

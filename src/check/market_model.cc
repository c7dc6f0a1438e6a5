#include "check/market_model.h"

#include <algorithm>
#include <string>
#include <utility>

namespace okiagari::check {
namespace {

// Reasons as the wire carries them (docs/formats/ouch.md): public codes where one says the same,
// else 0x100 and the venue's own number.
constexpr std::uint16_t kNone = 0;
constexpr std::uint16_t kUnknownInstrument = 0x17;
constexpr std::uint16_t kUnknownAccount = 0x102;
constexpr std::uint16_t kPriceOffTick = 0x103;
constexpr std::uint16_t kPriceOutOfLimits = 0x104;
constexpr std::uint16_t kPriceTooLarge = 0x105;
constexpr std::uint16_t kQuantityZero = 0x13;
constexpr std::uint16_t kQuantityTooLarge = 0x107;
constexpr std::uint16_t kInsufficientFunds = 0x108;
constexpr std::uint16_t kInsufficientPosition = 0x109;
constexpr std::uint16_t kStateForbids = 0x07;
constexpr std::uint16_t kMemberHalted = 0x10B;
constexpr std::uint16_t kWouldTrade = 0x10C;
constexpr std::uint16_t kCannotFill = 0x10D;
constexpr std::uint16_t kNumberNeverArrived = 0x10E;
constexpr std::uint16_t kNumberTooOld = 0x10F;
constexpr std::uint16_t kBooksFull = 0x110;
constexpr std::uint16_t kUnknownOrder = 0x111;
constexpr std::uint16_t kMalformed = 0x112;
constexpr std::uint16_t kNotSupported = 0x117;
constexpr std::uint16_t kBoundReached = 0x11B;
constexpr std::uint16_t kMarketHeld = 0x120;

constexpr std::uint32_t kHeldReason = 32;  // of a notice

constexpr char kByMember = 'U';
constexpr char kImmediateRest = 'I';
constexpr char kSelfTrade = 'Q';
constexpr char kSessionAbsent = 'a';

constexpr std::uint8_t kHalted = 0;
constexpr std::uint8_t kCancelOnly = 1;
constexpr std::uint8_t kPostOnly = 2;
constexpr std::uint8_t kAuctionCall = 3;
constexpr std::uint8_t kUncross = 4;
constexpr std::uint8_t kLimitOnly = 5;
constexpr std::uint8_t kFull = 6;
constexpr std::uint8_t kClosed = 7;

constexpr std::uint8_t kScopeMarket = 0;
constexpr std::uint8_t kScopeInstrument = 1;
constexpr std::uint8_t kScopeMember = 2;
constexpr std::uint8_t kScopeSegment = 3;

constexpr std::uint32_t kQuantityMax = 1'000'000'000;
constexpr std::size_t kGapsMax = 64;
constexpr std::uint64_t kDayNs = 86'400'000'000'000;

char letter_of_state(std::uint8_t state) {
  switch (state) {
    case kCancelOnly:
      return 'P';
    case kPostOnly:
    case kAuctionCall:
    case kUncross:
      return 'Q';
    case kLimitOnly:
    case kFull:
      return 'T';
    default:
      return 'H';
  }
}

bool is_stop(std::uint8_t state) { return state == kHalted || state == kCancelOnly; }

bool one_may_change(std::uint8_t from, std::uint8_t to) {
  return to == kHalted || (to == kCancelOnly && from != kHalted && from != kClosed);
}

char side_letter(std::uint8_t side) { return side == 0 ? 'B' : 'S'; }

std::uint16_t session_of(std::uint64_t key) { return static_cast<std::uint16_t>(key >> 32); }
std::uint32_t user_reference_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

}  // namespace

bool is_about_funds(std::uint16_t reason) {
  return reason == kInsufficientFunds || reason == kInsufficientPosition || reason == kBooksFull ||
         reason == kBoundReached;
}

const std::vector<OuchAnswer>& MarketModel::answers(std::uint16_t session) const {
  static const std::vector<OuchAnswer> kNoAnswers;
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? kNoAnswers : found->second.answers;
}

// What one incoming order does, in the order in which it is told: the acknowledgement, each trade,
// what became of the rest.
class MarketModel::Entry {
 public:
  Entry(MarketModel& model, Session& session, const LoggedCommand& command, const ModelOrder& order,
        std::uint64_t original_reference)
      : model_(model),
        session_(session),
        command_(command),
        order_(order),
        original_reference_(original_reference) {}

  void run() {
    if (model_.instruments_.at(order_.instrument).is_called) return rest();
    const ModelBooks::Submitted submitted = model_.books_.submit(
        order_, {[this](const ModelOrder& maker, std::uint32_t quantity) { fill(maker, quantity); },
                 [this](const ModelOrder& resting) { cancel_resting(resting); },
                 [this](const ModelOrder& maker) { return model_.say_shown(maker); }});
    acknowledge_first();
    session_.answers[acknowledgement_].order_state = submitted.resting > 0 ? 'L' : 'D';
    publish_rest(submitted.resting);
    if (submitted.dropped > 0) {
      model_.say_canceled(session_, user_reference_of(order_.key), submitted.dropped,
                          submitted.dropped_by_self_trade ? kSelfTrade : kImmediateRest);
    }
  }

 private:
  // In a call.
  void rest() {
    model_.books_.enter_call(order_);
    model_.touch_call(order_.instrument);
    acknowledge_first();
    publish_rest(order_.open);
  }

  void fill(const ModelOrder& maker, std::uint32_t quantity) {
    begin_trading();
    const std::uint64_t match = ++model_.match_;
    model_.instruments_.at(maker.instrument).last_price = maker.price_ticks;
    model_.reach_stops(maker.instrument, maker.price_ticks);
    const std::uint32_t tick_e4 = model_.instruments_.at(maker.instrument).tick_e4;
    const auto price_e4 = std::uint64_t{static_cast<std::uint32_t>(maker.price_ticks)} * tick_e4;
    Session& makers = model_.sessions_.at(session_of(maker.key));
    say_execution(makers, user_reference_of(maker.key), quantity, price_e4, match, 'A');
    say_execution(session_, user_reference_of(order_.key), quantity, price_e4, match, 'R');
    ItchMessage& published = model_.publish(kItchExecuted, maker.instrument, maker.reference);
    published.quantity = quantity;
    published.match = match;
  }

  void say_execution(Session& to, std::uint32_t user_reference, std::uint32_t quantity,
                     std::uint64_t price_e4, std::uint64_t match, char liquidity) {
    OuchAnswer& answer = model_.say(to, kOuchExecuted, user_reference);
    answer.quantity = quantity;
    answer.price_e4 = price_e4;
    answer.match = match;
    answer.liquidity = liquidity;
  }

  void cancel_resting(const ModelOrder& resting) {
    begin_trading();
    Session& owner = model_.sessions_.at(session_of(resting.key));
    model_.say_canceled(owner, user_reference_of(resting.key), resting.open, kSelfTrade);
    model_.publish(kItchDelete, resting.instrument, resting.reference);
  }

  void begin_trading() {
    if (is_acknowledged_) return;
    acknowledge_first();
    delete_original();
  }

  void acknowledge_first() {
    if (is_acknowledged_) return;
    is_acknowledged_ = true;
    if (command_.type == LoggedType::new_stop) return say_triggered();
    const bool is_new =
        command_.type == LoggedType::new_order || command_.type == LoggedType::new_iceberg;
    OuchAnswer& answer =
        model_.say(session_, is_new ? kOuchAccepted : kOuchReplaced, command_.user_reference);
    acknowledgement_ = session_.answers.size() - 1;
    answer.original_user_reference = is_new ? 0 : command_.original_user_reference;
    answer.side = side_letter(order_.side);
    answer.quantity = order_.open;
    answer.symbol = model_.instruments_.at(order_.instrument).symbol;
    answer.price_e4 = order_.is_market ? kOuchMarketPrice : command_.price_e4;
    answer.order_reference = order_.reference;
    answer.client_order_id = command_.client_order_id;
    finish_acknowledgement(answer, is_new);
  }

  void say_triggered() {
    const Instrument& instrument = model_.instruments_.at(order_.instrument);
    OuchAnswer& answer = model_.say(session_, kOuchTriggered, command_.user_reference);
    acknowledgement_ = session_.answers.size() - 1;
    answer.quantity = order_.open;
    answer.price_e4 =
        std::uint64_t{static_cast<std::uint32_t>(instrument.last_price)} * instrument.tick_e4;
    answer.order_reference = order_.reference;
    answer.order_state = 'L';
  }

  void finish_acknowledgement(OuchAnswer& answer, bool is_new) {
    answer.time_in_force = say_time_in_force(order_, answer.appendage);
    answer.display = 'Y';
    answer.capacity = 'A';
    answer.sweep = 'N';
    answer.cross = 'N';
    answer.order_state = 'L';
    if (command_.post_only != 0) {
      append_field(answer.appendage, kTagPostOnly, base::as_bytes("P"));
    }
    if (is_new) {
      const std::uint32_t account =
          command_.account == 0 ? session_.default_account : command_.account;
      append_number(answer.appendage, kTagAccount, account);
    }
    if (is_new && command_.self_trade != 0) {
      append_number(answer.appendage, kTagSelfTrade, static_cast<char>('0' + command_.self_trade));
    }
    if (order_.display != 0) append_number(answer.appendage, kTagMaxFloor, order_.display);
  }

  void delete_original() {
    if (original_reference_ == 0) return;
    model_.publish(kItchDelete, order_.instrument, original_reference_);
    original_reference_ = 0;
  }

  void publish_rest(std::uint32_t resting) {
    if (resting == 0) return delete_original();
    const Instrument& instrument = model_.instruments_.at(order_.instrument);
    const std::uint32_t price_e4 = static_cast<std::uint32_t>(order_.price_ticks) *
                                   (order_.is_market ? 1 : instrument.tick_e4);
    const bool is_replace = original_reference_ != 0;
    ItchMessage& message = model_.publish(is_replace ? kItchReplace : kItchAdd, order_.instrument,
                                          is_replace ? original_reference_ : order_.reference);
    message.quantity = order_.display == 0 ? resting : std::min(resting, order_.display);
    message.price_e4 = price_e4;
    if (is_replace) {
      message.new_reference = order_.reference;
    } else {
      message.side = side_letter(order_.side);
      message.symbol = instrument.symbol;
    }
  }

  MarketModel& model_;
  Session& session_;
  const LoggedCommand& command_;
  const ModelOrder& order_;
  std::uint64_t original_reference_;  // while the feed still shows it, else 0
  std::size_t acknowledgement_ = 0;
  bool is_acknowledged_ = false;
};

void MarketModel::apply(const LoggedBatch& batch, std::vector<Disposition>& dispositions) {
  time_ns_ = batch.timestamp_ns % kDayNs;
  // A stamp that is earlier than the last one counts as the last one.
  now_ns_ = std::max(now_ns_, batch.timestamp_ns);
  for (const LoggedCommand& command : batch.commands) {
    if (command.is_from_session()) {
      dispositions.push_back(apply_from_session(command));
    } else {
      apply_other(command);
      dispositions.push_back(Disposition::applied);
    }
    if (founded_on_ == 0) let_stops_go();
    tell_calls();
  }
}

void MarketModel::submit_stop(Session& session, const ModelOrder& order) {
  LoggedCommand as_if;
  as_if.type = LoggedType::new_stop;
  as_if.user_reference = user_reference_of(order.key);
  Entry(*this, session, as_if, order, 0).run();
}

Disposition MarketModel::apply_from_session(const LoggedCommand& command) {
  const auto found = sessions_.find(command.session);
  if (found == sessions_.end()) return Disposition::old_epoch;
  Session& session = found->second;
  if (command.epoch != session.epoch || command.gateway != session.gateway) {
    return Disposition::old_epoch;
  }
  if (command.stream_number < session.next_stream_number) return Disposition::repeat;
  if (command.stream_number > session.next_stream_number) return Disposition::gap;
  ++session.next_stream_number;
  const Disposition disposition = disposition_of(command, session);
  if (founded_on_ != 0) {
    refuse_held(command, session);
    return disposition;
  }
  switch (command.type) {
    case LoggedType::new_order:
    case LoggedType::new_iceberg:
      enter(command, session);
      break;
    case LoggedType::replace_order:
    case LoggedType::replace_iceberg:
      replace(command, session);
      break;
    case LoggedType::cancel_order:
      cancel(command, session);
      break;
    case LoggedType::new_stop:
    case LoggedType::new_trailing_stop:
      enter_stop(command, session);
      break;
    case LoggedType::replace_stop:
    case LoggedType::replace_trailing_stop:
      replace_stop(command, session);
      break;
    default:
      mass_cancel(command, session);
      break;
  }
  return disposition;
}

Disposition MarketModel::disposition_of(const LoggedCommand& command, const Session& session) {
  const bool is_numbered = command.type != LoggedType::cancel_order && command.user_reference != 0;
  if (!is_numbered) return Disposition::applied;
  switch (standing(session, command.user_reference)) {
    case Number::fresh:
      return Disposition::applied;
    case Number::applied:
      return Disposition::repeat;
    default:
      return Disposition::refused_number;
  }
}

void MarketModel::refuse_held(const LoggedCommand& command, Session& session) {
  switch (command.type) {
    case LoggedType::new_order:
    case LoggedType::replace_order:
    case LoggedType::new_stop:
    case LoggedType::replace_stop:
    case LoggedType::new_iceberg:
    case LoggedType::replace_iceberg:
    case LoggedType::new_trailing_stop:
    case LoggedType::replace_trailing_stop:
      if (take_order_number(command, session)) say_rejected(session, command, kMarketHeld);
      return;
    case LoggedType::mass_cancel:
      if (!take_mass_cancel_number(command, session)) return;
      [[fallthrough]];
    default:
      say_cancel_rejected(session, command.user_reference, kMarketHeld);
  }
}

void MarketModel::found_cluster(const LoggedCommand& command) {
  if (founded_on_ == 0 || command.founded_on != founded_on_) return;
  if (approvers_of(command).to_start < 2) return;
  founded_on_ = 0;
  LoggedCommand as_if;
  as_if.scope = kScopeMarket;
  as_if.state = kCancelOnly;
  as_if.reason = kHeldReason;
  set_states_of_many(as_if, {});
  cancel_what_is_owed();
}

void MarketModel::apply_other(const LoggedCommand& command) {
  const bool is_about_session =
      command.type == LoggedType::login || command.type == LoggedType::logout;
  if (command.type == LoggedType::found_cluster) return found_cluster(command);
  if (founded_on_ != 0 && !is_about_session) return;
  switch (command.type) {
    case LoggedType::login:
      return log_in(command);
    case LoggedType::logout:
      return log_out(command);
    case LoggedType::set_instrument_state:
      return set_state(command);
    case LoggedType::set_trading_plan:
      return set_plan(command);
    case LoggedType::advance_plan:
      return advance_plan();
    case LoggedType::end_day:
      return end_day(command);
    case LoggedType::set_price_limits:
      if (command.number <= control_number_ || approvers_of(command).to_start < 2) return;
      if (!instruments_.contains(command.instrument)) return;
      if (instruments_[command.instrument].is_called) return;
      control_number_ = command.number;
      instruments_[command.instrument].low_ticks = command.low_ticks;
      instruments_[command.instrument].high_ticks = command.high_ticks;
      return books_.set_limits(command.instrument, command.low_ticks, command.high_ticks);
    case LoggedType::add_instrument:
      return add_instrument(command);
    case LoggedType::set_auction_rules:
      return set_auction_rules(command);
    case LoggedType::add_member:
      if (command.member == members_.size() + 1) members_[command.member] = false;
      return;
    case LoggedType::add_operator:
      if (command.operator_id == 0 || command.stop_only > 1 || control_number_ != 0) return;
      operators_.emplace(command.operator_id, command.stop_only == 1);
      return;
    case LoggedType::add_account:
      if (command.account == accounts_.size() + 1) accounts_[command.account] = command.member;
      return;
    case LoggedType::add_session:
      if (command.added_session != sessions_.size() + 1) return;
      sessions_[command.added_session].id = command.added_session;
      sessions_[command.added_session].member = command.member;
      sessions_[command.added_session].default_account = command.account;
      return;
    default:
      return;
  }
}

MarketModel::Number MarketModel::standing(const Session& session, std::uint32_t number) {
  if (number > session.mark) return Number::fresh;
  if (number < session.floor) return Number::too_old;
  for (const auto& [first, last] : session.gaps) {
    if (first <= number && number <= last) return Number::never_arrived;
  }
  return Number::applied;
}

void MarketModel::take_number(Session& session, std::uint32_t number) {
  if (number > session.mark + 1) {
    if (session.gaps.size() == kGapsMax) {
      session.floor = session.gaps.front().second + 1;
      session.gaps.erase(session.gaps.begin());
    }
    session.gaps.emplace_back(session.mark + 1, number - 1);
  }
  session.mark = number;
}

bool MarketModel::take_order_number(const LoggedCommand& command, Session& session) {
  if (command.user_reference == 0) {
    say_rejected(session, command, kMalformed);
    return false;
  }
  switch (standing(session, command.user_reference)) {
    case Number::fresh:
      take_number(session, command.user_reference);
      return true;
    case Number::applied:
      return false;
    case Number::never_arrived:
      say_rejected(session, command, kNumberNeverArrived);
      return false;
    case Number::too_old:
      if (!lives(model_key(session.id, command.user_reference))) {
        say_rejected(session, command, kNumberTooOld);
      }
      return false;
  }
  return false;
}

bool MarketModel::take_mass_cancel_number(const LoggedCommand& command, Session& session) {
  if (command.user_reference == 0) return true;
  switch (standing(session, command.user_reference)) {
    case Number::fresh:
      take_number(session, command.user_reference);
      return true;
    case Number::applied:
      return false;
    case Number::never_arrived:
      say_cancel_rejected(session, command.user_reference, kNumberNeverArrived);
      return false;
    case Number::too_old:
      say_cancel_rejected(session, command.user_reference, kNumberTooOld);
      return false;
  }
  return false;
}

void MarketModel::enter(const LoggedCommand& command, Session& session) {
  if (!take_order_number(command, session)) return;
  const bool is_iceberg = command.type == LoggedType::new_iceberg;
  if (is_iceberg && command.display == 0) return say_rejected(session, command, kMalformed);
  ModelOrder order;
  std::uint16_t reason = check_new(command, session, order);
  order.display = command.display;
  if (reason == kNone) reason = display_refusal(order);
  if (reason == kNone) reason = refusal_for_funds(command);
  if (reason == kNone) reason = refusal_by_book(order);
  if (reason != kNone) return say_rejected(session, command, reason);
  reference_ = order.reference;
  Entry(*this, session, command, order, 0).run();
}

void MarketModel::replace(const LoggedCommand& command, Session& session) {
  if (!take_order_number(command, session)) return;
  const std::uint64_t original_key = model_key(session.id, command.original_user_reference);
  const ModelOrder* live = books_.find(original_key);
  if (live == nullptr) return say_rejected(session, command, kUnknownOrder);
  const ModelOrder original = *live;
  ModelOrder order;
  std::uint16_t reason = check_replacement(with_time_of(command, original), original, order);
  if (reason != kNone) return say_rejected(session, command, reason);
  if (order.open == 0) return end_original(original, session);
  const bool says_display = command.type == LoggedType::replace_iceberg;
  order.display = says_display ? command.display : original.display;
  reason = display_refusal(order);
  if (reason != kNone) return say_rejected(session, command, reason);
  if (order.price_ticks == original.price_ticks && order.open <= original.open &&
      order.display == original.display && order.time_in_force == original.time_in_force &&
      order.last_day == original.last_day) {
    return reduce_original(original, order, command, session);
  }
  reason = refusal_for_funds(command);
  if (reason == kNone) reason = refusal_by_book(order);
  if (reason != kNone) return say_rejected(session, command, reason);
  reference_ = order.reference;
  Entry(*this, session, command, order, original.reference).run();
  books_.remove(original_key);
}

void MarketModel::end_original(const ModelOrder& original, Session& session) {
  touch_call(original.instrument);
  say_canceled(session, user_reference_of(original.key), original.open, kByMember);
  publish(kItchDelete, original.instrument, original.reference);
  books_.remove(original.key);
}

void MarketModel::cancel(const LoggedCommand& command, Session& session) {
  const ModelOrder* order = books_.find(model_key(session.id, command.user_reference));
  if (order == nullptr) {
    if (cancel_stop(command, session)) return;
    return say_cancel_rejected(session, command.user_reference, kUnknownOrder);
  }
  if (!takes_cancels(order->instrument)) {
    return say_cancel_rejected(session, command.user_reference, kStateForbids);
  }
  if (command.quantity == 0) return take_out(*order, kByMember);
  if (command.quantity >= order->open) return;
  touch_call(order->instrument);
  const std::uint32_t taken_away = order->open - command.quantity;
  say_canceled(session, command.user_reference, taken_away, kByMember);
  const ModelOrder before = *order;
  books_.reduce(before.key, command.quantity);
  publish_reduced(before, order->shown());
}

void MarketModel::mass_cancel(const LoggedCommand& command, Session& session) {
  if (!take_mass_cancel_number(command, session)) return;
  std::uint16_t reason = kNone;
  if (command.side > 2) {
    reason = kMalformed;
  } else if (command.instrument != 0 && !instruments_.contains(command.instrument)) {
    reason = kUnknownInstrument;
  } else if (remove_orders(session, command.instrument, command.side, kByMember) > 0) {
    reason = kStateForbids;
  }
  if (reason != kNone) say_cancel_rejected(session, command.user_reference, reason);
}

std::uint32_t MarketModel::remove_orders(Session& session, std::uint16_t instrument,
                                         std::uint8_t side, char letter) {
  std::uint32_t left = 0;
  for (const std::uint64_t key : books_.keys_of(session.id)) {
    const ModelOrder& order = *books_.find(key);
    if (instrument != 0 && instrument != order.instrument) continue;
    if (side != 2 && side != order.side) continue;
    if (takes_cancels(order.instrument)) {
      take_out(order, letter);
    } else {
      ++left;
    }
  }
  return left + remove_stops(session, instrument, side, letter);
}

void MarketModel::take_out(const ModelOrder& order, char letter) {
  touch_call(order.instrument);
  say_canceled(sessions_.at(session_of(order.key)), user_reference_of(order.key), order.open,
               letter);
  publish(kItchDelete, order.instrument, order.reference);
  books_.remove(order.key);
}

bool MarketModel::takes_cancels(std::uint16_t instrument) const {
  const std::uint8_t state = instruments_.at(instrument).state;
  return state != kHalted && state != kUncross;
}

std::uint16_t MarketModel::quantity_refusal(std::uint32_t quantity) {
  if (quantity == 0) return kQuantityZero;
  return quantity > kQuantityMax ? kQuantityTooLarge : kNone;
}

std::uint16_t MarketModel::check_new(const LoggedCommand& command, const Session& session,
                                     ModelOrder& order) const {
  std::uint16_t reason = check_terms(command, session, order);
  if (reason == kNone) reason = check_state(instruments_.at(order.instrument), order);
  if (reason != kNone) return reason;
  return members_.at(session.member) ? kMemberHalted : kNone;
}

std::uint16_t MarketModel::check_terms(const LoggedCommand& command, const Session& session,
                                       ModelOrder& order) const {
  const bool malformed = command.side > 1 || command.price_type > 1 || command.time_in_force > 5 ||
                         command.self_trade > 3 || command.post_only > 1;
  if (malformed) return kMalformed;
  const std::uint16_t wrong_time = check_time(command, command.instrument);
  if (wrong_time != kNone) return wrong_time;
  order.key = model_key(session.id, command.user_reference);
  order.reference = reference_ + 1;
  order.open = command.quantity;
  order.instrument = command.instrument;
  order.member = session.member;
  order.side = command.side;
  order.time_in_force = command.time_in_force;
  order.last_day = command.time_in_force == kGoodTillDate ? command.last_day : 0;
  order.self_trade = command.self_trade;
  order.is_market = command.price_type == 1;
  order.post_only = command.post_only != 0;
  if (order.post_only && !order.may_rest()) return kNotSupported;
  const auto instrument = instruments_.find(command.instrument);
  if (instrument == instruments_.end()) return kUnknownInstrument;
  const std::uint32_t account = command.account == 0 ? session.default_account : command.account;
  const auto owner = accounts_.find(account);
  if (owner == accounts_.end() || owner->second != session.member) return kUnknownAccount;
  std::uint16_t reason = quantity_refusal(command.quantity);
  if (reason == kNone && !order.is_market) {
    reason = check_price(instrument->second, command.price_e4, order.price_ticks);
  }
  return reason;
}

std::uint16_t MarketModel::check_replacement(const LoggedCommand& command,
                                             const ModelOrder& original, ModelOrder& order) const {
  if (command.time_in_force > 5 || command.post_only > 1) return kMalformed;
  const std::uint16_t wrong_time = check_time(command, original.instrument);
  if (wrong_time != kNone) return wrong_time;
  order = original;
  order.is_market = false;
  order.hidden = 0;
  order.key = model_key(session_of(original.key), command.user_reference);
  order.reference = reference_ + 1;
  order.time_in_force = command.time_in_force;
  order.last_day = command.time_in_force == kGoodTillDate ? command.last_day : 0;
  order.post_only = command.post_only != 0;
  if (order.post_only && !order.may_rest()) return kNotSupported;
  std::uint16_t reason = quantity_refusal(command.quantity);
  if (reason != kNone) return reason;
  const Instrument& instrument = instruments_.at(original.instrument);
  reason = check_price(instrument, command.price_e4, order.price_ticks);
  if (reason != kNone) return reason;
  order.open = command.quantity - std::min(command.quantity, original.executed);
  reason = check_state(instrument, order);
  if (reason != kNone) return reason;
  return members_.at(original.member) ? kMemberHalted : kNone;
}

std::uint16_t MarketModel::check_price(const Instrument& instrument, std::uint64_t price_e4,
                                       std::int32_t& ticks) const {
  if (price_e4 > 0xFFFF'FFFF) return kPriceTooLarge;
  if (price_e4 % instrument.tick_e4 != 0) return kPriceOffTick;
  const auto count = static_cast<std::int64_t>(price_e4 / instrument.tick_e4);
  if (count < instrument.low_ticks || count > instrument.high_ticks) return kPriceOutOfLimits;
  ticks = static_cast<std::int32_t>(count);
  return kNone;
}

std::uint16_t MarketModel::check_state(const Instrument& instrument, ModelOrder& order) const {
  switch (instrument.state) {
    case kFull:
      return kNone;
    case kLimitOnly:
      return order.is_market ? kStateForbids : kNone;
    case kPostOnly:
      order.post_only = true;
      return order.may_rest() ? kNone : kStateForbids;
    case kAuctionCall:
      if (!instrument.has_rules) return kNotSupported;
      order.post_only = false;
      if (order.time_in_force == 2 || order.time_in_force == 3) return kStateForbids;
      if (!order.is_market) return kNone;
      order.price_ticks = order.side == 0 ? 0x7FFFFFFF : 0;
      return instrument.rules.takes_market_orders ? kNone : kStateForbids;
    default:
      return kStateForbids;
  }
}

std::uint16_t MarketModel::refusal_for_funds(const LoggedCommand& command) {
  const auto found = refusals_.find({command.session, command.user_reference});
  if (found == refusals_.end()) return kNone;
  ++refusals_taken_;
  return found->second;
}

std::uint16_t MarketModel::refusal_by_book(const ModelOrder& order) const {
  if (instruments_.at(order.instrument).is_called) return kNone;
  switch (books_.judge(order)) {
    case ModelBooks::Outcome::taken:
      return kNone;
    case ModelBooks::Outcome::would_trade:
      return kWouldTrade;
    case ModelBooks::Outcome::cannot_fill:
      return kCannotFill;
    case ModelBooks::Outcome::price_out_of_limits:
      return kPriceOutOfLimits;
  }
  return kNone;
}

void MarketModel::add_instrument(const LoggedCommand& command) {
  if (command.instrument != instruments_.size() + 1) return;
  const auto has_symbol = [&](const auto& one) { return one.second.symbol == command.symbol; };
  if (std::any_of(instruments_.begin(), instruments_.end(), has_symbol)) return;
  Instrument& instrument = instruments_[command.instrument];
  instrument.symbol = command.symbol;
  instrument.tick_e4 = command.tick_e4;
  instrument.low_ticks = command.low_ticks;
  instrument.high_ticks = command.high_ticks;
  instrument.state = command.state;
  instrument.segment = command.segment;
  books_.set_limits(command.instrument, command.low_ticks, command.high_ticks);
  if (feed_.empty()) publish_hours('O');
  ItchMessage& listed = publish(kItchDirectory, command.instrument, 0);
  listed.symbol = command.symbol;
  listed.quantity = 1;
  ItchMessage& state = publish(kItchTradingAction, command.instrument, 0);
  state.symbol = command.symbol;
  state.code = letter_of_state(command.state);
  state.detail = static_cast<char>('0' + command.state);
}

MarketModel::Approvers MarketModel::approvers_of(const LoggedCommand& command) const {
  Approvers count;
  std::uint16_t first = 0;
  for (const LoggedCommand::Approval& approval : command.approvals) {
    if (approval.operator_id == 0) continue;
    const bool is_late = now_ns_ / 1'000'000'000 > approval.accept_until_s;
    if (approval.accept_until_s != 0 && is_late) return {};
    if (std::exchange(first, approval.operator_id) == approval.operator_id) continue;
    ++count.to_stop;
    const auto known = operators_.find(approval.operator_id);
    if (known == operators_.end() || !known->second) ++count.to_start;
  }
  return count;
}

void MarketModel::set_state(const LoggedCommand& command) {
  if (command.state > kClosed || command.number <= control_number_) return;
  const Approvers approvers = approvers_of(command);
  const bool two = approvers.to_start >= 2;
  if (!two && !(is_stop(command.state) && approvers.to_stop >= 1)) return;
  if (!set_state_of(command, {two, false})) return;
  control_number_ = command.number;
  cancel_what_is_owed();
}

void MarketModel::cancel_what_is_owed() {
  for (auto& [id, session] : sessions_) {
    if (!session.owes_cancels) continue;
    session.owes_cancels = remove_orders(session, 0, 2, kSessionAbsent) > 0;
  }
}

bool MarketModel::may_change(const Instrument& instrument, std::uint8_t state, Word word) {
  const bool starts = !is_stop(state) && state != kClosed;
  if (word.is_of_plan && instrument.is_held && starts) return false;
  return word.is_of_two || one_may_change(instrument.state, state);
}

bool MarketModel::set_state_of(const LoggedCommand& command, Word word) {
  const auto is_in_segment = [&](const auto& one) { return one.second.segment == command.target; };
  switch (command.scope) {
    case kScopeMarket:
      if (command.target != 0) return false;
      set_states_of_many(command, word);
      return true;
    case kScopeInstrument: {
      const auto found = instruments_.find(command.target);
      if (found == instruments_.end()) return false;
      if (!may_change(found->second, command.state, word)) return false;
      const CallEnd end = prepare_call(command.target, command, word);
      // An extension has been carried out, though the state stays.
      if (end != CallEnd::ended) return end == CallEnd::extended;
      if (change_state(command.target, command.state, word)) {
        tell_sessions(command, command.target, 0);
      }
      return true;
    }
    case kScopeMember:
      if (!members_.contains(command.target)) return false;
      if (!is_stop(command.state) && command.state != kFull) return false;
      members_[command.target] = is_stop(command.state);
      tell_sessions(command, 0, command.target);
      return true;
    case kScopeSegment:
      if (command.target == 0 ||
          std::none_of(instruments_.begin(), instruments_.end(), is_in_segment)) {
        return false;
      }
      set_states_of_many(command, word);
      return true;
    default:
      return false;
  }
}

void MarketModel::set_states_of_many(const LoggedCommand& command, Word word) {
  bool changed = false;
  bool follows = false;
  for (const auto& [id, instrument] : instruments_) {
    if (command.scope == kScopeSegment && instrument.segment != command.target) continue;
    if (!may_change(instrument, command.state, word)) continue;
    const CallEnd end = prepare_call(id, command, word);
    follows = follows || instrument.timed_end.at_ns != 0;
    if (end != CallEnd::ended) continue;
    changed = change_state(id, command.state, word) || changed;
  }
  const bool is_market = command.scope == kScopeMarket;
  const bool is_told = is_market && (changed || follows);
  if (is_told && command.state == kFull) publish_hours('Q');
  if (is_told && command.state == kClosed) publish_hours('M');
  tell_sessions(command, 0, 0);
}

bool MarketModel::change_state(std::uint16_t instrument, std::uint8_t state, Word word) {
  Instrument& changed = instruments_.at(instrument);
  if (has_had_plan_ && !word.is_of_plan) changed.is_held = is_stop(state);
  if (changed.state == state) return false;
  changed.state = state;
  changed.timed_end = {};
  follow_state_with_stops(instrument);
  ItchMessage& message = publish(kItchTradingAction, instrument, 0);
  message.symbol = changed.symbol;
  message.code = letter_of_state(state);
  message.detail = static_cast<char>('0' + state);
  return true;
}

void MarketModel::tell_sessions(const LoggedCommand& command, std::uint16_t instrument,
                                std::uint16_t member) {
  for (auto& [id, session] : sessions_) {
    if (session.gateway == 0 || (member != 0 && session.member != member)) continue;
    OuchAnswer& answer = say(session, kOuchTradingState, 0);
    answer.scope = static_cast<char>('0' + command.scope);
    answer.symbol = padded_symbol("");
    if (command.scope == kScopeInstrument) answer.symbol = instruments_.at(instrument).symbol;
    if (command.scope == kScopeSegment)
      answer.symbol = padded_symbol(std::to_string(command.target));
    answer.state = static_cast<char>('0' + command.state);
    answer.state_reason = command.reason;
  }
}

OuchAnswer& MarketModel::say(Session& session, char type, std::uint32_t user_reference) {
  OuchAnswer& answer = session.answers.emplace_back();
  answer.type = type;
  answer.time_ns = time_ns_;
  answer.user_reference = user_reference;
  return answer;
}

void MarketModel::say_rejected(Session& session, const LoggedCommand& command,
                               std::uint16_t reason) {
  OuchAnswer& answer = say(session, kOuchRejected, command.user_reference);
  answer.reason = reason;
  answer.client_order_id = command.client_order_id;
}

void MarketModel::say_cancel_rejected(Session& session, std::uint32_t user_reference,
                                      std::uint16_t reason) {
  OuchAnswer& answer = say(session, kOuchCancelRejected, user_reference);
  append_number(answer.appendage, kTagReason, reason);
}

void MarketModel::say_canceled(Session& session, std::uint32_t user_reference,
                               std::uint32_t quantity, char letter) {
  OuchAnswer& answer = say(session, kOuchCanceled, user_reference);
  answer.quantity = quantity;
  answer.reason = static_cast<std::uint8_t>(letter);
}

ItchMessage& MarketModel::publish(char type, std::uint16_t instrument, std::uint64_t reference) {
  ItchMessage& message = feed_.emplace_back();
  message.type = type;
  message.locate = instrument;
  message.time_ns = time_ns_;
  message.reference = reference;
  return message;
}

void MarketModel::publish_hours(char code) { publish(kItchSystemEvent, 0, 0).code = code; }

}  // namespace okiagari::check

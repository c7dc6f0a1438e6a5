#include "wire/ouch_venue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/calendar_day.h"
#include "venue/venue.h"  // the enumerations of the market

namespace okiagari::wire::ouch {

namespace {

using market::PriceType;
using market::SelfTradePrevention;
using market::TimeInForce;

constexpr std::uint8_t code(auto value) { return static_cast<std::uint8_t>(value); }

// What the appendage of an order asks for.
struct Options {
  AccountId account = 0;
  SelfTradePrevention self_trade = SelfTradePrevention::none;
  bool post_only = false;
  // Whether the appendage says how long the order is good, be it only by a no.
  bool says_validity = false;
  bool good_till_cancel = false;
  bool at_auction = false;
  std::uint16_t last_day = 0;  // 0: none was named
  bool has_trigger = false;
  std::uint64_t trigger_e4 = 0;
  bool trails = false;
  std::uint64_t distance_e4 = 0;
  bool says_display = false;
  QuantityLots display = 0;  // 0: all of it
  std::uint32_t minimum_quantity = 0;
  std::uint8_t side = 2;  // of a mass cancel: both

  [[nodiscard]] bool waits() const { return has_trigger || trails; }
};

constexpr RejectCode kFine = RejectCode::venue_reason;

template <typename T>
bool read(const OptionReader::Option& option, T& into) {
  if (option.value.size() != sizeof(T)) return false;
  into = base::load_big<T>(option.value.data());
  return true;
}

RejectCode read_flag(const OptionReader::Option& option, char yes, bool& into) {
  char letter = 0;
  if (!read(option, letter)) return RejectCode::option_malformed;
  into = letter == yes;
  return into || letter == 'N' || letter == ' ' ? kFine : RejectCode::option_malformed;
}

RejectCode read_self_trade(const OptionReader::Option& option, SelfTradePrevention& into) {
  char letter = 0;
  if (!read(option, letter)) return RejectCode::option_malformed;
  if (letter < '0' || letter > '3') return RejectCode::invalid_self_trade;
  into = static_cast<SelfTradePrevention>(letter - '0');
  return kFine;
}

RejectCode read_side(const OptionReader::Option& option, std::uint8_t& into) {
  char letter = 0;
  if (!read(option, letter)) return RejectCode::option_malformed;
  if (letter != 'B' && letter != 'S') return RejectCode::invalid_side;
  into = code(letter == 'B' ? Side::buy : Side::sell);
  return kFine;
}

RejectCode read_day(const OptionReader::Option& option, std::uint16_t& into) {
  std::uint32_t year_month_day = 0;
  if (!read(option, year_month_day)) return RejectCode::option_malformed;
  into = base::day_of(year_month_day);
  return into == 0 ? RejectCode::invalid_time_in_force : kFine;
}

bool firm_differs(base::Bytes named, const Alpha<4>& own) {
  const std::string_view text = base::as_text(named);
  return text != "    " && !trimmed(own).empty() && text != std::string_view(own.data(), 4);
}

RejectCode read_option(const OptionReader::Option& option, const Origin& origin, Options& into) {
  switch (option.tag) {
    case Tag::firm:
      if (option.value.size() != origin.firm.size()) return RejectCode::option_malformed;
      return firm_differs(option.value, origin.firm) ? RejectCode::firm_not_authorized : kFine;
    case Tag::minimum_quantity:
      return read(option, into.minimum_quantity) ? kFine : RejectCode::option_malformed;
    case Tag::max_floor:
      into.says_display = true;
      return read(option, into.display) ? kFine : RejectCode::option_malformed;
    case Tag::customer_type:
      return option.value.size() == 1 ? kFine : RejectCode::option_malformed;
    case Tag::post_only:
      return read_flag(option, 'P', into.post_only);
    case Tag::side:
      return read_side(option, into.side);
    case Tag::account:
      if (!read(option, into.account)) return RejectCode::option_malformed;
      return into.account == 0 ? RejectCode::invalid_account : kFine;
    case Tag::self_trade:
      return read_self_trade(option, into.self_trade);
    case Tag::good_till_cancel:
      into.says_validity = true;
      return read_flag(option, 'Y', into.good_till_cancel);
    case Tag::at_auction:
      into.says_validity = true;
      return read_flag(option, 'Y', into.at_auction);
    case Tag::last_day:
      into.says_validity = true;
      return read_day(option, into.last_day);
    case Tag::trigger:
      into.has_trigger = true;
      return read(option, into.trigger_e4) ? kFine : RejectCode::option_malformed;
    case Tag::trail:
      into.trails = true;
      return read(option, into.distance_e4) ? kFine : RejectCode::option_malformed;
    default:
      return RejectCode::option_not_supported;
  }
}

// Every option at most once, and only those in `allowed`.
RejectCode read_options(base::Bytes appendage, const Origin& origin,
                        std::initializer_list<Tag> allowed, Options& into) {
  OptionReader reader(appendage);
  OptionReader::Option option;
  std::uint64_t seen = 0;
  while (reader.next(option)) {
    const auto* found = std::find(allowed.begin(), allowed.end(), option.tag);
    if (found == allowed.end()) return RejectCode::option_not_supported;
    const std::uint64_t bit = std::uint64_t{1} << std::distance(allowed.begin(), found);
    if ((seen & bit) != 0) return RejectCode::option_malformed;
    seen |= bit;
    const RejectCode refusal = read_option(option, origin, into);
    if (refusal != kFine) return refusal;
  }
  return kFine;
}

RejectCode time_in_force(char letter, QuantityLots quantity, const Options& options,
                         TimeInForce& into) {
  const int longer = (options.good_till_cancel ? 1 : 0) + (options.at_auction ? 1 : 0) +
                     (options.last_day != 0 ? 1 : 0);
  if (letter == '3') {
    if (longer > 0) return RejectCode::invalid_time_in_force;
    into = TimeInForce::immediate_or_cancel;
    if (options.minimum_quantity == 0) return kFine;
    if (options.minimum_quantity != quantity) return RejectCode::invalid_min_quantity;
    into = TimeInForce::fill_or_kill;
    return kFine;
  }
  if (letter != '0') return RejectCode::invalid_time_in_force;
  if (options.minimum_quantity != 0) return RejectCode::invalid_min_quantity;
  if (longer > 1) return RejectCode::invalid_time_in_force;
  into = options.good_till_cancel ? TimeInForce::good_till_cancel
         : options.at_auction     ? TimeInForce::at_auction
         : options.last_day != 0  ? TimeInForce::good_till_date
                                  : TimeInForce::day;
  return kFine;
}

// What waits shows nothing, and one trigger is enough.
RejectCode contradiction(const Options& options) {
  if (options.waits() && options.display != 0) return RejectCode::invalid_display;
  return options.has_trigger && options.trails ? RejectCode::option_not_supported : kFine;
}

template <typename Command>
Command blank(const Origin& origin) {
  Command command{};
  command.header = {.size_bytes = sizeof(Command),
                    .type = Command::kType,
                    .version = venue::kCommandVersion,
                    .session = origin.session,
                    .gateway = origin.gateway,
                    .epoch = origin.epoch,
                    .stream_number = origin.stream_number};
  return command;
}

template <typename Command>
Translated done(const Command& command, std::uint32_t user_reference, std::byte* into) {
  static_assert(sizeof(Command) <= kCommandBytesMax);
  std::memcpy(into, &command, sizeof command);
  return {sizeof command, kFine, user_reference};
}

Translated refuse(RejectCode code, std::uint32_t user_reference) {
  return {0, code, user_reference};
}

Translated enter(const EnterOrder& order, base::Bytes appendage, const Origin& origin,
                 const Symbols& symbols, std::byte* into) {
  Options options;
  RejectCode refusal = kFine;
  if (!appendage.empty()) {
    refusal = read_options(appendage, origin,
                           {Tag::firm, Tag::minimum_quantity, Tag::customer_type, Tag::max_floor,
                            Tag::post_only, Tag::account, Tag::self_trade, Tag::good_till_cancel,
                            Tag::at_auction, Tag::last_day, Tag::trigger, Tag::trail},
                           options);
  }
  TimeInForce time{};
  if (refusal == kFine) refusal = time_in_force(order.time_in_force, order.quantity, options, time);
  if (refusal == kFine) refusal = contradiction(options);
  if (order.side != 'B' && order.side != 'S') refusal = RejectCode::invalid_side;
  if (order.display != 'Y' && order.display != 'A') refusal = RejectCode::invalid_display;
  if (order.cross_type != 'N') refusal = RejectCode::invalid_cross;
  if (refusal != kFine) return refuse(refusal, order.user_reference);

  const auto filled = [&](auto command) {
    const bool is_market = order.price_e4 == kMarketPriceE4;
    command.user_reference = order.user_reference;
    command.quantity = order.quantity;
    command.price_e4 = is_market ? 0 : std::uint64_t{order.price_e4};
    command.account = options.account;
    command.instrument = symbols.find(order.symbol);
    command.side = order.side == 'B' ? Side::buy : Side::sell;
    command.price_type = code(is_market ? PriceType::market : PriceType::limit);
    command.time_in_force = code(time);
    command.self_trade = code(options.self_trade);
    command.post_only = options.post_only ? 1 : 0;
    command.client_order_id = order.client_order_id;
    command.last_day = options.last_day;
    return done(command, order.user_reference, into);
  };
  if (options.display != 0) {
    auto iceberg = blank<venue::NewIceberg>(origin);
    iceberg.display = options.display;
    return filled(iceberg);
  }
  if (options.trails) {
    auto trailing = blank<venue::NewTrailingStop>(origin);
    trailing.distance_e4 = options.distance_e4;
    return filled(trailing);
  }
  if (!options.has_trigger) return filled(blank<venue::NewOrder>(origin));
  auto stop = blank<venue::NewStop>(origin);
  stop.trigger_e4 = options.trigger_e4;
  return filled(stop);
}

Translated replace(const ReplaceOrder& order, base::Bytes appendage, const Origin& origin,
                   std::byte* into) {
  Options options;
  RejectCode refusal =
      read_options(appendage, origin,
                   {Tag::minimum_quantity, Tag::max_floor, Tag::post_only, Tag::good_till_cancel,
                    Tag::at_auction, Tag::last_day, Tag::trigger, Tag::trail},
                   options);
  TimeInForce time{};
  if (refusal == kFine) refusal = time_in_force(order.time_in_force, order.quantity, options, time);
  if (refusal == kFine) refusal = contradiction(options);
  if (order.display != 'Y' && order.display != 'A') refusal = RejectCode::invalid_display;
  const bool is_market = order.price_e4 == kMarketPriceE4;
  if (is_market && !options.waits()) refusal = RejectCode::invalid_price;
  if (refusal != kFine) return refuse(refusal, order.user_reference);
  const bool keeps_validity = order.time_in_force == '0' && !options.says_validity;

  const auto filled = [&](auto command) {
    command.original_user_reference = order.original_user_reference;
    command.user_reference = order.user_reference;
    command.quantity = order.quantity;
    command.price_e4 = is_market ? 0 : std::uint64_t{order.price_e4};
    command.time_in_force = keeps_validity ? venue::kTimeInForceAsBefore : code(time);
    command.post_only = options.post_only ? 1 : 0;
    command.client_order_id = order.client_order_id;
    command.last_day = options.last_day;
    return done(command, order.user_reference, into);
  };
  if (options.says_display && !options.waits()) {
    auto iceberg = blank<venue::ReplaceIceberg>(origin);
    iceberg.display = options.display;
    return filled(iceberg);
  }
  if (!options.waits()) return filled(blank<venue::ReplaceOrder>(origin));
  const std::uint8_t price_type = code(is_market ? PriceType::market : PriceType::limit);
  if (options.trails) {
    auto trailing = blank<venue::ReplaceTrailingStop>(origin);
    trailing.distance_e4 = options.distance_e4;
    trailing.price_type = price_type;
    return filled(trailing);
  }
  auto stop = blank<venue::ReplaceStop>(origin);
  stop.trigger_e4 = options.trigger_e4;
  stop.price_type = price_type;
  return filled(stop);
}

Translated cancel(const CancelOrder& order, base::Bytes appendage, const Origin& origin,
                  std::byte* into) {
  Options none;
  const RejectCode refusal = read_options(appendage, origin, {}, none);
  if (refusal != kFine) return refuse(refusal, order.user_reference);
  auto command = blank<venue::CancelOrder>(origin);
  command.user_reference = order.user_reference;
  command.quantity = order.quantity;
  return done(command, order.user_reference, into);
}

Translated mass_cancel(const MassCancel& order, base::Bytes appendage, const Origin& origin,
                       const Symbols& symbols, std::byte* into) {
  Options options;
  RejectCode refusal = read_options(appendage, origin, {Tag::side}, options);
  if (firm_differs(base::object_bytes(order.firm), origin.firm)) {
    refusal = RejectCode::firm_not_authorized;
  }
  const bool is_for_all = trimmed(order.symbol).empty();
  const InstrumentId instrument = is_for_all ? InstrumentId{0} : symbols.find(order.symbol);
  // Passing it on would cancel everything instead of nothing.
  if (!is_for_all && instrument == 0) refusal = RejectCode::invalid_symbol;
  if (refusal != kFine) return refuse(refusal, order.user_reference);
  auto command = blank<venue::MassCancel>(origin);
  command.instrument = instrument;
  command.side = options.side;
  command.user_reference = order.user_reference;
  return done(command, order.user_reference, into);
}

template <typename Message>
Message blank_message(const venue::EventHeader& event) {
  Message message;
  message.timestamp_ns = since_midnight_ns(event.timestamp_ns);
  return message;
}

template <typename Message>
std::size_t finish(const Message& message, std::byte* into) {
  std::memcpy(into, &message, sizeof message);
  return sizeof message;
}

// Closes a message whose appendage is written behind it up to `end`.
template <typename Message>
std::size_t finish(Message& message, std::byte* into, const std::byte* end) {
  const auto size = static_cast<std::size_t>(end - into);
  message.appendage_bytes = static_cast<std::uint16_t>(size - sizeof message);
  std::memcpy(into, &message, sizeof message);
  return size;
}

char letter_of(Side side) { return side == Side::buy ? 'B' : 'S'; }

// The letter; what it does not say goes into the appendage.
template <typename Event>
char put_time_in_force(const Event& event, std::byte*& at) {
  const QuantityLots quantity = event.quantity;
  switch (static_cast<TimeInForce>(event.time_in_force)) {
    case TimeInForce::day:
      return '0';
    case TimeInForce::good_till_cancel:
      at = put_option(at, Tag::good_till_cancel, 'Y');
      return '0';
    case TimeInForce::immediate_or_cancel:
      return '3';
    case TimeInForce::fill_or_kill:
      at = put_option(at, Tag::minimum_quantity, quantity);
      return '3';
    case TimeInForce::at_auction:
      at = put_option(at, Tag::at_auction, 'Y');
      return '0';
    case TimeInForce::good_till_date:
      at = put_option(at, Tag::last_day, base::year_month_day_of(event.last_day));
      return '0';
  }
  return '0';
}

// `display`: of an iceberg, else 0.
std::size_t accepted(const venue::OrderAccepted& event, QuantityLots display,
                     const Symbols& symbols, std::byte* into) {
  auto message = blank_message<Accepted>(event.header);
  std::byte* at = into + sizeof message;
  message.user_reference = event.user_reference;
  message.side = letter_of(event.side);
  message.quantity = event.quantity;
  message.symbol = symbols.of(event.instrument);
  const bool is_market = event.price_type == code(PriceType::market);
  message.price_e4 = is_market ? kMarketPriceE4 : event.price_e4;
  message.time_in_force = put_time_in_force(event, at);
  message.reference = event.reference;
  message.state = event.live != 0 ? 'L' : 'D';
  message.client_order_id = event.client_order_id;
  if (event.post_only != 0) at = put_option(at, Tag::post_only, 'P');
  at = put_option(at, Tag::account, event.account);
  if (event.self_trade != 0) {
    at = put_option(at, Tag::self_trade, static_cast<char>('0' + event.self_trade));
  }
  if (display != 0) at = put_option(at, Tag::max_floor, display);
  return finish(message, into, at);
}

std::size_t replaced(const venue::OrderReplaced& event, QuantityLots display,
                     const Symbols& symbols, std::byte* into) {
  auto message = blank_message<Replaced>(event.header);
  std::byte* at = into + sizeof message;
  message.original_user_reference = event.original_user_reference;
  message.user_reference = event.user_reference;
  message.side = letter_of(event.side);
  message.quantity = event.quantity;
  message.symbol = symbols.of(event.instrument);
  message.price_e4 = std::uint64_t{event.price_e4};
  message.time_in_force = put_time_in_force(event, at);
  message.reference = event.reference;
  message.state = event.live != 0 ? 'L' : 'D';
  message.client_order_id = event.client_order_id;
  if (event.post_only != 0) at = put_option(at, Tag::post_only, 'P');
  if (display != 0) at = put_option(at, Tag::max_floor, display);
  return finish(message, into, at);
}

std::size_t peak_shown(const venue::PeakShown& event, std::byte* into) {
  auto message = blank_message<OrderRestated>(event.header);
  message.user_reference = event.user_reference;
  message.reason = 'R';
  std::byte* at = into + sizeof message;
  at = put_option(at, Tag::secondary_reference, event.reference);
  at = put_option(at, Tag::display_quantity, event.quantity);
  return finish(message, into, at);
}

// Whose order waits: as accepted and replaced, with the trigger behind what they have.
template <typename Message, typename Event>
std::byte* put_waiting(const Event& event, const Symbols& symbols, Message& message,
                       std::byte* at) {
  message.user_reference = event.user_reference;
  message.side = letter_of(event.side);
  message.quantity = event.quantity;
  message.symbol = symbols.of(event.instrument);
  const bool is_market = event.price_type == code(PriceType::market);
  message.price_e4 = is_market ? kMarketPriceE4 : std::uint64_t{event.price_e4};
  message.time_in_force = put_time_in_force(event, at);
  message.reference = event.reference;
  message.client_order_id = event.client_order_id;
  return at;
}

// `distance_e4`: of one that follows the price, else 0.
std::size_t stop_accepted(const venue::StopAccepted& event, std::uint64_t distance_e4,
                          const Symbols& symbols, std::byte* into) {
  auto message = blank_message<Accepted>(event.header);
  std::byte* at = put_waiting(event, symbols, message, into + sizeof message);
  at = put_option(at, Tag::account, event.account);
  if (event.self_trade != 0) {
    at = put_option(at, Tag::self_trade, static_cast<char>('0' + event.self_trade));
  }
  at = put_option(at, Tag::trigger, event.trigger_e4);
  if (distance_e4 != 0) at = put_option(at, Tag::trail, distance_e4);
  return finish(message, into, at);
}

std::size_t stop_replaced(const venue::StopReplaced& event, std::uint64_t distance_e4,
                          const Symbols& symbols, std::byte* into) {
  auto message = blank_message<Replaced>(event.header);
  message.original_user_reference = event.original_user_reference;
  std::byte* at = put_waiting(event, symbols, message, into + sizeof message);
  at = put_option(at, Tag::trigger, event.trigger_e4);
  if (distance_e4 != 0) at = put_option(at, Tag::trail, distance_e4);
  return finish(message, into, at);
}

std::size_t stop_triggered(const venue::StopTriggered& event, std::byte* into) {
  auto message = blank_message<Triggered>(event.header);
  message.user_reference = event.user_reference;
  message.quantity = event.quantity;
  message.last_price_e4 = event.last_price_e4;
  message.reference = event.reference;
  message.state = event.live != 0 ? 'L' : 'D';
  return finish(message, into);
}

std::size_t canceled(const venue::OrderCanceled& event, std::byte* into) {
  auto message = blank_message<Canceled>(event.header);
  message.user_reference = event.user_reference;
  message.quantity = event.quantity;
  message.reason = cancel_letter(event.reason);
  return finish(message, into);
}

std::size_t executed(const venue::OrderExecuted& event, std::byte* into) {
  auto message = blank_message<Executed>(event.header);
  message.user_reference = event.user_reference;
  message.quantity = event.quantity;
  message.price_e4 = event.price_e4;
  message.liquidity = event.in_auction != 0 ? 'H' : event.aggressor != 0 ? 'R' : 'A';
  message.match = event.match;
  return finish(message, into);
}

std::size_t rejected(const venue::OrderRejected& event, std::byte* into) {
  auto message = blank_message<Rejected>(event.header);
  message.user_reference = event.user_reference;
  message.reason = static_cast<std::uint16_t>(code_of(event.reason));
  message.client_order_id = event.client_order_id;
  return finish(message, into);
}

std::size_t cancel_rejected(const venue::CancelRejected& event, std::byte* into) {
  auto message = blank_message<CancelReject>(event.header);
  message.user_reference = event.user_reference;
  std::byte* const length = into + finish(message, into);
  std::byte* const begin = length + sizeof(std::uint16_t);
  const auto reason = static_cast<std::uint16_t>(code_of(event.reason));
  const std::byte* const end = put_option(begin, Tag::reason, reason);
  base::store_big(length, static_cast<std::uint16_t>(end - begin));
  return static_cast<std::size_t>(end - into);
}

std::size_t trading_state(const venue::SessionNotice& event, const Symbols& symbols,
                          std::byte* into) {
  auto message = blank_message<TradingState>(event.header);
  message.scope = static_cast<char>('0' + code(event.scope));
  if (event.scope == venue::Scope::instrument) message.symbol = symbols.of(event.instrument);
  if (event.scope == venue::Scope::segment) {
    message.symbol = alpha<8>(fmt::format_int(std::uint32_t{event.instrument}).c_str());
  }
  message.state = static_cast<char>('0' + code(event.state));
  message.reason = event.reason;
  return finish(message, into);
}

// Where a public code says exactly what the venue's reason does.
struct PublicCode {
  venue::Reason reason;
  RejectCode code;
};
constexpr PublicCode kPublicCodes[] = {
    {venue::Reason::state_forbids, RejectCode::halted},
    {venue::Reason::quantity_zero, RejectCode::invalid_quantity},
    {venue::Reason::unknown_instrument, RejectCode::invalid_symbol},
};

template <typename Event>
const Event& as(const venue::EventHeader& header) {
  return reinterpret_cast<const Event&>(header);
}

}  // namespace

Translated command_from_ouch(base::Bytes message, const Origin& origin, const Symbols& symbols,
                             std::byte* into) {
  const base::Bytes appendage = inbound_appendage(message);
  switch (static_cast<char>(message[0])) {
    case EnterOrder::kType:
      return enter(*view_as<EnterOrder>(message), appendage, origin, symbols, into);
    case ReplaceOrder::kType:
      return replace(*view_as<ReplaceOrder>(message), appendage, origin, into);
    case CancelOrder::kType:
      return cancel(*view_as<CancelOrder>(message), appendage, origin, into);
    case MassCancel::kType:
      return mass_cancel(*view_as<MassCancel>(message), appendage, origin, symbols, into);
    default:
      // Modify, disable and enable begin with their number like the others.
      return refuse(RejectCode::message_not_supported,
                    message.size() < 5 ? 0 : base::load_big<std::uint32_t>(&message[1]));
  }
}

std::size_t ouch_from_event(const venue::EventHeader& event, const Symbols& symbols,
                            std::byte* into) {
  switch (event.type) {
    case venue::EventType::order_accepted:
      return accepted(as<venue::OrderAccepted>(event), 0, symbols, into);
    case venue::EventType::order_replaced:
      return replaced(as<venue::OrderReplaced>(event), 0, symbols, into);
    case venue::EventType::order_canceled:
      return canceled(as<venue::OrderCanceled>(event), into);
    case venue::EventType::order_executed:
      return executed(as<venue::OrderExecuted>(event), into);
    case venue::EventType::order_rejected:
      return rejected(as<venue::OrderRejected>(event), into);
    case venue::EventType::cancel_rejected:
      return cancel_rejected(as<venue::CancelRejected>(event), into);
    case venue::EventType::stop_accepted:
      return stop_accepted(as<venue::StopAccepted>(event), 0, symbols, into);
    case venue::EventType::stop_replaced:
      return stop_replaced(as<venue::StopReplaced>(event), 0, symbols, into);
    case venue::EventType::trailing_stop_accepted: {
      const auto& trailing = as<venue::TrailingStopAccepted>(event);
      return stop_accepted(trailing, trailing.distance_e4, symbols, into);
    }
    case venue::EventType::trailing_stop_replaced: {
      const auto& trailing = as<venue::TrailingStopReplaced>(event);
      return stop_replaced(trailing, trailing.distance_e4, symbols, into);
    }
    case venue::EventType::stop_triggered:
      return stop_triggered(as<venue::StopTriggered>(event), into);
    case venue::EventType::iceberg_accepted: {
      const auto& iceberg = as<venue::IcebergAccepted>(event);
      return accepted(iceberg, iceberg.display, symbols, into);
    }
    case venue::EventType::iceberg_replaced: {
      const auto& iceberg = as<venue::IcebergReplaced>(event);
      return replaced(iceberg, iceberg.display, symbols, into);
    }
    case venue::EventType::peak_shown:
      return peak_shown(as<venue::PeakShown>(event), into);
    case venue::EventType::session_notice:
      return trading_state(as<venue::SessionNotice>(event), symbols, into);
    default:
      return 0;
  }
}

RejectCode code_of(venue::Reason reason) {
  for (const PublicCode& known : kPublicCodes) {
    if (known.reason == reason) return known.code;
  }
  return static_cast<RejectCode>(0x100 + static_cast<std::uint16_t>(reason));
}

venue::Reason reason_of(RejectCode code) {
  for (const PublicCode& known : kPublicCodes) {
    if (known.code == code) return known.reason;
  }
  const auto number = static_cast<std::uint16_t>(code);
  if (number < 0x100 || number >= 0x200) return venue::Reason::none;
  return static_cast<venue::Reason>(number - 0x100);
}

char cancel_letter(venue::Reason reason) {
  switch (reason) {
    case venue::Reason::by_member:
      return 'U';
    case venue::Reason::immediate_rest:
      return 'I';
    case venue::Reason::self_trade:
      return 'Q';
    case venue::Reason::by_operator:
      return 'S';
    case venue::Reason::halted:
      return 'H';
    case venue::Reason::session_absent:
      return 'a';
    case venue::Reason::session_ended:
      return 'b';
    case venue::Reason::auction_ended:
      return 'c';
    case venue::Reason::stop_refused:
      return 'd';
    case venue::Reason::day_over:
      return 'T';
    default:
      return 'Z';
  }
}

}  // namespace okiagari::wire::ouch

#include "tests/simulation/member.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/calendar_day.h"
#include "market/order.h"

namespace okiagari::simulation {
namespace {

constexpr std::size_t kUnansweredMax = 24;

template <typename Event>
Event read(base::Bytes event) {
  Event into{};
  std::memcpy(&into, event.data(), std::min(event.size(), sizeof into));
  return into;
}

GatewayId gateway_id(Endpoint endpoint) { return static_cast<GatewayId>(endpoint - kNodes + 1); }

}  // namespace

Member::Member(World& world, SessionId session)
    : world_(world),
      session_(session),
      random_(world.scenario.seed, 100U + session),
      gateway_(static_cast<Endpoint>(kNodes + session % kGateways)),
      nonce_(random_.next()),
      commands_left_(world.scenario.commands_per_member) {}

void Member::act() {
  std::uint64_t burst = std::min<std::uint64_t>(random_.between(1, 4), commands_left_);
  for (; burst > 0 && unanswered_.size() < kUnansweredMax; --burst) {
    make_command();
    --commands_left_;
  }
}

bool Member::is_satisfied() const {
  return commands_left_ == 0 && unanswered_.empty() &&
         next_session_number_ == world_.history.events().next_session_number(session_);
}

std::string Member::describe() const {
  return fmt::format(
      "session {}: {} commands to make, {} unanswered, epoch {}, told up to {} of {}", session_,
      commands_left_, unanswered_.size(), epoch_, next_session_number_ - 1,
      world_.history.events().next_session_number(session_) - 1);
}

void Member::make_command() {
  const std::uint64_t dice = random_.below(1000);
  if (dice < 20) return make_repeat();
  if (dice < 200) return make_cancel();
  std::uint32_t reference = next_user_reference_++;
  if (dice < 212) {
    // One number is left out, to be sent too late.
    jumped_reference_ = reference;
    reference = next_user_reference_++;
  } else if (dice < 220 && jumped_reference_ != 0) {
    --next_user_reference_;
    reference = std::exchange(jumped_reference_, 0);
  }
  if (dice < 340) return make_replacement(reference);
  if (dice < 350) return make_mass_cancel(reference);
  if (dice < 480) return make_stop(reference);
  if (dice < 540) return make_stop_replacement(reference);
  make_order(reference);
}

template <typename Body>
void Member::keep(Body body, std::uint32_t user_reference) {
  static_assert(sizeof(Body) <= sizeof(Command::bytes));
  body.header.size_bytes = sizeof body;
  body.header.type = Body::kType;
  body.header.version = venue::kCommandVersion;
  body.header.session = session_;
  Command command;
  std::memcpy(command.bytes.data(), &body, sizeof body);
  command.size_bytes = sizeof body;
  command.user_reference = user_reference;
  command.stream_number = epoch_ == 0 ? 0 : next_stream_number_++;
  unanswered_.push_back(command);
  if (Body::kType == venue::CommandType::new_order) last_order_ = command;
}

std::uint32_t Member::recent_reference() {
  const std::uint32_t back = static_cast<std::uint32_t>(random_.between(1, 12));
  return next_user_reference_ > back ? next_user_reference_ - back : 1;
}

// Mostly for the day; the last days that are named begin with one that is over soon, or already.
Member::Validity Member::draw_lasting() {
  const std::uint64_t dice = random_.below(100);
  if (dice < 60) return {};
  if (dice < 80) return {static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel), 0};
  const std::uint64_t first = base::day_of(kFirstDay) - 1U;
  return {static_cast<std::uint8_t>(market::TimeInForce::good_till_date),
          static_cast<std::uint16_t>(random_.between(first, first + 5))};
}

template <typename Replacement>
void Member::draw_validity(Replacement& replacement) {
  const Validity validity = draw_lasting();
  replacement.time_in_force = validity.time_in_force;
  replacement.last_day = validity.last_day;
}

void Member::make_order(std::uint32_t user_reference) {
  venue::NewOrder order{};
  order.user_reference = user_reference;
  order.quantity = static_cast<QuantityLots>(random_.between(1, 50));
  order.instrument = static_cast<InstrumentId>(random_.between(1, kInstruments));
  order.side = random_.chance(500) ? Side::buy : Side::sell;
  order.price_e4 = draw_price_e4();
  const Validity validity = draw_lasting();
  order.time_in_force = validity.time_in_force;
  order.last_day = validity.last_day;
  const std::uint64_t kind = random_.below(100);
  // Of those for the auction alone, some.
  const bool is_market = kind < 5 || (kind >= 28 && kind < 32);
  if (is_market) order.price_type = static_cast<std::uint8_t>(market::PriceType::market);
  if (kind < 15) {
    order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::immediate_or_cancel);
  } else if (kind < 20) {
    order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::fill_or_kill);
  } else if (kind < 25) {
    order.post_only = 1;
  } else if (kind < 27) {
    order.price_e4 += 1;  // off the tick
  } else if (kind < 28) {
    order.instrument = kInstruments + 1;  // unknown
  } else if (kind < 38) {
    order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::at_auction);
    // More than there is: a call that must fill what has no price cannot end.
    if (is_market && random_.chance(250)) order.quantity *= 100;
  }
  order.self_trade = static_cast<std::uint8_t>(random_.below(4));
  if (kind >= 90) {
    venue::NewIceberg iceberg{};
    static_cast<venue::NewOrder&>(iceberg) = order;
    iceberg.display = 1 + order.quantity / 5;
    return keep(iceberg, user_reference);
  }
  keep(order, user_reference);
}

// Above the market for a buy and below it for a sell, most of them so near that a trade comes
// there.
void Member::make_stop(std::uint32_t user_reference) {
  venue::NewStop stop{};
  stop.user_reference = user_reference;
  stop.quantity = static_cast<QuantityLots>(random_.between(1, 40));
  stop.instrument = static_cast<InstrumentId>(random_.between(1, kInstruments));
  stop.side = random_.chance(500) ? Side::buy : Side::sell;
  stop.trigger_e4 =
      100 * (stop.side == Side::buy ? random_.between(998, 1016) : random_.between(984, 1002));
  stop.price_e4 = draw_price_e4();
  if (random_.chance(400)) stop.price_type = static_cast<std::uint8_t>(market::PriceType::market);
  const Validity validity = draw_lasting();
  stop.time_in_force = validity.time_in_force;
  stop.last_day = validity.last_day;
  stop.self_trade = static_cast<std::uint8_t>(random_.below(4));
  note_stop(user_reference);
  if (random_.chance(350)) return make_trailing(stop);
  const std::uint64_t kind = random_.below(100);
  if (kind < 2) {
    stop.trigger_e4 += 1;  // off the tick
  } else if (kind < 4) {
    stop.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::fill_or_kill);
  }
  keep(stop, user_reference);
}

// The same, but that it follows the price.
void Member::make_trailing(const venue::NewStop& stop) {
  venue::NewTrailingStop trailing{};
  trailing.user_reference = stop.user_reference;
  trailing.quantity = stop.quantity;
  trailing.price_e4 = stop.price_e4;
  trailing.instrument = stop.instrument;
  trailing.side = stop.side;
  trailing.price_type = stop.price_type;
  trailing.time_in_force = stop.time_in_force;
  trailing.last_day = stop.last_day;
  trailing.self_trade = stop.self_trade;
  trailing.distance_e4 = draw_distance_e4();
  keep(trailing, stop.user_reference);
}

void Member::make_stop_replacement(std::uint32_t user_reference) {
  const auto draw = [&](auto& replacement) {
    replacement.original_user_reference = recent_stop();
    replacement.user_reference = user_reference;
    replacement.quantity = static_cast<QuantityLots>(random_.between(1, 40));
    replacement.price_e4 = draw_price_e4();
    replacement.time_in_force = venue::kTimeInForceAsBefore;
    if (random_.chance(300)) draw_validity(replacement);
    if (random_.chance(300)) {
      replacement.price_type = static_cast<std::uint8_t>(market::PriceType::market);
    }
    note_stop(user_reference);
  };
  if (random_.chance(400)) {
    venue::ReplaceTrailingStop trailing{};
    draw(trailing);
    trailing.distance_e4 = draw_distance_e4();
    return keep(trailing, user_reference);
  }
  venue::ReplaceStop replacement{};
  draw(replacement);
  replacement.trigger_e4 = 100 * random_.between(984, 1016);
  keep(replacement, user_reference);
}

// Near enough that the price comes back so far; some none at all or off the tick.
std::uint64_t Member::draw_distance_e4() {
  const std::uint64_t kind = random_.below(100);
  if (kind < 2) return 0;
  return 100 * random_.between(1, 8) + (kind < 4 ? 1 : 0);
}

void Member::note_stop(std::uint32_t user_reference) {
  stops_[stops_made_++ % stops_.size()] = user_reference;
}

std::uint32_t Member::recent_stop() {
  if (stops_made_ == 0 || random_.chance(100)) return recent_reference();
  return stops_[random_.below(std::min(stops_made_, stops_.size()))];
}

void Member::make_replacement(std::uint32_t user_reference) {
  venue::ReplaceOrder replacement{};
  replacement.original_user_reference = recent_reference();
  replacement.user_reference = user_reference;
  replacement.quantity = static_cast<QuantityLots>(random_.between(1, 60));
  replacement.price_e4 = draw_price_e4();
  replacement.time_in_force = venue::kTimeInForceAsBefore;
  if (random_.chance(300)) draw_validity(replacement);
  if (random_.chance(800)) return keep(replacement, user_reference);
  venue::ReplaceIceberg iceberg{};
  static_cast<venue::ReplaceOrder&>(iceberg) = replacement;
  iceberg.display = static_cast<QuantityLots>(random_.below(10));
  keep(iceberg, user_reference);
}

void Member::make_cancel() {
  venue::CancelOrder cancel{};
  cancel.user_reference = random_.chance(200) ? recent_stop() : recent_reference();
  cancel.quantity = random_.chance(200) ? static_cast<QuantityLots>(random_.between(1, 20)) : 0;
  keep(cancel, 0);
}

void Member::make_mass_cancel(std::uint32_t user_reference) {
  venue::MassCancel cancel{};
  cancel.instrument = static_cast<InstrumentId>(random_.below(kInstruments + 1));
  cancel.side = static_cast<std::uint8_t>(random_.below(3));
  cancel.user_reference = user_reference;
  keep(cancel, user_reference);
}

void Member::make_repeat() {
  if (last_order_.size_bytes == 0) return make_cancel();
  Command repeat = last_order_;
  repeat.is_repeat = true;
  repeat.stream_number = epoch_ == 0 ? 0 : next_stream_number_++;
  unanswered_.push_back(repeat);
}

void Member::move_to(Endpoint gateway) {
  gateway_ = gateway;
  epoch_ = 0;
  login_sent_ = false;
  nonce_ = random_.next();
}

venue::Login Member::login() const {
  venue::Login login{};
  login.header.size_bytes = sizeof login;
  login.header.type = venue::Login::kType;
  login.header.version = venue::kCommandVersion;
  login.header.session = session_;
  login.header.gateway = gateway_id(gateway_);
  login.nonce = nonce_;
  return login;
}

bool Member::takes_login(bool again) {
  if (epoch_ != 0 || (login_sent_ && !again)) return false;
  login_sent_ = true;
  return true;
}

void Member::logged_in(const venue::LoginAccepted& accepted) {
  if (epoch_ != 0 || accepted.nonce != nonce_) return;
  epoch_ = accepted.epoch;
  if (next_session_number_ < accepted.next_session_number) {
    world_.tally.count(Branch::session_replayed);
  }
  while (next_session_number_ < accepted.next_session_number) {
    const base::Bytes event = world_.history.events().session_event(session_, next_session_number_);
    take_message(event, read<venue::EventHeader>(event), true);
  }
  next_stream_number_ = 1;
  sent_through_ = 0;
  for (Command& command : unanswered_) {
    if (command.stream_number != 0) world_.tally.count(Branch::commands_sent_again);
    command.stream_number = next_stream_number_++;
  }
}

void Member::write_commands(std::uint32_t from, base::ByteWriter& into) {
  if (epoch_ == 0) return;
  const std::uint32_t first = from == 0 ? sent_through_ + 1 : from;
  for (const Command& command : unanswered_) {
    if (command.stream_number < first) continue;
    // A careless gateway: one of many is lost on its way through it.
    const bool is_last = &command == &unanswered_.back();
    if (from == 0 && !is_last && random_.chance(3)) continue;
    if (command.stream_number <= sent_through_) {
      world_.tally.count(Branch::commands_sent_again);
    }
    venue::CommandHeader header;
    std::memcpy(&header, command.bytes.data(), sizeof header);
    header.gateway = gateway_id(gateway_);
    header.epoch = epoch_;
    header.stream_number = command.stream_number;
    const base::Bytes bytes = base::Bytes{command.bytes}.first(command.size_bytes);
    into.object(header);
    into.bytes(bytes.subspan(sizeof header));
    sent_through_ = std::max(sent_through_, command.stream_number);
  }
}

void Member::told(base::Bytes event, const venue::EventHeader& header) {
  if (epoch_ == 0) return;
  take_message(event, header, false);
  if (header.stream_number != 0) decided(epoch_, header.stream_number - 1);
}

void Member::take_message(base::Bytes event, const venue::EventHeader& header, bool is_replay) {
  if (header.session_number != next_session_number_) {
    world_.verdict.fail("session {} was told message {} where {} is next", session_,
                        header.session_number, next_session_number_);
    return;
  }
  ++next_session_number_;
  // A cautious member sends some of it again all the same.
  if (!is_replay || random_.chance(300)) return;
  switch (header.type) {
    case venue::EventType::order_accepted:
      return strike(read<venue::OrderAccepted>(event).user_reference);
    case venue::EventType::order_replaced:
      return strike(read<venue::OrderReplaced>(event).user_reference);
    case venue::EventType::iceberg_accepted:
      return strike(read<venue::IcebergAccepted>(event).user_reference);
    case venue::EventType::iceberg_replaced:
      return strike(read<venue::IcebergReplaced>(event).user_reference);
    case venue::EventType::stop_accepted:
      return strike(read<venue::StopAccepted>(event).user_reference);
    case venue::EventType::stop_replaced:
      return strike(read<venue::StopReplaced>(event).user_reference);
    case venue::EventType::trailing_stop_accepted:
      return strike(read<venue::TrailingStopAccepted>(event).user_reference);
    case venue::EventType::trailing_stop_replaced:
      return strike(read<venue::TrailingStopReplaced>(event).user_reference);
    case venue::EventType::order_rejected:
      return strike(read<venue::OrderRejected>(event).user_reference);
    default:
      return;
  }
}

void Member::strike(std::uint32_t user_reference) {
  const auto found = std::find_if(
      unanswered_.begin(), unanswered_.end(),
      [&](const Command& command) { return command.user_reference == user_reference; });
  if (found == unanswered_.end()) return;
  unanswered_.erase(found);
  ++world_.tally.commands_decided;
}

void Member::decided(std::uint32_t epoch, std::uint32_t through) {
  if (epoch != epoch_) return;
  while (!unanswered_.empty() && unanswered_.front().stream_number <= through) {
    const Command& command = unanswered_.front();
    if (command.is_repeat) world_.tally.count(Branch::repeat_recognised);
    ++world_.tally.commands_decided;
    unanswered_.pop_front();
  }
}

void Member::fenced(std::uint32_t epoch) {
  if (epoch_ == 0 || epoch != epoch_) return;
  move_to(gateway_);
}

}  // namespace okiagari::simulation

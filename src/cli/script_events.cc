#include "cli/script_events.h"

#include <fmt/format.h>

#include <cstring>

#include "base/calendar_day.h"
#include "market/order.h"
#include "venue/names.h"
#include "wire/decimal_text.h"

namespace okiagari::cli {

namespace {

using venue::name_of;

std::string at(const std::vector<std::string>& names, std::size_t number) {
  return number >= 1 && number <= names.size() ? names[number - 1] : std::to_string(number);
}

std::string price_of(std::uint8_t price_type, std::uint64_t price_e4) {
  const bool is_market = price_type == static_cast<std::uint8_t>(market::PriceType::market);
  return is_market ? "market" : script_price(price_e4);
}

std::string until(std::uint16_t last_day) {
  return last_day == 0 ? "" : fmt::format(" until {}", base::year_month_day_of(last_day));
}

class Words {
 public:
  explicit Words(const ScriptNames& names) : names_(names) {}

  std::string operator()(const venue::OrderAccepted& e) const {
    return fmt::format("accepted {}: {} {} {} at {}{}{}", e.user_reference, name_of(e.side),
                       e.quantity, instrument(e.instrument), price_of(e.price_type, e.price_e4),
                       until(e.last_day), e.live != 0 ? "" : ", does not rest");
  }
  std::string operator()(const venue::OrderReplaced& e) const {
    return fmt::format("replaced {} by {}: {} {} {} at {}{}{}", e.original_user_reference,
                       e.user_reference, name_of(e.side), e.quantity, instrument(e.instrument),
                       script_price(e.price_e4), until(e.last_day),
                       e.live != 0 ? "" : ", does not rest");
  }
  std::string operator()(const venue::IcebergAccepted& e) const {
    return fmt::format("{}, shows {}", (*this)(static_cast<const venue::OrderAccepted&>(e)),
                       e.display);
  }
  std::string operator()(const venue::IcebergReplaced& e) const {
    return fmt::format("{}, shows {}", (*this)(static_cast<const venue::OrderReplaced&>(e)),
                       e.display);
  }
  std::string operator()(const venue::PeakShown& e) const {
    return fmt::format("shown {}: {} as {}", e.user_reference, e.quantity, e.reference);
  }
  std::string operator()(const venue::OrderCanceled& e) const {
    return fmt::format("canceled {}: {} gone, {} left, {}", e.user_reference, e.quantity,
                       e.remaining, name_of(e.reason));
  }
  std::string operator()(const venue::OrderExecuted& e) const {
    return fmt::format("executed {}: {} at {}, match {}{}", e.user_reference, e.quantity,
                       script_price(e.price_e4), e.match, e.aggressor != 0 ? ", took" : "");
  }
  std::string operator()(const venue::OrderRejected& e) const {
    return fmt::format("rejected {}: {}", e.user_reference, name_of(e.reason));
  }
  std::string operator()(const venue::CancelRejected& e) const {
    return fmt::format("cancel rejected {}: {}", e.user_reference, name_of(e.reason));
  }
  std::string operator()(const venue::StopAccepted& e) const {
    return fmt::format("accepted {}: {} {} {} at {} from {}{}", e.user_reference, name_of(e.side),
                       e.quantity, instrument(e.instrument), price_of(e.price_type, e.price_e4),
                       script_price(e.trigger_e4), until(e.last_day));
  }
  std::string operator()(const venue::StopReplaced& e) const {
    return fmt::format("replaced {} by {}: {} {} {} at {} from {}{}", e.original_user_reference,
                       e.user_reference, name_of(e.side), e.quantity, instrument(e.instrument),
                       price_of(e.price_type, e.price_e4), script_price(e.trigger_e4),
                       until(e.last_day));
  }
  std::string operator()(const venue::TrailingStopAccepted& e) const {
    return fmt::format("{}, {} behind", (*this)(static_cast<const venue::StopAccepted&>(e)),
                       script_price(e.distance_e4));
  }
  std::string operator()(const venue::TrailingStopReplaced& e) const {
    return fmt::format("{}, {} behind", (*this)(static_cast<const venue::StopReplaced&>(e)),
                       script_price(e.distance_e4));
  }
  std::string operator()(const venue::StopTriggered& e) const {
    return fmt::format("triggered {}: {} {} {} after {}{}", e.user_reference, name_of(e.side),
                       e.quantity, instrument(e.instrument), script_price(e.last_price_e4),
                       e.live != 0 ? "" : ", does not rest");
  }
  std::string operator()(const venue::SessionNotice& e) const {
    const std::string what = e.scope == venue::Scope::member   ? "the member"
                             : e.scope == venue::Scope::market ? "the market"
                                                               : instrument(e.instrument);
    return fmt::format("told: {} is {}", what, name_of(e.state));
  }
  std::string operator()(const venue::LoginAccepted& e) const {
    return fmt::format("logged in: epoch {}, next order {}", e.epoch, e.next_user_reference);
  }
  std::string operator()(const venue::SessionFenced& e) const {
    return fmt::format("fenced: epoch {}", e.epoch);
  }
  std::string operator()(const venue::StreamGap& e) const {
    return fmt::format("gap: number {} is wanted first", e.expected);
  }
  std::string operator()(const venue::FeedAdd& e) const {
    return fmt::format("add {}: {} {} {} at {}", e.reference, name_of(e.side), e.quantity,
                       instrument(e.instrument), script_price(e.price_e4));
  }
  std::string operator()(const venue::FeedExecute& e) const {
    return fmt::format("execute {}: {}, match {}", e.reference, e.quantity, e.match);
  }
  std::string operator()(const venue::FeedReduce& e) const {
    return fmt::format("reduce {}: by {}", e.reference, e.quantity);
  }
  std::string operator()(const venue::FeedDelete& e) const {
    return fmt::format("delete {}", e.reference);
  }
  std::string operator()(const venue::FeedReplace& e) const {
    return fmt::format("replace {} by {}: {} at {}", e.original_reference, e.reference, e.quantity,
                       script_price(e.price_e4));
  }
  std::string operator()(const venue::FeedState& e) const {
    return fmt::format("{} is {}", instrument(e.instrument), name_of(e.state));
  }
  std::string operator()(const venue::FeedExecuteAt& e) const {
    return fmt::format("execute {}: {} at {}, match {}", e.reference, e.quantity,
                       script_price(e.price_e4), e.match);
  }
  std::string operator()(const venue::FeedCross& e) const {
    return fmt::format("cross of {}: {} at {}, match {}", instrument(e.instrument), e.volume,
                       script_price(e.price_e4), e.match);
  }
  std::string operator()(const venue::FeedIndicative& e) const {
    return e.price_e4 == 0
               ? fmt::format("{} would not trade", instrument(e.instrument))
               : fmt::format("{} would trade {} at {}, surplus {}", instrument(e.instrument),
                             e.volume, script_price(e.price_e4), e.surplus);
  }

 private:
  [[nodiscard]] std::string instrument(InstrumentId number) const {
    return at(names_.instruments, number);
  }
  const ScriptNames& names_;
};

// Events stand one behind another without gaps, so that a number in one may lie where it cannot be
// referred to; in a copy at an even place it can.
template <typename Event>
struct Aligned {
  explicit Aligned(const venue::EventHeader& from) { std::memcpy(&event, &from, sizeof event); }
  alignas(std::uint64_t) Event event;
};

template <typename Event>
std::string line(const venue::EventHeader& event, const ScriptNames& names) {
  const std::string who = event.feed_number != 0 ? "feed" : at(names.members, event.session);
  return who + " " + Words(names)(Aligned<Event>(event).event);
}

// An act of market control; reference data says something only when it is refused.
std::string result_line(const venue::EventHeader& event) {
  const Aligned<venue::ControlResult> copy(event);
  const venue::ControlResult& result = copy.event;
  if (result.reason != venue::Reason::none) {
    return fmt::format("operators refused: {}", name_of(result.reason));
  }
  const bool is_act = result.command == venue::CommandType::set_instrument_state ||
                      result.command == venue::CommandType::set_price_limits ||
                      result.command == venue::CommandType::set_trading_plan ||
                      result.command == venue::CommandType::advance_plan ||
                      result.command == venue::CommandType::end_day ||
                      result.command == venue::CommandType::trade_bust;
  return is_act ? fmt::format("operators done: {} affected", result.affected) : "";
}

}  // namespace

std::string script_price(std::uint64_t price_e4) { return wire::decimal_text(price_e4, 4); }

std::string script_line(const venue::EventHeader& event, const ScriptNames& names) {
  using venue::EventType;
  switch (event.type) {
    case EventType::order_accepted:
      return line<venue::OrderAccepted>(event, names);
    case EventType::order_replaced:
      return line<venue::OrderReplaced>(event, names);
    case EventType::order_canceled:
      return line<venue::OrderCanceled>(event, names);
    case EventType::order_executed:
      return line<venue::OrderExecuted>(event, names);
    case EventType::order_rejected:
      return line<venue::OrderRejected>(event, names);
    case EventType::cancel_rejected:
      return line<venue::CancelRejected>(event, names);
    case EventType::stop_accepted:
      return line<venue::StopAccepted>(event, names);
    case EventType::stop_replaced:
      return line<venue::StopReplaced>(event, names);
    case EventType::trailing_stop_accepted:
      return line<venue::TrailingStopAccepted>(event, names);
    case EventType::trailing_stop_replaced:
      return line<venue::TrailingStopReplaced>(event, names);
    case EventType::stop_triggered:
      return line<venue::StopTriggered>(event, names);
    case EventType::iceberg_accepted:
      return line<venue::IcebergAccepted>(event, names);
    case EventType::iceberg_replaced:
      return line<venue::IcebergReplaced>(event, names);
    case EventType::peak_shown:
      return line<venue::PeakShown>(event, names);
    case EventType::session_notice:
      return line<venue::SessionNotice>(event, names);
    case EventType::login_accepted:
      return line<venue::LoginAccepted>(event, names);
    case EventType::session_fenced:
      return line<venue::SessionFenced>(event, names);
    case EventType::stream_gap:
      return line<venue::StreamGap>(event, names);
    case EventType::control_result:
      return result_line(event);
    case EventType::feed_add:
      return line<venue::FeedAdd>(event, names);
    case EventType::feed_execute:
      return line<venue::FeedExecute>(event, names);
    case EventType::feed_reduce:
      return line<venue::FeedReduce>(event, names);
    case EventType::feed_delete:
      return line<venue::FeedDelete>(event, names);
    case EventType::feed_replace:
      return line<venue::FeedReplace>(event, names);
    case EventType::feed_state:
      return line<venue::FeedState>(event, names);
    case EventType::feed_execute_at:
      return line<venue::FeedExecuteAt>(event, names);
    case EventType::feed_cross:
      return line<venue::FeedCross>(event, names);
    case EventType::feed_indicative:
      return line<venue::FeedIndicative>(event, names);
    default:
      return "";
  }
}

}  // namespace okiagari::cli

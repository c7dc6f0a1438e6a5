#include "tests/simulation/told_branches.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "market/order.h"

namespace okiagari::simulation {
namespace {

template <typename Event>
Event read(base::Bytes event) {
  Event into{};
  std::memcpy(&into, event.data(), std::min(event.size(), sizeof into));
  return into;
}

class Counter {
 public:
  explicit Counter(Tally& tally) : tally_(tally) {}

  void take(base::Bytes event);
  [[nodiscard]] std::uint64_t days_ended_by_act() const { return days_ended_by_act_; }

 private:
  void count(Branch branch) { tally_.count(branch); }
  static std::uint64_t name_of(SessionId session, std::uint32_t user_reference) {
    return std::uint64_t{session} << 32 | user_reference;
  }
  template <typename Event>
  void follow(const Event& event);
  void take_triggered(const venue::StopTriggered& triggered);
  void take_accepted(const venue::OrderAccepted& accepted);
  void take_rejected(venue::Reason reason);
  void take_canceled(venue::Reason reason);
  void take_notice(const venue::SessionNotice& notice);
  void take_state(venue::InstrumentState state);
  void take_answer(const venue::ControlResult& result);
  void take_done(const venue::ControlResult& result);

  Tally& tally_;
  // With which those that follow the price began, by name.
  std::map<std::uint64_t, std::uint64_t> triggers_;
  // Since the last answer to an act, which comes behind what it did.
  std::uint64_t crosses_ = 0;
  std::uint64_t days_ended_by_act_ = 0;
};

void Counter::take(base::Bytes event) {
  switch (read<venue::EventHeader>(event).type) {
    case venue::EventType::order_accepted:
      return take_accepted(read<venue::OrderAccepted>(event));
    case venue::EventType::iceberg_accepted:
      return count(Branch::iceberg_taken);
    case venue::EventType::peak_shown:
      return count(Branch::peak_shown);
    case venue::EventType::iceberg_replaced:
      return count(Branch::iceberg_replaced);
    case venue::EventType::stop_accepted:
      return count(Branch::stop_waits);
    case venue::EventType::stop_replaced:
      return count(Branch::stop_replaced);
    case venue::EventType::trailing_stop_accepted:
      count(Branch::trailing_stop_waits);
      return follow(read<venue::TrailingStopAccepted>(event));
    case venue::EventType::trailing_stop_replaced:
      count(Branch::trailing_stop_replaced);
      return follow(read<venue::TrailingStopReplaced>(event));
    case venue::EventType::stop_triggered:
      return take_triggered(read<venue::StopTriggered>(event));
    case venue::EventType::order_rejected:
      return take_rejected(read<venue::OrderRejected>(event).reason);
    case venue::EventType::order_canceled:
      return take_canceled(read<venue::OrderCanceled>(event).reason);
    case venue::EventType::session_notice:
      return take_notice(read<venue::SessionNotice>(event));
    case venue::EventType::control_result:
      return take_answer(read<venue::ControlResult>(event));
    case venue::EventType::feed_state:
      return take_state(read<venue::FeedState>(event).state);
    case venue::EventType::feed_execute:
      return count(Branch::traded);
    case venue::EventType::feed_cross:
      ++crosses_;
      return;
    case venue::EventType::feed_collar:
      if (read<venue::FeedCollar>(event).extensions > 0) count(Branch::call_extended);
      return;
    default:
      return;
  }
}

template <typename Event>
void Counter::follow(const Event& event) {
  triggers_[name_of(event.header.session, event.user_reference)] = event.trigger_e4;
}

// One that goes where it would not have gone with the trigger that it began with.
void Counter::take_triggered(const venue::StopTriggered& triggered) {
  count(Branch::stop_triggered);
  const auto began = triggers_.find(name_of(triggered.header.session, triggered.user_reference));
  if (began == triggers_.end()) return;
  count(Branch::trailing_stop_triggered);
  const bool is_beyond = triggered.side == Side::buy ? triggered.last_price_e4 < began->second
                                                     : triggered.last_price_e4 > began->second;
  if (is_beyond) count(Branch::trailing_stop_moved);
}

void Counter::take_accepted(const venue::OrderAccepted& accepted) {
  switch (static_cast<market::TimeInForce>(accepted.time_in_force)) {
    case market::TimeInForce::day:
      return;
    case market::TimeInForce::good_till_cancel:
      return count(Branch::till_cancelled);
    case market::TimeInForce::good_till_date:
      return count(Branch::till_date);
    case market::TimeInForce::immediate_or_cancel:
      return count(Branch::immediate);
    case market::TimeInForce::fill_or_kill:
      return count(Branch::fill_or_kill);
    case market::TimeInForce::at_auction:
      return count(Branch::at_auction);
  }
}

void Counter::take_rejected(venue::Reason reason) {
  if (reason == venue::Reason::cannot_fill) count(Branch::cannot_fill);
  if (reason == venue::Reason::day_has_ended) count(Branch::last_day_is_over);
  if (reason == venue::Reason::nothing_to_follow) count(Branch::nothing_to_follow);
}

void Counter::take_canceled(venue::Reason reason) {
  if (reason == venue::Reason::auction_ended) count(Branch::left_with_call);
  if (reason == venue::Reason::day_over) count(Branch::left_with_day);
  if (reason == venue::Reason::stop_refused || reason == venue::Reason::halted) {
    count(Branch::stop_refused);
  }
}

void Counter::take_notice(const venue::SessionNotice& notice) {
  const bool is_stop = notice.state != venue::InstrumentState::full;
  if (notice.scope == venue::Scope::member && is_stop) count(Branch::member_halted);
}

void Counter::take_state(venue::InstrumentState state) {
  if (state == venue::InstrumentState::auction_call) count(Branch::call_opened);
  if (state == venue::InstrumentState::halted || state == venue::InstrumentState::cancel_only) {
    count(Branch::halted);
  }
}

void Counter::take_answer(const venue::ControlResult& result) {
  const bool is_by_clock = result.command == venue::CommandType::advance_plan;
  tally_.count(is_by_clock ? Branch::call_ended_by_clock : Branch::call_ended_by_act, crosses_);
  crosses_ = 0;
  switch (result.reason) {
    case venue::Reason::none:
      return take_done(result);
    case venue::Reason::no_auction_price:
      return count(Branch::call_without_price);
    case venue::Reason::state_forbids:
      return count(Branch::state_forbids_act);
    case venue::Reason::times_not_ascending:
      return count(Branch::plan_refused);
    case venue::Reason::day_has_ended:
    case venue::Reason::day_is_ending:
      return count(Branch::day_refused);
    case venue::Reason::approval_missing:
      return count(Branch::approval_missing);
    case venue::Reason::approval_wrong:
      return count(Branch::approval_wrong);
    case venue::Reason::approval_expired:
      return count(Branch::approval_expired);
    case venue::Reason::stale_control_number:
      return count(Branch::stale_act);
    default:
      return;
  }
}

void Counter::take_done(const venue::ControlResult& result) {
  switch (result.command) {
    case venue::CommandType::set_price_limits:
      return count(Branch::limits_moved);
    case venue::CommandType::set_trading_plan:
      // It affects as many as it has phases.
      return count(result.affected == 0 ? Branch::plan_taken_back : Branch::plan_set);
    case venue::CommandType::advance_plan:
      return count(Branch::plan_advanced);
    case venue::CommandType::end_day:
      ++days_ended_by_act_;
      return count(Branch::day_ended_by_act);
    default:
      return;
  }
}

}  // namespace

void count_told(const EventHistory& events, std::uint64_t days_ended, Tally& tally) {
  Counter counter(tally);
  for (std::uint64_t number = 1; number <= events.last(); ++number) {
    counter.take(events.event(number));
  }
  tally.count(Branch::day_ended_by_plan, days_ended - counter.days_ended_by_act());
}

}  // namespace okiagari::simulation

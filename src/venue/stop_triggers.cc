#include "venue/stop_triggers.h"

#include <algorithm>

#include "venue/match_recorder.h"
#include "venue/reservations.h"

namespace okiagari::venue {

void StopTriggers::let_go() {
  for (std::uint32_t gone = 0; !state_.stops.pending().empty();) {
    const InstrumentId instrument = state_.stops.pending().front();
    const std::optional<market::Stop> next = state_.stops.next(instrument);
    if (!next) {
      state_.stops.end_reach(state_.instruments, instrument);
    } else if (gone++ < state_.limits.steps.stops_triggered) {
      trigger(*next);
    } else {
      return;
    }
  }
}

// What it held back is let go before it trades, and its rest holds back its own.
void StopTriggers::trigger(const market::Stop& stop) {
  state_.stops.remove(state_.instruments, stop);
  release(state_, stop, stop.quantity);
  // The search of a day's end has not come to it.
  const DayEnd& day_end = state_.day_end;
  if (day_end.is_running && day_end.takes(stop.time_in_force, stop.last_day, stop.reference)) {
    return cancel(stop, Reason::day_over);
  }
  if (state_.members[stop.member].halted) return cancel(stop, Reason::halted);

  // A market buy goes no further than the money that it held back, also when the day's limits are
  // others by now.
  const Instrument& instrument = state_.instruments[stop.instrument];
  const bool is_limit = stop.type == market::PriceType::limit;
  const PriceTicks worst =
      stop.side == Side::buy ? std::min(stop.price, instrument.high_limit) : instrument.low_limit;
  const market::Incoming incoming{
      .key = stop.key,
      .reference = state_.counters.order_reference + 1,
      .price = is_limit ? stop.price : worst,
      .quantity = stop.quantity,
      .account = stop.account,
      .instrument = stop.instrument,
      .member = stop.member,
      .side = stop.side,
      .type = market::PriceType::limit,
      .time_in_force = is_limit ? stop.time_in_force : market::TimeInForce::immediate_or_cancel,
      .self_trade = stop.self_trade,
      .post_only = false,
      .executed = 0,
      .last_day = is_limit ? stop.last_day : std::uint16_t{0},
  };
  MatchRecorder recorder(state_, events_, state_.sessions[session_of(stop.key)], incoming);
  recorder.triggers();
  const market::Submitted submitted = state_.books.submit(incoming, recorder);
  if (submitted.result != market::SubmitResult::done) return cancel(stop, Reason::stop_refused);
  recorder.finish(submitted);
}

void StopTriggers::cancel(const market::Stop& stop, Reason reason) {
  OrderCanceled& canceled =
      events_.to_session<OrderCanceled>(state_.sessions[session_of(stop.key)], 0);
  canceled.user_reference = user_reference_of(stop.key);
  canceled.quantity = stop.quantity;
  canceled.reason = reason;
}

}  // namespace okiagari::venue

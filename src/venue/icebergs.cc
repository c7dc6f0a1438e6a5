#include "venue/icebergs.h"

#include "venue/reservations.h"

namespace okiagari::venue {

OrderReference show_next_peak(VenueState& state, EventWriter& events, const market::Order& order,
                              QuantityLots shown) {
  Session& session = state.sessions[session_of(order.key)];
  const DayEnd& day_end = state.day_end;
  // Under a new reference it would be taken for one that came after the day.
  if (day_end.is_running && day_end.takes(order.time_in_force, order.last_day, order.reference)) {
    const QuantityLots open = state.books.open_lots(order);
    release(state, order, open);
    OrderCanceled& canceled = events.to_session<OrderCanceled>(session, 0);
    canceled.user_reference = user_reference_of(order.key);
    canceled.quantity = open;
    canceled.reason = Reason::day_over;
    return 0;
  }
  const OrderReference reference = ++state.counters.order_reference;
  PeakShown& told = events.to_session<PeakShown>(session, 0);
  told.user_reference = user_reference_of(order.key);
  told.quantity = shown;
  told.reference = reference;

  FeedAdd& published = events.to_feed<FeedAdd>();
  published.reference = reference;
  published.quantity = shown;
  published.price_e4 = state.instruments[order.instrument].price_e4(order.price);
  published.instrument = order.instrument;
  published.side = order.side;
  return reference;
}

}  // namespace okiagari::venue

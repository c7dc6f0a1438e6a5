// What becomes of an iceberg whose displayed part has traded: who is told of what it shows next.
// What does not belong here: what is hidden, and where it queues (market/order_books.h).
#pragma once

#include "base/types.h"
#include "market/order.h"
#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

// Before the books show the next `shown` lots of it: returns the reference under which they are on
// the feed. 0: the order ends instead, because its day has ended and the search of the day's end
// has not come to it.
[[nodiscard]] OrderReference show_next_peak(VenueState& state, EventWriter& events,
                                            const market::Order& order, QuantityLots shown);

}  // namespace okiagari::venue

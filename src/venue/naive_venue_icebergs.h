// NaiveVenue, what it does with orders that show a part of themselves.
#pragma once

#include <algorithm>
#include <string>

#include "venue/naive_venue.h"

namespace okiagari::venue {

// The reason to refuse, empty when there is none.
inline std::string NaiveVenue::refusal_of_display(const market::Incoming& order) {
  if (order.display == 0) return "";
  if (order.type == market::PriceType::market || !rests_for_good(order)) return "not supported";
  QuantityLots peaks = 0;
  for (std::uint64_t lots = 0; lots < order.quantity && peaks < 101; lots += order.display) {
    ++peaks;
  }
  return peaks > 100 ? "too many peaks" : "";
}

// Of one of which nothing is displayed any more.
inline void NaiveVenue::tell_shown(const Resting& iceberg, OrderReference reference) {
  const market::Incoming& order = iceberg.order;
  const QuantityLots shown = std::min(order.display, iceberg.hidden);
  say(static_cast<SessionId>(order.key >> 32), "shown {}: {}, reference {}",
      static_cast<std::uint32_t>(order.key), shown, reference);
  feed("add {}: {} {} of {} at {}", reference, name_of(order.side), shown, order.instrument,
       e4(order.price));
}

// To so much that is open. The feed does not see what was hidden.
inline void NaiveVenue::reduce(const Resting& order, QuantityLots open) {
  books_.reduce(order.order.key, open);
  const QuantityLots shown = books_.find(order.order.key)->remaining;
  if (shown == order.remaining) return;
  feed("reduce {}: by {}", order.order.reference, order.remaining - shown);
}

inline std::string NaiveVenue::shows(const market::Incoming& order) {
  return order.display == 0 ? "" : fmt::format(", shows {}", order.display);
}

inline void NaiveVenue::apply(const NewIceberg& c) {
  if (!admit(c.header, "new iceberg")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = c.display == 0 ? "malformed" : enter(c, c.display);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
}
inline void NaiveVenue::apply(const ReplaceIceberg& c) {
  if (!admit(c.header, "replace iceberg")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = replace(c, c.display);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
}

}  // namespace okiagari::venue

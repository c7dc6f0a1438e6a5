// Stop orders until they go: new ones and their replacements. They take numbers, money and checks
// like other orders; the books and the feed know nothing of them.
#pragma once

#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/order_checks.h"
#include "venue/order_entry.h"
#include "venue/state.h"

namespace okiagari::venue {

class StopEntry {
 public:
  StopEntry(VenueState& state, EventWriter& events, OrderEntry& orders)
      : state_(state), events_(events), orders_(orders), checks_(state) {}

  void enter(const NewStop& command, Session& session);
  // Of one that waits. Keeps its place when nothing but its quantity becomes less.
  void replace(const ReplaceStop& command, Session& session);

  // Its number is used up and `reason` is its answer.
  template <typename Command>
  void refuse(const Command& command, Session& session, Reason reason) {
    const OrderEntry::Name name = OrderEntry::name_of(command);
    if (orders_.take_number(name, session)) orders_.reject(name, session, reason);
  }

 private:
  [[nodiscard]] Reason try_to_enter(const NewStop& command, Session& session);
  [[nodiscard]] Reason try_to_replace(const ReplaceStop& command, Session& session);
  void hold(const market::Stop& stop);
  void tell_replaced(const ReplaceStop& command, const market::Stop& stop, Session& session);

  VenueState& state_;
  EventWriter& events_;
  OrderEntry& orders_;
  OrderChecks checks_;
};

}  // namespace okiagari::venue

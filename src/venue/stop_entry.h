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

  // A new stop: NewStop or NewTrailingStop.
  template <typename Command>
  void enter(const Command& command, Session& session) {
    const OrderEntry::Name name = OrderEntry::name_of(command);
    if (!orders_.take_number(name, session)) return;
    const Reason reason = try_to_enter(command, session);
    if (reason != Reason::none) orders_.reject(name, session, reason);
  }
  // Of one that waits: ReplaceStop or ReplaceTrailingStop, whatever it was. Keeps its place when
  // nothing but its quantity becomes less.
  template <typename Command>
  void replace(const Command& command, Session& session) {
    const OrderEntry::Name name = OrderEntry::name_of(command);
    if (!orders_.take_number(name, session)) return;
    const Reason reason = try_to_replace(command, session);
    if (reason != Reason::none) orders_.reject(name, session, reason);
  }

  // Its number is used up and `reason` is its answer.
  template <typename Command>
  void refuse(const Command& command, Session& session, Reason reason) {
    const OrderEntry::Name name = OrderEntry::name_of(command);
    if (orders_.take_number(name, session)) orders_.reject(name, session, reason);
  }

 private:
  template <typename Command>
  [[nodiscard]] Reason try_to_enter(const Command& command, Session& session);
  template <typename Command>
  [[nodiscard]] Reason try_to_replace(const Command& command, Session& session);
  void put_in_place(const market::Stop& original, market::Stop& stop);
  void hold(const market::Stop& stop);
  template <typename Event, typename Command>
  Event& tell_accepted(const Command& command, const market::Stop& stop, Session& session);
  template <typename Event, typename Command>
  Event& tell_replaced(const Command& command, const market::Stop& stop, Session& session);
  void tell(const NewStop& command, const market::Stop& stop, Session& session);
  void tell(const NewTrailingStop& command, const market::Stop& stop, Session& session);
  void tell(const ReplaceStop& command, const market::Stop& stop, Session& session);
  void tell(const ReplaceTrailingStop& command, const market::Stop& stop, Session& session);

  VenueState& state_;
  EventWriter& events_;
  OrderEntry& orders_;
  OrderChecks checks_;
};

}  // namespace okiagari::venue

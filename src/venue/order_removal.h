// How live orders, those that wait for their trigger too, leave other than by trading: cancels,
// mass cancels, cancel on disconnect.
#pragma once

#include <cstdint>
#include <vector>

#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

class OrderRemoval {
 public:
  OrderRemoval(VenueState& state, EventWriter& events) : state_(state), events_(events) {}

  void cancel(const CancelOrder& command, Session& session);
  void mass_cancel(const MassCancel& command, Session& session);

  // Their answer is `reason`; a mass cancel's number is used up.
  void refuse(const CancelOrder& command, Session& session, Reason reason);
  void refuse(const MassCancel& command, Session& session, Reason reason);

  // Takes out all orders of a session whose instruments take cancels; the others are left.
  struct Count {
    std::uint32_t removed = 0;
    std::uint32_t left = 0;
  };
  Count cancel_all(Session& session, Reason reason);

  // Takes out one that rests or waits, whatever the state of its instrument: its day is over.
  void expire(market::OrderKey key);

 private:
  static constexpr std::uint8_t kBothSides = 2;

  // What a mass cancel is for.
  struct Selection {
    InstrumentId instrument = 0;  // 0: all
    std::uint8_t side = kBothSides;
  };

  Count remove(Session& session, const Selection& selection, Reason reason,
               std::uint32_t stream_number);
  void take_out(const market::Order& order, Session& session, Reason reason,
                std::uint32_t stream_number);
  void cancel_waiting(const CancelOrder& command, const market::Stop& stop, Session& session);
  void take_out(const market::Stop& stop, Session& session, Reason reason,
                std::uint32_t stream_number);
  void tell_canceled(market::OrderKey key, QuantityLots gone, QuantityLots left, Reason reason,
                     Session& session, std::uint32_t stream_number);
  template <typename Order>
  void remove(const Order& order, const Selection& selection, Session& session, Reason reason,
              std::uint32_t stream_number, Count& count);
  void count_out(const market::Order& order, QuantityLots lots);
  // Of an order in the books.
  void reduce(const market::Order& order, QuantityLots remaining, Session& session,
              std::uint32_t stream_number);
  // False when the number is not fresh; then it is answered, or is a repeat that needs no answer.
  [[nodiscard]] bool take_number(const MassCancel& command, Session& session);
  void reject(std::uint32_t user_reference, const CommandHeader& header, Session& session,
              Reason reason);

  VenueState& state_;
  EventWriter& events_;
  std::vector<market::OrderKey> keys_;  // scratch
};

}  // namespace okiagari::venue

// Calls of instruments from their opening to their uncross: the orders that come to rest in them,
// what is told meanwhile, and how they end.
#pragma once

#include <cstdint>
#include <vector>

#include "market/uncross.h"
#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

class CallAuctions {
 public:
  CallAuctions(VenueState& state, EventWriter& events) : state_(state), events_(events) {}

  // Orders rest from now on without matching.
  void open(InstrumentId instrument);

  // Ends the call: trades at one price and takes out what market orders are left. Any other reason
  // than none: it goes on, nothing has traded; outside_collar: and it has been extended.
  [[nodiscard]] Reason uncross(InstrumentId instrument);
  // Takes out what does not outlive the auction: its market orders and those for it alone. The call
  // stays.
  void expire(InstrumentId instrument) {
    expire(instrument, state_.calls.may_hold_at_auction(instrument));
  }

  // At the end of each command: tells the feed of prices that are others than before.
  void tell_changes() {
    if (!state_.calls.touched().empty()) [[unlikely]] {
      tell_prices();
    }
  }

 private:
  [[nodiscard]] Reason reason_to_go_on(InstrumentId instrument, const market::AuctionPrice& price);
  [[nodiscard]] bool is_crossed(InstrumentId instrument) const;
  void trade(InstrumentId instrument, const market::AuctionPrice& price);
  void settle(const Instrument& instrument, const market::Order& order, QuantityLots lots,
              PriceTicks price);
  void tell_execution(const Instrument& instrument, const market::Order& order, QuantityLots lots,
                      PriceTicks price);
  void expire(InstrumentId instrument, bool may_hold_at_auction);
  void expire(Side side, InstrumentId instrument, bool may_hold_at_auction);
  void tell_collar(InstrumentId instrument);
  void tell_prices();

  VenueState& state_;
  EventWriter& events_;
  market::AuctionFiller filler_;
  std::vector<market::OrderKey> keys_;  // scratch
};

}  // namespace okiagari::venue

// Lets stop orders go that trades have reached: after each command, one by one, each as an order
// that has just come, whose own trades may reach others. At most Steps::stops_triggered after
// one command; what is left goes on after the next one, whatever that is.
#pragma once

#include <cstdint>

#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

class StopTriggers {
 public:
  StopTriggers(VenueState& state, EventWriter& events) : state_(state), events_(events) {}

  void run() {
    if (!state_.stops.pending().empty()) [[unlikely]] {
      let_go();
    }
  }

 private:
  void let_go();
  void trigger(const market::Stop& stop);
  void cancel(const market::Stop& stop, Reason reason);

  VenueState& state_;
  EventWriter& events_;
};

}  // namespace okiagari::venue

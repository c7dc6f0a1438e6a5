// What the replicas themselves put into the log: checkpoints and what was found at them, and
// commands that are to be left out. It comes from gateway 0 only; a gateway has no part in it.
#pragma once

#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/scrub.h"
#include "venue/state.h"
#include "venue/venue.h"

namespace okiagari::venue {

class Upkeep {
 public:
  Upkeep(VenueState& state, EventWriter& events) : state_(state), events_(events) {}

  // state_hash is left to the end of the batch.
  void checkpoint(const Checkpoint& command, Venue::CheckpointFinding& finding);
  void checkpoint(const CheckpointInSteps& command, Venue::CheckpointFinding& finding);
  void attest(const Attest& command);
  void quarantine(const Quarantine& command);

 private:
  // Of the next slice, with `orders_max` orders of the walk or, when that is 0, those of its
  // instruments.
  void find(std::uint64_t number, std::uint32_t orders_max, Venue::CheckpointFinding& finding);
  [[nodiscard]] bool is_from_replica(const CommandHeader& header);

  VenueState& state_;
  EventWriter& events_;
  Scrub scrub_;
};

}  // namespace okiagari::venue
